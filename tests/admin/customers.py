"""Set up a new customer as a browser would: look at the preview first, then press the button."""

from django.contrib.messages import get_messages
from django.urls import reverse

from tests.admin.forms import fields_of

PAGE = "/admin/corsadmin/tenant/new-customer/"
GIVEN = {
    "name": "New Customer Inc.",
    "hosts": "new.example.net",
    "lines": "Hello,\n- https://app.new.example",
    "template": "json-api",
    "path": "/api/",
}


def look(client, **given):
    return client.post(PAGE, {**GIVEN, "check": "Check", **given})


def save(client, shown, **changes):
    values = {"change_reason": "OPS-1", **fields_of(shown), "save": "Save all", **changes}
    return client.post(PAGE, {**values, "change_reason": values["change_reason"] or "OPS-1"})


def tenant_page(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def said(response):
    """Return the messages of the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]
