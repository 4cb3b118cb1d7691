"""Emergencies in the database: every reader knows them, at once, and what is broken denies."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

import corsadmin
from corsadmin.engine import Reason
from corsadmin.engine.emergencies import Stop, StopLevel
from corsadmin.models import Emergency, Tenant
from corsadmin.serving import loader
from corsadmin.serving.loader.entries import stops_of_rows
from tests.factories import make_site
from tests.serving.databases import Database
from tests.serving.snapshots import contents, decision, execute

APP = "https://app.example.com"
END = datetime(2030, 1, 1, tzinfo=UTC)
CREDENTIALS = {"level": "credentials"}


@pytest.fixture
def acme(database: Database) -> Tenant:
    make_site("rival", origins=[APP])
    found: Tenant = make_site(origins=[APP])
    return found


def platform() -> Tenant:
    found: Tenant = Tenant.objects.platform()
    return found


def reason(snapshot: object, tenant: str = "acme") -> Reason:
    found: Reason = decision(snapshot, APP, tenant).reason  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("in_parts", [False, True], ids=["joined", "row by row"])
@pytest.mark.parametrize("known", [False, True], ids=["all", "what changed"])
def test_every_reader_reads_them(acme: Tenant, in_parts: bool, known: bool) -> None:
    if in_parts:
        execute("UPDATE corsadmin_tenanthost SET host = %s WHERE tenant_id = %s", "a\nb", acme.pk)
    before = loader.load("default") if known else None
    Emergency.objects.create(tenant=acme, reason="x", until=END)
    Emergency.objects.create(tenant=platform(), reason="x", **CREDENTIALS)

    found = loader.load("default", before)

    assert found.stops == {
        "acme": Stop(StopLevel.ALL, END.timestamp()),
        "platform": Stop(StopLevel.CREDENTIALS),
    }


def test_one_tenants_change_is_carried_over_alone(acme: Tenant) -> None:
    before = loader.load("default")
    row = Emergency.objects.create(tenant=acme, reason="x")
    on = loader.load("default", before)
    row.delete()
    off = loader.load("default", on)

    assert [reason(one) for one in (before, on, off)] == ["allowed", "emergency", "allowed"]
    assert [reason(one, "rival") for one in (before, on, off)] == ["allowed"] * 3
    rival = Tenant.objects.get(slug="rival").pk
    assert on.index.records.get(rival) is before.index.records.get(rival)
    assert contents(on)[0] == contents(before)[0]


def test_the_platforms_stops_a_tenant_that_comes_later(acme: Tenant) -> None:
    Emergency.objects.create(tenant=platform(), reason="x")
    before = loader.load("default")
    make_site("later", origins=[APP], inherits_platform=False)

    assert reason(loader.load("default", before), "later") is Reason.EMERGENCY


def test_the_platforms_holds_while_the_platform_is_not_active(acme: Tenant) -> None:
    Emergency.objects.create(tenant=platform(), reason="x")
    Tenant.objects.filter(slug="platform").update(is_active=False)

    assert reason(loader.load("default")) is Reason.EMERGENCY


def test_a_tenant_that_was_not_active_comes_back_stopped(acme: Tenant) -> None:
    Emergency.objects.create(tenant=acme, reason="x")
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    before = loader.load("default")
    Tenant.objects.filter(pk=acme.pk).update(is_active=True, slug="renamed")

    assert reason(before) is Reason.NO_TENANT
    assert reason(loader.load("default", before)) is Reason.EMERGENCY


@pytest.mark.parametrize("level", ["", "nothing", "ALL", "a\x1db"])
def test_a_level_that_is_not_known_stops_everybody(acme: Tenant, level: str) -> None:
    Emergency.objects.create(tenant=acme, reason="x", until=END)
    Emergency.objects.update(level=level)

    assert loader.load("default").stops == {"acme": Stop(StopLevel.ALL, END.timestamp())}


@pytest.mark.parametrize(
    ("stored", "end"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(5, 5.0, id="seconds"),
        pytest.param("Infinity", float("inf"), id="infinite"),
        pytest.param("2030-01-01 00:00:00", END.timestamp(), id="text"),
        pytest.param("soon", None, id="not a moment"),
        pytest.param("2030-13-01 00:00:00", None, id="not a month"),
    ],
)
def test_an_end_that_is_not_valid_is_none(stored: object, end: float | None) -> None:
    assert stops_of_rows([("acme", "all", stored)], UTC) == {"acme": Stop(StopLevel.ALL, end)}


def test_what_raw_sql_wrote_holds_once_it_is_announced(acme: Tenant) -> None:
    before = loader.load("default")
    execute(
        "INSERT INTO corsadmin_emergency (tenant_id, level, reason, created, modified)"
        " SELECT id, 'all', 'x', created, created FROM corsadmin_tenant WHERE slug = %s",
        "acme",
    )
    corsadmin.announce()

    assert reason(loader.load("default", before)) is Reason.EMERGENCY


@pytest.mark.slow
def test_the_migration_goes_back_and_forwards(acme: Tenant) -> None:
    """Going back forgets every emergency: what was stopped is open again."""
    Emergency.objects.create(tenant=acme, reason="x")

    call_command("migrate", "corsadmin", "0010", verbosity=0)
    call_command("migrate", "corsadmin", verbosity=0)

    assert not Emergency.objects.exists()
    assert not Emergency.history.exists()
    Emergency.objects.create(tenant=acme, reason="x")
    assert reason(loader.load("default")) is Reason.EMERGENCY
