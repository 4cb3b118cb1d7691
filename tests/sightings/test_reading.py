"""The traffic of tenants, as pictures show it."""

from datetime import UTC, datetime, timedelta

from corsadmin.models import Tenant
from corsadmin.sightings.batch import Calls, HourlyOutcome, SightingBatch
from corsadmin.sightings.reading import traffic_by_day, traffic_by_hour
from tests.factories import make_site
from tests.sightings.batches import NOON_HOUR, write

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MIDNIGHT = NOON - timedelta(hours=12)


def make_traffic():
    """Return the tenants whose traffic is asked for."""
    for slug in ("acme", "rival", "other"):
        make_site(slug)
    write(
        SightingBatch(
            traffic={
                HourlyOutcome(slug, outcome, NOON_HOUR - ago): Calls(3, 1)
                for slug in ("acme", "rival", "other", "")
                for outcome in ("allowed", "origin-not-listed")
                for ago in (0, 1, 13, 50)
            }
        )
    )
    return Tenant.objects.filter(slug__in=["acme", "rival"])


def test_hours_are_summed_over_tenants(database):
    tenants = make_traffic()

    found = list(traffic_by_hour(tenants, NOON - timedelta(hours=13)))

    assert found == [
        (NOON - timedelta(hours=ago), outcome, 6, 2)
        for ago in (13, 1, 0)
        for outcome in ("allowed", "origin-not-listed")
    ]
    assert list(traffic_by_hour(tenants.none(), MIDNIGHT)) == []


def test_days_are_those_of_utc(database):
    tenants = make_traffic()

    found = list(traffic_by_day(tenants, NOON - timedelta(days=1)))

    assert found == [
        (begun, outcome, calls, preflights)
        for begun, calls, preflights in ((MIDNIGHT - timedelta(days=1), 6, 2), (MIDNIGHT, 12, 4))
        for outcome in ("allowed", "origin-not-listed")
    ]


def test_traffic_of_a_tenant_that_has_gone_is_not_read(database):
    tenants = make_traffic()
    Tenant.objects.get(slug="rival").delete()

    assert {one.calls for one in traffic_by_hour(tenants, MIDNIGHT)} == {3}
