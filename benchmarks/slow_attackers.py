"""Attackers who take a week: calls go through the drain and into PostgreSQL, by a clock that is moved.

20 true strangers have three calls in each of ten hours a day. Each minute is a flush, each hour ends
with the eviction, as it would be with one process.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from django.core.management import call_command

from benchmarks.rows import Row
from corsadmin.admin.inbox.refused import RANKING
from corsadmin.models import PathRule, Sighting, Tenant
from corsadmin.sightings.drain import Drain
from corsadmin.sightings.eviction import MAX_ORIGINS, evict_origins
from corsadmin.sightings.pacing import MAX_LOOKS
from corsadmin.sightings.ring import MAX_ITEMS, Item
from corsadmin.sightings.tally import Tally
from corsadmin.sightings.writing import write_batch
from tests.databases import Postgres, folder_for
from tests.engine.policies import PLAIN, record, snapshot
from tests.serving.databases import alias_leads_to

DAYS, HOURS, MINUTES = 7, 24, 60
TRUE: Final = 20
TOP: Final = 50
KIN: Final = "acme.dev"
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
    return [f"e-{number}" for number in range(2_000)] * 500 if hour % HOURS == 5 else []


# The attack, whether the true ones are kin, and how many of them a prototype kept.
ATTACKS: Final[dict[str, tuple[Attack, bool, int]]] = {
    "10,000 a day with three calls, at random": (at_random, False, TRUE),
    "10,000 a day with a call in three hours running": (three_hours_running, False, TRUE),
    "9,600 new ones an hour": (ever_new, False, TRUE),
    "2,000 with 500 calls in one hour a day": (one_hour_a_day, False, TRUE),
    "2,000, as busy as the true ones": (the_same_every_hour, False, 0),
    "2,000, as busy as the true ones, which are kin": (the_same_every_hour, True, TRUE),
}


def rows(rounds: int) -> Iterator[Row]:
    """Yield how many of the true callers are there in the end, for each attack."""
    days = DAYS if rounds >= _SHORT else 1
    with folder_for("slow") as folder, Postgres(folder) as server:
        server.execute("CREATE DATABASE slow")
        with alias_leads_to(server.settings("slow")):
            call_command("migrate", verbosity=0)
            PathRule.objects.create(tenant=Tenant.objects.create(slug="acme"), path="/api/")
            for name, (attack, are_kin, least) in ATTACKS.items():
                Sighting.objects.all().delete()
                yield from _attacked(f"{name}, {days} days", attack, least, days, are_kin=are_kin)


def _attacked(name: str, attack: Attack, least: int, days: int, *, are_kin: bool) -> Iterator[Row]:
    section = f"slow attackers: of {TRUE} true callers"
    true = {
        f"https://true.t{number}.{KIN}" if are_kin else f"https://true-{number}.example"
        for number in range(TRUE)
    }
    random = Random(20261130)
    drain, most = Drain(Tally(), random), 0
    for hour in range(days * HOURS):
        calls = [f"https://{name}.hostile.example" for name in attack(random, hour)]
        calls += [origin for origin in true for _call in range(3)] * (hour % HOURS < 10)
        random.shuffle(calls)
        _spend_hour(drain, calls, START + hour * 3_600)
        for _removed in evict_origins("default"):
            pass
        most = max(most, Sighting.objects.values("origin").distinct().count())
    kept = set(Sighting.objects.values_list("origin", flat=True)) & true
    ranked = Sighting.objects.order_by(*RANKING).values_list("origin", flat=True)
    yield Row(section, f"{name}: kept", len(kept), "", least, at_least=True)
    yield Row(section, f"{name}: in the top {TOP}", len(true & {*ranked[:TOP]}), "")
    yield Row(section, f"{name}: origins at most, after the eviction", most, "", 2 * MAX_ORIGINS)


def _spend_hour(drain: Drain, calls: list[str], begun: float) -> None:
    """Look at the calls of an hour, and write once a minute."""
    held = snapshot(record("acme", origins=[(f"https://app.{KIN}", PLAIN)]))
    for minute in range(MINUTES):
        now = begun + 60 * minute
        first, last = (part * len(calls) // MINUTES for part in (minute, minute + 1))
        texts = [f"acme\norigin-not-listed\ncall\n/api/\n{origin}" for origin in calls[first:last]]
        budget = 60 * MAX_LOOKS
        for some in range(0, len(texts), MAX_ITEMS - 1):
            ring: list[Item] = [*texts[some : some + MAX_ITEMS - 1]]
            budget -= drain.take_in(ring, now, max_looks=budget, snapshot=held)
        report = write_batch(drain.take(), "default")
        assert not report.failed, report.error
