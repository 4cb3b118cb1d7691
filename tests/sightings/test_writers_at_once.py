"""Many writers of the same rows at once: none waits for another in a circle, and no call is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.db.models import Sum

from corsadmin.models import RuleNames, Sighting, Traffic, UnknownHost, Unseen
from corsadmin.sightings import eviction
from corsadmin.sightings.batch import Calls, HourlyOutcome, Missed, Names, SightingBatch
from corsadmin.sightings.upkeep import tidy
from corsadmin.sightings.writing import write_batch
from tests.factories import make_site
from tests.sightings.batches import HOUR, NOON, NOON_HOUR, caller, seen

pytestmark = pytest.mark.slow

WRITERS = 16
ROUNDS = 2
ORIGINS = 520  # in two transactions
ASKING = {f"https://h{n}.example" for n in range(20)}
OUTCOMES = 20


def batch(number: int) -> SightingBatch:
    """Return a writer's batch, in an order of its own."""
    origins = [f"https://h{(n * 7 + number * 91) % ORIGINS}.example" for n in range(ORIGINS)]
    hours = [(NOON_HOUR + (n + number) % OUTCOMES) for n in range(OUTCOMES)]
    return SightingBatch(
        callers={
            caller(origin=origin): seen(
                at=NOON + (n % 2) * HOUR, methods={f"M{number}"} if origin in ASKING else set()
            )
            for n, origin in enumerate(origins)
        },
        names={("acme", "/api/"): Names({f"M{number}"}, {f"x-{number}"})},
        traffic={HourlyOutcome("acme", "allowed", hour): Calls(2, 1) for hour in hours},
        missed={("acme", hour): Missed(1, 1) for hour in hours},
        hosts={f"h{(n + number) % 50}.example": 1 for n in range(50)},
    )


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_writers_lose_nothing_and_never_deadlock(vendor, request):
    request.getfixturevalue(vendor)
    make_site("acme")
    barrier = Barrier(WRITERS)

    def act(number: int) -> int:
        try:
            barrier.wait(60)
            return sum(write_batch(batch(number), "default").failed for _ in range(ROUNDS))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        failed = sum(pool.map(act, range(WRITERS)))

    times = WRITERS * ROUNDS
    assert failed == deadlocks() == 0
    assert Sighting.objects.count() == ORIGINS
    assert set(Sighting.objects.values_list("calls", flat=True)) == {times}
    assert set(Sighting.objects.values_list("hours", flat=True)) <= {1, 2}
    names = {f"M{number}" for number in range(WRITERS)}
    for row in Sighting.objects.all():
        assert set(row.methods) == (names if row.origin in ASKING else set())
    assert set(RuleNames.objects.get().methods) == names
    assert Traffic.objects.aggregate(all=Sum("calls"))["all"] == 2 * OUTCOMES * times
    assert Unseen.objects.aggregate(all=Sum("turned_away"))["all"] == OUTCOMES * times
    assert UnknownHost.objects.aggregate(all=Sum("calls"))["all"] == 50 * times


def deadlocks() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_the_upkeep_beside_writers_is_in_nobodys_way(vendor, request, monkeypatch):
    request.getfixturevalue(vendor)
    monkeypatch.setattr(eviction, "MAX_ORIGINS", 40)
    make_site("acme")
    writers = 4
    barrier = Barrier(writers + 1)

    def act(number: int) -> int:
        try:
            barrier.wait(60)
            if number == writers:
                return sum(tidy("default", now=NOON + turn * 2 * HOUR).failed for turn in range(5))
            return sum(write_batch(batch(number), "default").failed for _ in range(ROUNDS))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers + 1) as pool:
        failed = sum(pool.map(act, range(writers + 1)))

    assert failed == deadlocks() == 0
    tidy("default", now=NOON + 11 * HOUR)
    assert Sighting.objects.count() <= 40
    assert Traffic.objects.aggregate(all=Sum("calls"))["all"] == 2 * OUTCOMES * writers * ROUNDS
