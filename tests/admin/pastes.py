"""Paste origins as a browser would: look at each line first, then press the button."""

from django.urls import reverse

from tests.admin.forms import fields_of
from tests.messages.screens import filled


def page(tenant):
    return reverse("admin:corsadmin_tenant_paste", args=[tenant.pk])


def paste(client, tenant, lines, **extra):
    values = {"lines": "\n".join(lines), "change_reason": "OPS-3", "check": "Check", **extra}
    return client.post(page(tenant), values)


def add(client, tenant, lines, *, change_reason="OPS-3", **given):
    """Look at lines, then add those that are right."""
    shown = paste(client, tenant, lines, **given)
    values = {**fields_of(shown), "change_reason": change_reason, "add": "Add"}
    return client.post(page(tenant), values)


def in_words(origins, hosts=0):
    """Return how many origins and hosts there are, as the pages say it."""
    named = filled("paste-origins", count=origins)
    if not hosts:
        return named
    others = filled("paste-hosts", count=hosts)
    return filled("paste-origins-and-hosts", origins=named, hosts=others)
