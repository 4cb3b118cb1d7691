"""Attackers who take a week, by a clock that is moved: which refused origins the tables keep.

20 true strangers have three calls in each of ten hours a day. All that is called reaches the tables
within its hour, which is more than the lists of a process let through, and each hour ends with the
eviction.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from benchmarks.rows import Row
from corsadmin.admin.inbox.refused import RANKING
from corsadmin.models import PathRule, Sighting, Tenant
from corsadmin.sightings.batch import Caller, CallerSeen, SightingBatch
from corsadmin.sightings.eviction import MAX_ORIGINS, evict_origins
from corsadmin.sightings.writing import write_batch

DAYS, HOURS = 7, 24
TRUE: Final = 20
TRUE_HOURS: Final = 10
TOP: Final = 50
BUSY_HOUR: Final = 5
START: Final = 1_796_040_000.0  # 2026-11-30 12:00 UTC
_SHORT: Final = 10  # rounds below which a short run was asked for

Attack = Callable[[Random, int], list[str]]  # the calls of an hour


def at_random(random: Random, hour: int) -> list[str]:
    """Return 10,000 origins a day, three calls each."""
    return [f"a-{hour // HOURS}-{random.randrange(10_000)}" for _call in range(1_250)]


def three_hours_running(_random: Random, hour: int) -> list[str]:
    """Return 10,000 origins a day, a call in each of three hours."""
    return [f"b-{hour - ago}-{number}" for ago in range(3) for number in range(417)]


def ever_new(_random: Random, hour: int) -> list[str]:
    """Return 9,600 new origins an hour."""
    return [f"c-{hour}-{number}" for number in range(9_600)]


def the_same_every_hour(_random: Random, _hour: int) -> list[str]:
    """Return 2,000 origins that call as a customer does, in every hour."""
    return [f"d-{number}" for number in range(2_000)] * 3


def one_hour_a_day(_random: Random, hour: int) -> list[str]:
    """Return 2,000 origins with 500 calls each in one hour of the day."""
    return [f"e-{number}" for number in range(2_000)] * 500 * (hour % HOURS == BUSY_HOUR)


# The attack, whether the true ones are kin, and how many of them a prototype kept.
ATTACKS: Final[dict[str, tuple[Attack, bool, int]]] = {
    "2,000 with 500 calls in one hour a day": (one_hour_a_day, False, TRUE),
    "10,000 a day with three calls, at random": (at_random, False, TRUE),
    "10,000 a day with a call in three hours running": (three_hours_running, False, TRUE),
    "2,000, as busy as the true ones, which are kin": (the_same_every_hour, True, TRUE),
    "2,000, as busy as the true ones": (the_same_every_hour, False, 0),
    "9,600 new ones an hour": (ever_new, False, TRUE),
}


def rows(rounds: int) -> Iterator[Row]:
    """Yield how many of the true callers are there in the end, for each attack."""
    days = DAYS if rounds >= _SHORT else 1
    acme, _is_new = Tenant.objects.get_or_create(slug="acme")
    PathRule.objects.get_or_create(tenant=acme, path="/api/")
    for name, (attack, are_kin, least) in ATTACKS.items():
        Sighting.objects.all().delete()
        yield from _attacked(name, attack, least, days, are_kin=are_kin)


def _attacked(name: str, attack: Attack, least: int, days: int, *, are_kin: bool) -> Iterator[Row]:
    section = f"slow attackers, {days} days: of {TRUE} true callers"
    true = {f"https://true-{number}.example" for number in range(TRUE)}
    random, most = Random(20261130), 0
    for hour in range(days * HOURS):
        at = START + hour * 3_600
        calls = Counter(f"https://{one}.hostile.example" for one in attack(random, hour))
        callers = {_caller(one): CallerSeen(at, at, calls=count) for one, count in calls.items()}
        if hour % HOURS < TRUE_HOURS:
            callers |= {_caller(one): CallerSeen(at, at, are_kin, calls=3) for one in true}
        report = write_batch(SightingBatch(callers=callers), "default", clock=lambda: 0.0)
        assert not report.failed, report.error
        for _removed in evict_origins("default"):
            pass
        most = max(most, Sighting.objects.count())
    kept = set(Sighting.objects.values_list("origin", flat=True)) & true
    ranked = Sighting.objects.order_by(*RANKING).values_list("origin", flat=True)
    yield Row(section, f"{name}: kept", len(kept), "", least, at_least=True)
    yield Row(
        section, f"{name}: in the top {TOP}", len(true & {*ranked[:TOP]}), "", least, at_least=True
    )
    yield Row(section, f"{name}: origins after each eviction, at most", most, "", 2 * MAX_ORIGINS)


def _caller(origin: str) -> Caller:
    return Caller("acme", "/api/", origin, "origin-not-listed")
