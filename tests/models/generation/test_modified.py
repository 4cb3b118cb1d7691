"""A tenant's date of change moves with each of its rows, at every door."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.db.models import F

from corsadmin.models import Origin, Tenant, TenantHost, generation
from corsadmin.models.counter import plain_rows
from tests.models.generation.counter import new_origin
from tests.models.generation.test_writes import STAMPED, bulk_update, upsert

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def old(acme, rival):
    """Let nothing have changed for years."""
    plain_rows("Tenant", "default").update(modified=LONG_AGO)


def changed():
    """Return the tenants that have changed since."""
    return set(Tenant.objects.exclude(modified=LONG_AGO).values_list("slug", flat=True))


@pytest.mark.parametrize("write", STAMPED.values(), ids=STAMPED.keys())
def test_a_write_moves_the_date_of_its_tenant(write, acme):
    write(acme)

    assert changed() == {"acme"}


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(lambda rows, rival: rows.update(tenant=rival), id="by a row"),
        pytest.param(lambda rows, rival: rows.update(tenant_id=rival.pk), id="by a key"),
        pytest.param(lambda rows, rival: rival.origins.add(rows.get()), id="by a relation"),
    ],
)
def test_a_row_that_changes_hands_moves_both(move, acme, rival):
    acme.origins.update(pattern="https://moves.example")
    plain_rows("Tenant", "default").update(modified=LONG_AGO)

    move(Origin.objects.filter(tenant=acme), rival)

    assert changed() == {"acme", "rival"}


@pytest.mark.parametrize("write", [upsert, bulk_update], ids=["upsert", "bulk_update"])
def test_what_is_written_in_bulk_moves_it(write, acme):
    write(acme)

    assert changed() == {"acme"}


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda: Origin.objects.update(note="x"), id="rows of all"),
        pytest.param(lambda: Origin.objects.all().delete(), id="rows of all deleted"),
        pytest.param(lambda: TenantHost.objects.update(host=F("host")), id="hosts"),
    ],
)
def test_of_more_tenants_than_are_stamped_each_moves(write, acme, rival, monkeypatch):
    new_origin(rival).save()
    TenantHost.objects.create(tenant=rival, host="rival.example")
    plain_rows("Tenant", "default").update(modified=LONG_AGO)
    monkeypatch.setattr(generation, "MAX_STAMPED_TENANTS", 1)

    write()

    assert changed() == {"acme", "rival"}


def test_what_is_rolled_back_moves_nothing(acme):
    with transaction.atomic():
        new_origin(acme).save()
        transaction.set_rollback(True)

    assert changed() == set()


def test_a_change_that_nobody_can_name_moves_nothing():
    generation.reload_everything()

    assert changed() == set()
