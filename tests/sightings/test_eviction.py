"""Which refused origins stay: those seen in many hours or with many calls, however many others call."""

from collections.abc import Iterator
from random import Random

import pytest

from corsadmin.models import Sighting, TenantHost, UnknownHost
from corsadmin.sightings import eviction
from corsadmin.sightings.batch import SightingBatch
from corsadmin.sightings.eviction import evict_hosts, evict_origins
from tests.factories import make_site
from tests.sightings.batches import HOUR, NOON, caller, seen, stored, write

LANE = 10  # instead of 250
DAYS = 3
TRUE = ["https://true.example"]


@pytest.fixture
def small(monkeypatch):
    """Lanes of a 25th of their size, so that a 25th of the callers is as many."""
    monkeypatch.setattr(eviction, "MAX_ORIGINS", LANE)


def add(tenant, count, *, name="x", **fields):
    """Store sightings of as many origins."""
    rows = [
        Sighting(
            tenant=tenant,
            rule="/api/",
            origin=f"https://{name}-{number:03}.example",
            **{"reason": "origin-not-listed", **fields},
        )
        for number in range(count)
    ]
    Sighting.objects.bulk_create(rows)
    return [row.origin for row in rows]


def kept(**given):
    return {origin for (origin,) in stored(Sighting, "origin", **given)}


def evict():
    return sum(evict_origins("default"))


def test_a_lane_that_is_not_full_stays(database, small):
    acme = make_site("acme")
    add(acme, LANE)
    add(acme, LANE, name="kin", is_kin=True)
    add(acme, LANE, name="sample", reason="allowed")
    add(make_site("rival"), LANE)

    assert evict() == 0


def test_the_best_half_by_hours_and_the_best_half_by_calls_stay(database, small):
    acme = make_site("acme")
    steady = add(acme, 4, name="steady", hours=9, calls=2)
    busy = add(acme, 4, name="busy", hours=1, preflights=400)
    few = add(acme, 4, name="few", hours=2, calls=1)

    assert evict() == 3

    assert kept() >= {*steady, *busy}
    assert len(kept() & {*few}) == 1


def test_lanes_and_tenants_are_apart(database, small):
    acme, rival = make_site("acme"), make_site("rival")
    flood = add(acme, 3 * LANE, name="flood", hours=50, calls=1_000)
    kin = add(acme, 5, name="kin", is_kin=True)
    samples = add(acme, 5, name="sample", reason="allowed")
    others = add(rival, 5, name="other")

    assert evict() == 3 * LANE - LANE // 2  # they are equal, so that both halves are the same

    assert kept() >= {*kin, *samples, *others}
    assert len(kept() & {*flood}) == LANE // 2


def test_samples_are_a_lane_of_their_own(database, small):
    acme = make_site("acme")
    refused = add(acme, 3)
    samples = add(acme, 2 * LANE, name="sample", reason="allowed", is_kin=True)

    evict()

    assert kept() >= {*refused}
    assert len(kept() & {*samples}) == LANE // 2


def test_an_origin_counts_once_with_all_its_rules_and_reasons(database, small):
    acme = make_site("acme")
    for reason in ("origin-not-listed", "method-not-allowed", "header-not-allowed"):
        add(acme, LANE, reason=reason)

    assert evict() == 0


def test_the_rows_of_a_lane_are_bounded_too(database, monkeypatch):
    monkeypatch.setattr(eviction, "MAX_LANE_ROWS", 30)
    acme = make_site("acme")
    for number in range(4):
        add(acme, 10, reason=f"r{number}", hours=1 + number)

    assert evict() == 10
    assert {reason for (reason,) in stored(Sighting, "reason")} == {"r1", "r2", "r3"}


def true_calls(hour: int) -> Iterator[tuple[str, int]]:
    """Yield what true callers do: 30 calls a day, in 10 hours."""
    if hour % 24 < 10:
        yield from ((origin, 3) for origin in TRUE)


def at_random(random, hour):
    return [(f"https://a-{hour // 24}-{random.randrange(400)}.example", 1) for _call in range(50)]


def three_hours_running(random, hour):
    return [
        (f"https://b-{hour - ago}-{number}.example", 1) for ago in range(3) for number in range(16)
    ]


def ever_new(random, hour):
    return [(f"https://c-{hour}-{number}.example", 1) for number in range(384)]


def one_hour_a_day(random, hour):
    return [(f"https://e-{number}.example", 500) for number in range(80) if hour % 24 == 5]


def the_same_every_hour(random, hour):
    return [(f"https://d-{number}.example", 5) for number in range(80)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attack", "are_kin"),
    [
        pytest.param(at_random, False, id="400 a day, three calls each at random"),
        pytest.param(three_hours_running, False, id="400 a day, three hours running each"),
        pytest.param(ever_new, False, id="384 new ones an hour"),
        pytest.param(one_hour_a_day, False, id="80 with 500 calls each in one hour a day"),
        pytest.param(the_same_every_hour, True, id="the same 80 every hour, true ones are kin"),
    ],
)
def test_true_callers_outlast_slow_attackers(sqlite, small, attack, are_kin):
    make_site("acme")
    random = Random(20261130)
    for hour in range(DAYS * 24):
        at = NOON + hour * HOUR
        callers = {caller(origin=origin): seen(calls, at) for origin, calls in attack(random, hour)}
        for origin, calls in true_calls(hour):
            callers[caller(origin=origin)] = seen(calls, at, is_kin=are_kin)
        write(SightingBatch(callers=callers))
        evict()
        assert Sighting.objects.count() <= 2 * LANE

    best = Sighting.objects.order_by("-is_kin", "-hours", "-calls").values_list("origin", flat=True)
    assert {*best[:2]} >= {*TRUE}


def make_hosts(count, name="h", **fields):
    rows = [UnknownHost(host=f"{name}{number:03}.example", **fields) for number in range(count)]
    UnknownHost.objects.bulk_create(rows)


def test_hosts_of_tenants_are_not_unknown(database):
    make_hosts(2)
    TenantHost.objects.create(tenant=make_site("acme"), host="h001.example")

    assert sum(evict_hosts("default")) == 1
    assert stored(UnknownHost, "host") == [("h000.example",)]


def test_hosts_make_room_when_all_is_full(database):
    make_hosts(80, "busy", calls=90)
    make_hosts(80, "steady", hours=9)
    make_hosts(39, "rare")
    assert sum(evict_hosts("default")) == 0

    make_hosts(1, "last")

    assert sum(evict_hosts("default")) == 50
    assert UnknownHost.objects.filter(calls=90).count() == 75
    assert UnknownHost.objects.filter(hours=9).count() == 75
