"""Doors through which Django and a site write without save() or a policy model's own queryset."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.db.models.signals import post_delete, post_save
from django.test.utils import isolate_apps

import corsadmin
from corsadmin.models import Generation, Origin, Tenant, generation, receivers
from corsadmin.models.counter import current_generation
from corsadmin.models.database import alias_for_writing
from corsadmin.serving import loader
from tests.serving.databases import alias_leads_to

pytestmark = pytest.mark.django_db

APP, NEW = "https://app.example.com", "https://new.example"


def origins_after(write):
    """Return each tenant's origins as a process knows them that was up to date before the write."""
    known = loader.load("default")

    write()

    after = loader.load("default", known)
    found = {slug: after.policy(slug) for slug in ("acme", "rival")}
    return {slug: sorted(policy.literals) for slug, policy in found.items() if policy}


def finish(coroutine):
    async def run():
        await coroutine

    async_to_sync(run)()


def upsert_by_position(row):
    row.note = "moved"
    Origin.objects.bulk_create([row], None, False, True, ["tenant"], ["id"])


def test_a_row_added_by_a_related_manager_leaves_its_tenant(acme, rival):
    row = acme.origins.get()

    assert origins_after(lambda: rival.origins.add(row)) == {"acme": [], "rival": [APP]}


def test_a_row_moved_by_an_upsert_leaves_its_tenant(acme, rival):
    row = Origin(pk=acme.origins.get().pk, tenant=rival, pattern=APP)

    assert origins_after(lambda: upsert_by_position(row)) == {"acme": [], "rival": [APP]}


def test_rows_moved_by_a_bulk_update_leave_their_tenant(acme, rival):
    row = acme.origins.get()
    row.tenant = rival

    moved = origins_after(lambda: Origin.objects.bulk_update([row], ["tenant"]))

    assert moved == {"acme": [], "rival": [APP]}


def test_a_fixture_brings_no_stamps_ahead_of_the_counter(acme):
    acme.generation = 10**18  # a counter may begin at the microseconds of today

    for row in serializers.deserialize("json", serializers.serialize("json", [acme])):
        row.save()

    acme.refresh_from_db()
    assert acme.generation == current_generation("default")[0]


def test_a_tenant_with_another_key_is_another_tenant(rival):
    rows = Tenant.objects.filter(slug="rival")

    assert origins_after(lambda: rows.update(id=rival.pk + 1000, slug="acme")) == {"acme": []}


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        pytest.param(lambda acme: acme.origins.aupdate(enabled=False), [], id="aupdate"),
        pytest.param(
            lambda acme: Origin.objects.abulk_create([Origin(tenant=acme, pattern=NEW)]),
            [APP, NEW],
            id="abulk_create",
        ),
        pytest.param(lambda acme: acme.origins.acreate(pattern=NEW), [APP, NEW], id="acreate"),
        pytest.param(lambda acme: acme.origins.all().adelete(), [], id="adelete of many"),
        pytest.param(lambda acme: acme.origins.get().adelete(), [], id="adelete of one"),
    ],
)
def test_an_asynchronous_write_is_heard_of(write, expected, acme):
    assert origins_after(lambda: finish(write(acme))) == {"acme": expected}


@pytest.fixture
def proxy():
    """A model that a site derives from ours, for an admin page of its own."""
    with isolate_apps("corsadmin") as registry:
        assert registry is not None

        class OwnOrigin(Origin):
            class Meta:
                proxy = True
                app_label = "corsadmin"

        receivers.connect_receivers(registry)
        yield OwnOrigin
        # Signals know a sender by its address, which another class may have some day.
        for signal, kind in ((post_save, "saved"), (post_delete, "deleted")):
            assert signal.disconnect(
                sender=OwnOrigin, dispatch_uid=f"corsadmin.{kind}.{OwnOrigin._meta.label}"
            )


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        pytest.param(
            lambda model, acme: model(tenant=acme, pattern=NEW).save(), [APP, NEW], id="save"
        ),
        pytest.param(lambda model, acme: model.objects.get().delete(), [], id="delete"),
        pytest.param(lambda model, acme: model.objects.all().delete(), [], id="delete of many"),
        pytest.param(lambda model, acme: model.objects.update(enabled=False), [], id="update"),
    ],
)
def test_a_write_through_a_proxy_is_heard_of(write, expected, acme, proxy):
    assert origins_after(lambda: write(proxy, acme)) == {"acme": expected}


def test_a_locked_selection_can_be_updated(acme):
    locked = Origin.objects.select_for_update()

    # PostgreSQL refuses FOR UPDATE together with DISTINCT.
    tenants: Any = locked._tenants()
    assert not tenants.query.select_for_update
    assert locked.update(note="x") == 1


def test_a_fixture_with_the_counter_of_another_database_is_no_number_known_here(acme):
    known = loader.load("default")
    other = Generation(pk=1, value=known.generation, rebuild=known.rebuild)

    for row in serializers.deserialize("json", serializers.serialize("json", [other])):
        row.save()

    value, rebuild = current_generation("default")
    assert value > 1_700_000_000_000_000
    assert rebuild == value


def test_the_counters_row_saved_by_hand_stays_as_it_is():
    Generation(pk=1, value=7, rebuild=5).save()

    assert current_generation("default") == (7, 5)


@pytest.fixture(scope="module")
def other(templates, django_db_setup, django_db_blocker):
    """A second database with tables of its own."""
    with (
        django_db_blocker.unblock(),
        alias_leads_to(templates.sqlite().settings, "other"),
    ):
        yield "other"


@pytest.mark.slow
@pytest.mark.django_db(databases=["default", "other"])
def test_a_write_moves_the_counter_of_its_own_database(other):
    before = current_generation("default")
    rows = Origin.objects.using(other)
    acme = Tenant.objects.using(other).create(slug="acme")
    writes = [
        lambda: Origin(tenant=acme, pattern=APP).save(using=other),
        lambda: rows.update(note="x"),
        lambda: acme.origins.update(note="y"),
        lambda: rows.bulk_create([Origin(tenant=acme, pattern=NEW)]),
        lambda: rows.get(pattern=NEW).delete(),
        lambda: rows.all().delete(),
        lambda: generation.reload_everything(other),
    ]

    for number, write in enumerate(writes, start=2):
        write()
        assert current_generation(other)[0] == number
    assert current_generation("default") == before


@pytest.mark.django_db(databases=["default", "other"])
def test_the_database_that_is_named_holds_the_policies(other, settings):
    settings.CORSADMIN = {"DATABASE": other}
    before = current_generation("default")

    corsadmin.announce()

    assert current_generation(other) == (1, 1)
    assert current_generation("default") == before


def test_a_router_may_name_the_database(settings):
    class ToOther:
        def db_for_write(self, model, **hints):
            return "other"

    settings.DATABASE_ROUTERS = [ToOther()]

    assert alias_for_writing() == "other"
    assert Origin.objects.filter(note="x")._write_alias() == "other"
