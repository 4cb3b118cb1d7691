"""Undoing a change brings back exactly what was before it, and undoing that what came after."""

import random
from typing import Any

import pytest
from django.urls import reverse

from corsadmin.models import Generation, Origin, PathRule, Tenant, TenantHost, generation
from tests.admin.forms import fields_of
from tests.admin.imports import check, confirm, document
from tests.admin.undoing import last_number, page, stored, undo
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantHostFactory,
    TenantMemberFactory,
    make_site,
)

pytestmark = pytest.mark.slow

NAMES = ("a", "b", "c")
ORIGIN: dict[str, Any] = {
    "pattern": ["https://x.example", "https://*.y.example", "capacitor://localhost"],
    "credentials": [True, False],
    "enabled": [True, False],
    "scope": ["", "/api/", "/other/"],
    "note": ["", "OPS-1", "two\nlines"],
}
RULE: dict[str, Any] = {
    "path": ["/x/", "/y", "/*/z/"],
    "enabled": [True, False],
    "methods": [["GET"], ["GET", "PUT"], []],
    "max_age": [None, 0, 600],
    "exclusive": [True, False],
}
TENANT: dict[str, Any] = {
    "name": ["", "Name"],
    "is_active": [True, False],
    "inherits_platform": [True, False],
}


def change_row(rng, row, fields):
    for name in rng.sample(sorted(fields), 2):
        setattr(row, name, rng.choice(fields[name]))
    is_taken = type(row).objects.exclude(pk=row.pk).filter(**_key(row)).exists()
    if not is_taken:  # pragma: no branch (chance)
        row.save()


def _key(row):
    names = {
        Origin: ("tenant", "pattern", "scope"),
        PathRule: ("tenant", "path"),
        Tenant: ("slug",),
    }
    return {name: getattr(row, name) for name in names[type(row)]}


def save_rows(rng, client):
    """Add, change and delete some rows of all models in one change."""
    with generation.change():
        for kind, fields in ((Origin, ORIGIN), (PathRule, RULE), (Tenant, TENANT)):
            for row in kind.objects.exclude(pk=Tenant.objects.platform().pk):
                act = rng.choice([change_row, delete_row, leave_row])
                act(rng, row, fields)
        for tenant in Tenant.objects.exclude(slug="platform"):
            OriginFactory(tenant=tenant)
            PathRuleFactory(tenant=tenant, path=f"/new/{rng.random()}/")
            TenantMemberFactory(tenant=tenant)
        new = make_site(f"new-{rng.randrange(10**6)}", origins=["https://new.example"])
        for host in TenantHost.objects.exclude(tenant=new)[:1]:
            host.tenant = new
            host.save()


def delete_row(_rng, row, _fields):
    row.delete()


def leave_row(_rng, _row, _fields):
    pass


def act_on_rows(rng, client):  # pragma: no cover (only the first row of a sweep is measured)
    """Disable or delete some origins by an action."""
    keys = list(Origin.objects.values_list("pk", flat=True))
    url = reverse("admin:corsadmin_origin_changelist")
    some = rng.sample(keys, rng.randint(2, len(keys)))
    name = rng.choice(["disable", "delete_selected"])
    sent = {"action": name, "_selected_action": some, "index": "0", "change_reason": "x"}
    asked = client.post(url, {**sent, "post": "yes", "confirm_lockout": "on"})
    if asked.status_code == 200:
        client.post(url, {**fields_of(asked), **sent, "confirm_lockout": "on"})


def import_file(rng, client):  # pragma: no cover (only the first row of a sweep is measured)
    """Import a file that changes, adds and removes, and brings a tenant."""
    tenants: list[dict[str, Any]] = [
        {
            "slug": slug,
            "origins": [
                {"pattern": pattern, "credentials": rng.random() < 0.5}
                for pattern in ORIGIN["pattern"][: rng.randint(0, 3)]
            ],
            "paths": [{"path": path} for path in RULE["path"][: rng.randint(0, 3)]],
        }
        for slug in ("a", "b", "brought")
    ]
    shown = check(client, document(*tenants), prune="on", change_reason="x")
    assert confirm(client, shown, change_reason="x", confirm_lockout="on").status_code == 302


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("change", [save_rows, act_on_rows, import_file])
def test_undo_brings_back_what_was_and_undoing_that_what_came(superuser, change, seed):
    for slug in NAMES:
        tenant = make_site(slug, origins=[f"https://{slug}.example", f"https://2.{slug}.example"])
        OriginFactory(tenant=tenant, note="kept", credentials=True)
        TenantHostFactory(tenant=tenant, host=f"two.{slug}.example")
    before = stored()
    change(random.Random(seed), superuser)
    after, moves = stored(), Generation.objects.get().value
    assert after != before
    number = last_number()

    done = undo(superuser, number)

    assert done.status_code == 302, (done.context["refused"], done.context["plan"])
    assert stored() == before
    assert Generation.objects.get().value == moves + 1
    assert last_number() != number
    again = undo(superuser)
    assert again.status_code == 302, again.context["refused"]
    assert stored() == after


def test_an_undo_says_in_the_history_what_it_undid(superuser, acme):
    entry = acme.origins.get()
    entry.delete()
    number = last_number()

    undo(superuser, number, change_reason="OPS-7")

    version = Origin.history.latest("history_id")
    assert version.history_change_reason == f"Undo of change {number}: OPS-7"
    assert version.history_user.username == "superuser"
    assert superuser.get(page(number)).context["plan"].steps == []
