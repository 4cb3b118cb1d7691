"""Every way to write moves the counter and stamps the tenants it is about."""

import pytest
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import corsadmin
from corsadmin.models import (
    Generation,
    Move,
    Origin,
    PathRule,
    Tenant,
    TenantHost,
    generation,
)
from corsadmin.models.counter import current_generation, is_past, read_counter, removed_since
from tests.factories import OriginFactory, TenantFactory
from tests.models.generation.counter import new_origin, state

pytestmark = pytest.mark.django_db


def upsert(tenant):
    Origin.objects.bulk_create(
        [Origin(tenant=tenant, pattern="https://app.example.com", note="again")],
        update_conflicts=True,
        unique_fields=["tenant", "pattern", "scope"],
        update_fields=["note"],
    )


def bulk_update(tenant):
    row = tenant.origins.get()
    row.note = "changed"
    Origin.objects.bulk_update([row], ["note"])


def load_fixture(tenant):
    text = serializers.serialize("json", [tenant.origins.get()])
    for row in serializers.deserialize("json", text):
        row.save()


STAMPED = {
    "save of a new row": lambda acme: new_origin(acme).save(),
    "save of a changed row": lambda acme: acme.origins.get().save(),
    "save of some fields": lambda acme: acme.origins.get().save(update_fields=["note"]),
    "create": lambda acme: acme.origins.create(pattern="https://new.example"),
    "get_or_create": lambda acme: Origin.objects.get_or_create(
        tenant=acme, pattern="http://n.example"
    ),
    "update_or_create": lambda acme: Origin.objects.update_or_create(
        tenant=acme, pattern="https://app.example.com", defaults={"note": "x"}
    ),
    "delete of a row": lambda acme: acme.origins.get().delete(),
    "QuerySet.delete": lambda acme: Origin.objects.filter(tenant=acme).delete(),
    "QuerySet.update": lambda acme: acme.origins.update(enabled=False),
    "QuerySet.update of values": lambda acme: Origin.objects.filter(tenant__slug="acme").update(
        modified=timezone.now()
    ),
    "bulk_create": lambda acme: Origin.objects.bulk_create([new_origin(acme)]),
    "bulk_update": bulk_update,
    "save of a tenant": lambda acme: acme.save(),
    "update of a tenant": lambda acme: Tenant.objects.filter(slug="acme").update(note="x"),
    "save of a host": lambda acme: TenantHost(tenant=acme, host="new.example").save(),
    "update of a host": lambda acme: acme.hosts.update(host="new.example"),
    "delete of a host": lambda acme: acme.hosts.get().delete(),
    "save of a path rule": lambda acme: PathRule(tenant=acme, path="/new/").save(),
    "update of a path rule": lambda acme: acme.paths.update(enabled=False),
    "delete of a path rule": lambda acme: acme.paths.get().delete(),
}
EVERYTHING = {
    "upsert": upsert,
    "fixture": load_fixture,
    "announce after raw SQL": lambda acme: corsadmin.announce(),
    "rows moved by update": lambda acme: acme.origins.update(
        tenant=Tenant.objects.get(slug="rival")
    ),
}


@pytest.mark.parametrize("write", STAMPED.values(), ids=STAMPED.keys())
def test_a_write_moves_the_counter_once_and_stamps_its_tenant(write, acme, rival):
    value, rebuild, stamps = state()

    write(acme)

    assert state() == (value + 1, rebuild, {**stamps, "acme": value + 1})


