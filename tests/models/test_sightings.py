"""The tables of what callers really did: they bind nothing, and nothing hears of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from corsadmin.models import (
    Dismissal,
    EntrySeen,
    Origin,
    RuleNames,
    Sighting,
    Tenant,
    Traffic,
    UnknownHost,
    Unseen,
    UpkeepTurn,
)
from corsadmin.models.access import Access
from corsadmin.models.counter import read_counter
from tests.factories import OriginFactory, TenantFactory, TenantMemberFactory, UserFactory

pytestmark = pytest.mark.django_db

APP = "https://app.example.com"
DAY = date(2026, 11, 30)
HOUR = datetime(2026, 11, 30, 7, tzinfo=UTC)
NAMES = (
    "Dismissal",
    "EntrySeen",
    "RuleNames",
    "Sighting",
    "Traffic",
    "UnknownHost",
    "Unseen",
    "UpkeepTurn",
)
MODELS = [apps.get_model("corsadmin", name) for name in NAMES]


def make_all(tenant: Tenant) -> list[models.Model]:
    """Store a row of each kind for a tenant."""
    entry = OriginFactory(tenant=tenant, pattern=APP)
    rows: list[models.Model] = [
        Sighting(tenant=tenant, rule="/api/", origin=APP, reason="origin-expired"),
        Traffic(tenant=tenant, outcome="allowed", hour=HOUR, calls=7),
        EntrySeen(entry=entry, first_day=DAY, last_day=DAY),
        RuleNames(tenant=tenant, rule="/api/", first_day=DAY, last_day=DAY),
        Unseen(tenant=tenant, hour=HOUR, turned_away=1),
        Dismissal(tenant=tenant, origin=APP, by="eve"),
        UnknownHost(host=f"{tenant.slug}.example.net"),
        UpkeepTurn(begun=HOUR),
    ]
    for row in rows:
        row.save()
    return rows


def test_rows_say_what_they_are() -> None:
    rows = make_all(TenantFactory(slug="acme"))

    assert [str(row) for row in rows] == [
        f"{APP} origin-expired /api/",
        "allowed 2026-11-30 07:00",
        f"{rows[2].pk}: 2026-11-30",
        "/api/: 2026-11-30",
        "2026-11-30 07:00",
        APP,
        "acme.example.net",
        "2026-11-30 07:00",
    ]


def test_a_row_is_counted_from_its_first_sight() -> None:
    before = timezone.now()
    row, *_others, dismissal, host, _turn = make_all(TenantFactory())

    assert isinstance(row, Sighting)
    assert isinstance(dismissal, Dismissal)
    assert isinstance(host, UnknownHost)
    assert (row.hours, row.calls, row.preflights, row.is_kin) == (1, 0, 0, False)
    assert (row.methods, row.request_headers) == ([], [])
    assert before <= row.first_seen <= row.last_seen <= host.last_seen
    assert timedelta(days=89) < dismissal.until - before < timedelta(days=91)


def test_no_row_moves_the_generation_nor_has_a_history() -> None:
    acme = TenantFactory()
    OriginFactory(tenant=acme)
    entry = acme.origins.get()
    before = read_counter("default")

    Sighting.objects.create(tenant=acme, origin=APP, reason="no-rule")
    EntrySeen.objects.create(entry=entry, first_day=DAY, last_day=DAY)
    EntrySeen.objects.update(calls=8)
    text = serializers.serialize("json", Sighting.objects.all())
    for raw in serializers.deserialize("json", text):
        raw.save()
    Sighting.objects.all().delete()

    assert read_counter("default") == before
    assert not any(hasattr(model, "history") for model in MODELS)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_the_database_knows_no_foreign_key_of_these_tables(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        table = model._meta.db_table
        found = connection.introspection.get_constraints(cursor, table).values()

    assert [one["foreign_key"] for one in found if one["foreign_key"]] == []


def test_a_deleted_tenant_leaves_rows_that_joins_pass_over() -> None:
    acme = TenantFactory()
    make_all(acme)
    make_all(rival := TenantFactory())
    with connection.execute_wrapper(refuse_sightings):
        acme.delete()

    assert Sighting.objects.count() == 2
    assert [row.tenant for row in Sighting.objects.select_related("tenant")] == [rival]
    assert Sighting.objects.filter(tenant__in=Tenant.objects.all()).count() == 1
    assert EntrySeen.objects.select_related("entry").count() == 2
    assert EntrySeen.objects.filter(entry__in=Origin.objects.all()).count() == 1


def refuse_sightings(execute: Any, sql: str, *given: Any) -> Any:
    """Fail where a delete asks for a table of sightings."""
    assert not any(model._meta.db_table in sql for model in MODELS)
    return execute(sql, *given)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda acme: Sighting(tenant=acme, rule="/", origin=APP, reason="origin-expired"),
            id="a sighting",
        ),
        pytest.param(
            lambda acme: Traffic(outcome="no-tenant", hour=HOUR), id="the traffic of no tenant"
        ),
        pytest.param(lambda acme: Unseen(hour=HOUR), id="a full ring"),
        pytest.param(lambda acme: Dismissal(tenant=acme, origin=APP), id="a dismissal"),
    ],
)
def test_each_row_is_there_once(make: Callable[[Tenant], models.Model]) -> None:
    acme = TenantFactory()
    make(acme).save(force_insert=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        make(acme).save(force_insert=True)


def test_rows_that_differ_in_anything_are_two() -> None:
    acme, rival = TenantFactory(), TenantFactory()
    rows = [
        Sighting(tenant=acme, rule="/a", origin="b", reason="c"),
        Sighting(tenant=acme, rule="/", origin="ab", reason="c"),
        Sighting(tenant=acme, rule="/A", origin="b", reason="c"),
        Sighting(tenant=acme, rule="/a", origin="", reason="c"),
        Sighting(tenant=rival, rule="/a", origin="b", reason="c"),
    ]

    Sighting.objects.bulk_create(rows)

    assert Sighting.objects.count() == len({row.pk for row in rows}) == len(rows)
    assert {row.pk.version for row in rows} == {5}  # MariaDB refuses a UUID of no version


def test_permissions_are_to_see_delete_and_dismiss() -> None:
    names = [name.lower() for name in NAMES]
    found = Permission.objects.filter(content_type__model__in=names)

    assert sorted(found.values_list("codename", flat=True)) == [
        "delete_sighting",
        "delete_unknownhost",
        "dismiss_sighting",
        "view_sighting",
        "view_unknownhost",
    ]


def test_members_see_theirs_and_editors_dismiss() -> None:
    acme = TenantFactory()
    viewer, editor = UserFactory(), UserFactory()
    TenantMemberFactory(tenant=acme, user=viewer)
    TenantMemberFactory(tenant=acme, user=editor, role="editor")

    theirs = frozenset({acme.pk})
    for user, dismisses in ((viewer, frozenset()), (editor, theirs)):
        assert Access(user).keys("view", Sighting) == theirs
        assert Access(user).keys("dismiss", Sighting) == dismisses
        assert Access(user).keys("delete", Sighting) == frozenset()
        assert Access(user).keys("view", UnknownHost) == frozenset()


def test_to_a_migration_a_digest_is_a_uuid() -> None:
    name, path, args, kwargs = Sighting._meta.get_field("digest").deconstruct()

    assert (name, path, args) == ("digest", "django.db.models.UUIDField", ())
    assert kwargs == {"primary_key": True, "editable": False, "serialize": False}


@pytest.mark.slow
@pytest.mark.usefixtures("postgresql")
def test_postgresql_keeps_room_for_updates_in_place() -> None:
    def options() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE 'fillfactor=80' = ANY(reloptions)"
                " AND relname LIKE 'corsadmin_%%'"
            )
            return {name.removeprefix("corsadmin_") for (name,) in cursor.fetchall()}

    assert options() == {"sighting", "traffic", "entryseen", "rulenames", "unseen"}
    call_command("migrate", "corsadmin", "0008", verbosity=0)
    assert options() == set()
