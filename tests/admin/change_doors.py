"""The doors through which a change comes in: each takes a client, a row and a reason.

The client has the person who logged in as `person`, and a folder as `folder`.
"""

import contextlib
import io

from django.core.management import CommandError, call_command
from django.urls import reverse

from corsadmin.models import Tenant
from tests.admin.forms import fields_of, submit
from tests.admin.imports import check
from tests.admin.imports import confirm as confirm_import
from tests.admin.opening import file_of, page


def saved(changes=None, without=()):
    """Return the door of a row's own page."""

    def act(client, row, reason):
        given = {**(changes or {}), "change_reason": reason, "confirm_lockout": "on"}
        submit(client, page(row), given, without=without)

    return act


def inline(changes=None, without=()):
    """Return the door of the tenant's page, on which the row is one of its rows."""

    def act(client, row, reason):
        given = {**(changes or {}), "change_reason": reason, "confirm_lockout": "on"}
        rows = type(row).objects.filter(tenant=row.tenant)
        number = [*rows.values_list("pk", flat=True)].index(row.pk)
        named = {name.replace("#", str(number)): value for name, value in given.items()}
        left_out = [name.replace("#", str(number)) for name in without]
        submit(client, page(row.tenant), named, without=left_out)

    return act


def action(name, model="pathrule"):
    """Return the door of an action, whose question is answered with yes."""

    def act(client, row, reason):
        url = reverse(f"admin:corsadmin_{model}_changelist")
        sent = {"action": name, "_selected_action": [row.pk], "index": "0"}
        asked = client.post(url, {**sent, "change_reason": reason})
        if asked.status_code == 200:
            client.post(url, {**fields_of(asked), "change_reason": reason})

    return act


def deleted(client, row, reason):
    """Delete a row on its own page."""
    asked = client.get(page(row, "delete"))
    client.post(page(row, "delete"), {**fields_of(asked), "change_reason": reason})


def put_back(client, row, reason):
    """Put acme back to what it was before the row came."""
    acme = Tenant.objects.get(slug="acme")
    before = row.history.earliest().history_date
    url = reverse("admin:corsadmin_tenant_restore", args=[acme.pk])
    shown = client.get(url, {"before": before.isoformat()})
    client.post(url, {**fields_of(shown), "change_reason": reason, "confirm_lockout": "on"})


def reverted(**fields):
    """Return the door of an old version, in which the row had other fields."""

    def act(client, row, reason):
        now = type(row).objects.get(pk=row.pk)
        old = row.history.latest()
        type(old).objects.filter(pk=old.pk).update(**fields)
        url = reverse(
            f"admin:corsadmin_{row._meta.model_name}_simple_history", args=[now.pk, old.pk]
        )
        submit(client, url, {"change_reason": reason, "confirm_lockout": "on"})

    return act


def imported(*tenants, prune=""):
    """Return the door of the import page."""

    def act(client, _row, reason):
        shown = check(client, file_of(*tenants), **({"prune": prune} if prune else {}))
        if "digest" in shown.context:
            confirm_import(client, shown, change_reason=reason, confirm_lockout="on")

    return act


def commanded(name, *tenants, **options):
    """Return the door of a command that acts for the user."""

    def act(client, _row, reason):
        file = client.folder / "policies.json"
        file.write_text(file_of(*tenants))
        user = client.person.username
        with contextlib.suppress(CommandError):
            call_command(
                name, str(file), user=user, reason=reason, stdout=io.StringIO(),
                stderr=io.StringIO(), **options,
            )  # fmt: skip

    return act
