"""Undo changes as a browser would, and read what the pages say."""

from typing import Any

from django.urls import reverse

from corsadmin.admin.history.change_number import change_number
from corsadmin.models import Emergency, Origin, PathRule, Tenant, TenantHost, TenantMember
from tests.admin.forms import fields_of

KINDS: Any = (Tenant, TenantHost, PathRule, Origin, TenantMember)
_UNLIKE = {"created", "modified", "generation"}


def stored():
    """Return every row of every model, without what no undo brings back."""
    return {
        kind: {
            row.pk: {
                field.attname: getattr(row, field.attname)
                for field in kind._meta.concrete_fields
                if field.name not in _UNLIKE
            }
            for row in kind.objects.all()
        }
        for kind in KINDS
    }


def last_number():
    """Return the number of the latest change."""
    kinds = (*KINDS, Emergency)
    found = (kind.history.order_by("-history_date").first() for kind in kinds)
    return change_number(max(version.history_date for version in found if version))


def page(number=None):
    return reverse("admin:corsadmin_tenant_undo", args=[number or last_number()])


def undo(client, number=None, shown=None, **changes):
    """Press *Undo this change* in a page, some fields having been changed."""
    url = page(number)
    shown = client.get(url) if shown is None else shown
    assert shown.status_code == 200, shown
    given = {"change_reason": "OPS-1", "confirm_lockout": "on", "undo": "Undo this change"}
    return client.post(url, {**fields_of(shown), **given, **changes})


def steps(response):
    return [(step.title, step.action, step.forbidden) for step in response.context["plan"].steps]


def notes(response):
    plan = response.context["plan"]
    return [(note.title, note.text) for note in [*plan.later, *plan.full, *plan.notes]]
