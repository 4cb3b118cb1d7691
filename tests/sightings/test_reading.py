"""The traffic of tenants, as pictures show it."""

from datetime import UTC, datetime, timedelta

import pytest

from corsadmin.models import Tenant
from corsadmin.sightings.batch import Calls, HourlyOutcome, SightingBatch
from corsadmin.sightings.reading import by_day, readable_since, traffic_by_hour, traffic_of
from tests.factories import make_site
from tests.sightings.batches import NOON_HOUR, write

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MIDNIGHT = NOON - timedelta(hours=12)


def make_traffic():
    """Return the traffic that is asked for, of two of the tenants."""
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
    return traffic_of(keys_of("acme", "rival"))


def keys_of(*slugs):
    return {tenant.pk for tenant in Tenant.objects.filter(slug__in=slugs)}


def test_hours_are_summed_over_tenants(database):
    traffic = make_traffic()

    found = list(traffic_by_hour(traffic, NOON - timedelta(hours=13)))

    assert found == [
        (NOON - timedelta(hours=ago), outcome, 6, 2)
        for ago in (13, 1, 0)
        for outcome in ("allowed", "origin-not-listed")
    ]
    assert list(traffic_by_hour(traffic_of(()), MIDNIGHT)) == []


def test_days_are_those_of_utc(database):
    traffic = make_traffic()

    found = list(by_day(traffic_by_hour(traffic, MIDNIGHT - timedelta(days=1))))

    assert found == [
        (begun, outcome, calls, preflights)
        for begun, calls, preflights in ((MIDNIGHT - timedelta(days=1), 6, 2), (MIDNIGHT, 12, 4))
        for outcome in ("allowed", "origin-not-listed")
    ]


def test_traffic_of_all_tenants_leaves_out_what_belongs_to_none(database):
    make_traffic()

    assert {one.calls for one in traffic_by_hour(traffic_of(None), MIDNIGHT)} == {9}


@pytest.mark.parametrize(("most", "hours"), [
    pytest.param(100, None, id="all is read"),
    pytest.param(16, None, id="all just so"),
    pytest.param(15, 49, id="one row too many: from the next hour on"),
    pytest.param(4, 0, id="the last hour alone"),
    pytest.param(3, -1, id="not even that"),
])  # fmt: skip
def test_no_more_rows_are_read_than_asked_for(database, most, hours):
    traffic, since = make_traffic(), NOON - timedelta(days=9)

    begin = readable_since(keys_of("acme", "rival"), since, most)

    assert begin == (since if hours is None else NOON - timedelta(hours=hours))
    assert traffic.filter(hour__gte=begin).count() <= most