@pytest.mark.parametrize("write", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_a_write_of_unknown_reach_makes_everybody_reload(write, acme, rival):
    value, _rebuild, _stamps = state()

    write(acme)

    assert state()[:2] == (value + 1, value + 1)


@pytest.mark.parametrize(
    "delete",
    [
        pytest.param(lambda acme: acme.delete(), id="delete of a tenant"),
        pytest.param(lambda acme: Tenant.objects.filter(pk=acme.pk).delete(), id="by queryset"),
    ],
)
def test_a_deleted_tenant_is_told_of_and_no_reason_to_reload(delete, acme, rival):
    value, rebuild, stamps = state()
    key = acme.pk
    del stamps["acme"]

    delete(acme)

    assert state() == (value + 1, rebuild, stamps)
    assert removed_since("default", value) == {key}
    assert removed_since("default", value + 1) == set()


def test_each_move_has_a_mark_of_its_own(acme):
    known = read_counter("default")

    acme.save()

    moved = read_counter("default")
    assert moved.mark not in {0, known.mark}
    assert Move.objects.get(generation=moved.value).mark == moved.mark
    assert is_past("default", known)
    assert not is_past("default", known._replace(mark=known.mark + 1))


def test_the_latest_moves_are_kept_and_no_others(acme, monkeypatch):
    monkeypatch.setattr(generation, "MAX_KEPT_MOVES", 3)
    Move.objects.create(generation=10**12, mark=1)  # a fixture of another database

    for _ in range(5):
        acme.save()

    value = state()[0]
    found = Move.objects.order_by("generation").values_list("generation", flat=True)
    assert list(found) == [value - 2, value - 1, value]


def test_a_new_tenant_is_stamped():
    TenantFactory(slug="new")

    value, _rebuild, stamps = state()
    assert stamps["new"] == value


def test_bulk_created_tenants_are_stamped():
    Tenant.objects.bulk_create([Tenant(slug="a"), Tenant(slug="b")])

    value, _rebuild, stamps = state()
    assert (stamps["a"], stamps["b"]) == (value, value)


def test_bulk_create_that_ignores_conflicts_cannot_name_its_tenants(acme):
    value, _rebuild, _stamps = state()

    Tenant.objects.bulk_create([Tenant(slug="acme"), Tenant(slug="b")], ignore_conflicts=True)

    assert state()[:2] == (value + 1, value + 1)


def test_an_update_or_create_queues_before_it_locks_a_row(acme):
    with CaptureQueriesContext(connection) as queries:
        STAMPED["update_or_create"](acme)

    told = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert told[0].startswith('UPDATE "corsadmin_generation"')


def test_a_row_that_changes_hands_stamps_both_tenants(acme, rival):
    row = Origin.objects.get(tenant=acme)
    row.tenant = rival

    row.save()

    value, _rebuild, stamps = state()
    assert (stamps["acme"], stamps["rival"]) == (value, value)


def test_a_stale_object_that_takes_a_row_back_stamps_the_tenant_that_loses_it(acme, rival):
    stale = Origin.objects.get(tenant=acme)
    Origin.objects.filter(pk=stale.pk).update(tenant=rival)

    stale.save()

    value, _rebuild, stamps = state()
    assert (stamps["acme"], stamps["rival"]) == (value, value)


def test_a_row_that_changes_hands_by_a_key_in_text_stamps_both_tenants(acme, rival):
    row = acme.origins.get()

    row.tenant_id = str(rival.pk)
    row.save()

    value, _rebuild, stamps = state()
    assert (stamps["acme"], stamps["rival"]) == (value, value)


def test_a_stale_tenant_object_does_not_put_back_an_old_stamp(acme):
    OriginFactory(tenant=acme)

    acme.save()

    value, _rebuild, stamps = state()
    assert stamps["acme"] == value


def test_a_change_that_touches_too_many_tenants_makes_everybody_reload(acme, rival, monkeypatch):
    monkeypatch.setattr(generation, "MAX_STAMPED_TENANTS", 1)
    value = state()[0]

    Tenant.objects.update(note="x")

    assert state()[:2] == (value + 1, value + 1)


def test_a_lost_counter_row_is_made_again_with_a_number_never_used(acme):
    Generation.objects.all().delete()
    assert current_generation("default") == (0, 0)

    new_origin(acme).save()
    first = current_generation("default")
    Generation.objects.all().delete()
    new_origin(acme, "https://second.example").save()

    value, rebuild = current_generation("default")
    assert value > first[0] > 1_700_000_000_000_000
    assert (rebuild, first[1]) == (value - 1, first[0] - 1)


def test_the_platform_is_made_again_where_it_was_lost():
    Tenant.objects.filter(slug="platform").delete()

    assert Tenant.objects.platform().is_platform
    assert Tenant.objects.platform() == Tenant.objects.get(slug="platform")
