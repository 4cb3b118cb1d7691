"""What was seen is read where it is kept, and nobody waits for it or claims what was not read."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from corsadmin import sightings
from corsadmin.models import Origin, PathRule, Sighting, Tenant
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.state import states
from corsadmin.sightings.impacts import Depends, Impact
from corsadmin.sightings.recent_rows import read_one
from tests.factories import OriginFactory, PathRuleFactory, make_site
from tests.sightings.rows import see_caller, see_entry, see_rule

APP, NEW = "https://app.example.com", "https://new.example"


def seen_site() -> Tenant:
    """Return a tenant whose application called today, and which refused another one."""
    acme: Tenant = make_site("acme", origins=[APP])
    see_entry(acme.origins.get())
    see_rule(acme)
    see_caller(acme, NEW)
    return acme


@pytest.fixture
def acme(db: None) -> Tenant:
    return seen_site()


def policies(change: ProposedChange, tenant: Tenant) -> Any:
    tenants = [tenant, Tenant.objects.platform()]
    return [state.policy(tenant.pk) for state in states(change, tenants, [APP, NEW])]


def impact_of(change: ProposedChange) -> list[Impact]:
    return [one.impact for one in find_consequences(change, None).impact.tenants]


def deleted() -> ProposedChange:
    return ProposedChange.from_deletes(Origin.objects.all())


def test_two_policies_are_compared_by_what_was_seen(acme: Tenant) -> None:
    stored = ProposedChange.from_rows([Origin(tenant=acme, pattern=NEW)], acme.origins.all())
    before, after = policies(stored, acme)

    found = sightings.impact(before, after, acme)

    assert [one.origin for one in found.lost] == [APP]
    assert [one.origin for one in found.opened] == [NEW]
    assert sightings.impact(before, before, acme) == Impact()
    assert [one.origin for one in sightings.impact(before, None, acme).lost] == [APP]


def test_a_last_call_before_the_first_is_a_call_of_one_day(acme: Tenant) -> None:
    """Without time zones an hour of autumn comes twice, and the clock of a machine may be set back."""
    now = timezone.now()
    row = Sighting.objects.filter(origin=NEW)
    row.update(first_seen=now, last_seen=now - timedelta(seconds=1), calls=7, preflights=0)

    [seen] = read_one(acme).callers

    assert seen.calls == 7


@pytest.mark.parametrize("inherits", [True, False])
def test_what_a_tenant_inherits_was_seen_of_it_too(db: None, inherits: bool) -> None:
    platform = Tenant.objects.platform()
    see_entry(OriginFactory(tenant=platform, pattern=APP))
    PathRuleFactory(tenant=platform)
    acme = make_site("acme", paths=[], inherits_platform=inherits)
    see_rule(acme)
    before, _after = policies(deleted(), acme)

    found = sightings.impact(before, None, acme)

    assert [(one.origin, one.depends) for one in found.lost] == [(APP, Depends.TENANT)] * inherits


def test_where_sightings_are_switched_off_nothing_is_claimed(acme: Tenant, settings: Any) -> None:
    settings.CORSADMIN = {"SIGHTINGS": False}
    before, _after = policies(deleted(), acme)

    assert sightings.impact(before, None, acme) == Impact()
    assert impact_of(deleted()) == []
    assert impact_of(ProposedChange.from_deletes(PathRule.objects.all())) == []
    rule = ProposedChange.from_rows([Origin(tenant=Tenant.objects.platform(), pattern=NEW)])
    assert impact_of(rule) == []


def test_without_the_tables_nothing_is_claimed(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sighting._meta, "db_table", "not_migrated")

    assert impact_of(deleted()) == []
    change = ProposedChange.from_rows([Origin(tenant=Tenant.objects.platform(), pattern=NEW)])
    assert impact_of(change) == []


@pytest.mark.slow
def test_locked_tables_stop_no_save(postgresql: Any) -> None:
    acme = seen_site()
    connection.ensure_connection()
    with (
        psycopg.connect(**connection.get_connection_params()) as other,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        other.execute("LOCK TABLE corsadmin_sighting IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET LOCAL lock_timeout = '7s'")

        assert impact_of(deleted()) == []
        assert impact_of(deleted()) == []

        # The save goes on, with its own time-outs.
        acme.origins.all().delete()
        cursor.execute(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
        )
        assert cursor.fetchone() == ("7s", "0")
    assert not acme.origins.exists()


@pytest.mark.slow
def test_on_postgresql_a_save_keeps_its_time_outs(postgresql: Any) -> None:
    seen_site()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")

        assert [len(one.lost) for one in impact_of(deleted())] == [1]

        cursor.execute(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
        )
        assert cursor.fetchone() == ("7s", "0")
