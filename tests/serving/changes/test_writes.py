"""Every way to write is seen by whom it concerns."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.core import serializers
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, generation
from corsadmin.serving import loader
from tests.factories import OriginFactory, UserFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, counter

APP = "https://app.example.com"
NEW = "https://new.example.com"


def bulk_update(row: Tenant) -> None:
    entry = row.origins.get()
    entry.pattern = NEW
    Origin.objects.bulk_update([entry], ["pattern"])


def raw(row: Tenant) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE corsadmin_origin SET pattern = %s", [NEW])
        generation.reload_everything()


def load_fixture(row: Tenant) -> None:
    entry = OriginFactory(tenant=row, pattern=NEW)
    text = serializers.serialize("json", [entry, row])
    entry.delete()
    with TemporaryDirectory() as folder:
        path = Path(folder, "fixture.json")
        path.write_text(text, encoding="utf-8")
        call_command("loaddata", str(path), verbosity=0)


WRITES: dict[str, Callable[[Tenant], object]] = {
    "R10 save": lambda row: OriginFactory(tenant=row, pattern=NEW),
    "R10 get_or_create": lambda row: row.origins.get_or_create(pattern=NEW),
    "R10 update_or_create": lambda row: row.origins.update_or_create(pattern=NEW),
    "R10 update": lambda row: row.origins.update(pattern=NEW),
    "R10 bulk_create": lambda row: Origin.objects.bulk_create([Origin(tenant=row, pattern=NEW)]),
    "R10 bulk_create with conflicts": lambda row: Origin.objects.bulk_create(
        [Origin(tenant=row, pattern=APP, note="x"), Origin(tenant=row, pattern=NEW)],
        update_conflicts=True,
        unique_fields=["tenant", "pattern", "scope"],
        update_fields=["note"],
    ),
    "R10 bulk_update": bulk_update,
    "R10 add to the related set": lambda row: row.origins.add(Origin(pattern=NEW), bulk=False),
    "R10 raw SQL, announced": raw,
    "R12 loaddata, entries before their tenant": load_fixture,
}


@pytest.mark.parametrize("name", WRITES)
def test_every_way_to_write_is_seen_by_whom_it_concerns(acme: Tenant, name: str) -> None:
    known = loader.load("default")
    before = counter()

    WRITES[name](acme)

    assert counter() != before
    assert allowed(loader.load("default", known), NEW)


def raw_delete(row: Tenant) -> None:
    row.origins.all()._raw_delete("default")
    generation.reload_everything()


REMOVALS: dict[str, Callable[[Tenant], object]] = {
    "R11 delete an entry": lambda row: row.origins.get().delete(),
    "R11 delete by queryset": lambda row: row.origins.all().delete(),
    "R11 disable": lambda row: row.origins.update(enabled=False),
    "R11 delete the tenant": lambda row: row.delete(),
    "R11 delete tenants by queryset": lambda row: Tenant.objects.filter(pk=row.pk).delete(),
    "R11 deactivate the tenant": lambda row: Tenant.objects.filter(pk=row.pk).update(
        is_active=False
    ),
    "R11 rename the host": lambda row: row.hosts.update(host="elsewhere.example.net"),
    "R11 move the host": lambda row: TenantHost.objects.update(tenant=make_site("heir")),
    "R11 delete the host": lambda row: row.hosts.get().delete(),
    "R11 delete the rule": lambda row: PathRule.objects.all().delete(),
    "R11 disable the rule": lambda row: row.paths.update(enabled=False),
    "R11 move the entry": lambda row: row.origins.update(tenant=make_site("heir")),
    "R11 raw delete, announced": raw_delete,
}


@pytest.mark.parametrize("name", REMOVALS)
def test_every_way_to_take_away_is_seen_by_whom_it_concerns(acme: Tenant, name: str) -> None:
    known = loader.load("default")

    REMOVALS[name](acme)

    assert not allowed(loader.load("default", known), APP)


def test_r11_the_platforms_entries_concern_every_heir(acme: Tenant) -> None:
    known = loader.load("default")
    assert not allowed(known, NEW)

    OriginFactory(tenant=Tenant.objects.platform(), pattern=NEW)

    assert allowed(loader.load("default", known), NEW)


@pytest.fixture
def admin(database: Database, settings: Any) -> Client:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def test_r13_an_admin_action_on_many_rows_is_one_change(acme: Tenant, admin: Client) -> None:
    for number in range(50):
        OriginFactory(tenant=acme, pattern=f"https://n{number}.example")
    known, before = loader.load("default"), counter()
    assert Origin in site._registry

    answer = admin.post(
        "/admin/corsadmin/origin/",
        {
            "action": "delete_selected",
            "_selected_action": list(acme.origins.values_list("pk", flat=True)),
            "post": "yes",
            "confirm_lockout": "on",
        },
    )

    assert answer.status_code == 302
    assert counter() == before + 1
    assert not allowed(loader.load("default", known), APP)


@pytest.mark.slow
def test_r18_an_import_of_ten_thousand_rows_is_one_change(acme: Tenant) -> None:
    known, before = loader.load("default"), counter()

    with generation.change():
        for start in range(0, 10_000, 1_000):
            Origin.objects.bulk_create(
                Origin(tenant=acme, pattern=f"https://n{number}.example")
                for number in range(start, start + 1_000)
            )

    assert counter() == before + 1
    assert allowed(loader.load("default", known), "https://n9999.example")
