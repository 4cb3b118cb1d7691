"""A million hostile calls in a minute through the middleware: who is kept beside them, on PostgreSQL.

Each process has its refresher, its thread and its ring, as behind a server. The true callers of a
tenant have 20, 100 or 400 calls each, 50 of each kind; another tenant has five of each.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.management import call_command
from django.db.models import Sum

from benchmarks.rows import Row
from corsadmin.models import Origin, PathRule, Sighting, Tenant, TenantHost, Traffic
from corsadmin.models.counter import current_generation
from corsadmin.sightings.upkeep import tidy
from tests.databases import Postgres, folder_for
from tests.servers import ROOT
from tests.serving.databases import alias_leads_to

CALLS: Final = 1_000_000
SECONDS: Final = 60
TIMES: Final = (20, 100, 400)
EACH: Final = {"acme": 50, "rival": 5}
ALLOWED: Final = "https://app.acme.dev"
ALLOWED_CALLS: Final = 20_000
MAX_ROWS: Final = 500  # refused origins of a tenant
MEGABYTES: Final = 4.0
# What a prototype kept of 50, less what chance may take: docs/sightings.md.
LEAST: Final[Mapping[int, Mapping[int, int]]] = {
    1: {20: 27, 100: 48, 400: 50},
    8: {20: 48, 100: 50, 400: 50},
}
# Of the calls, so that eight processes find the time on two processors.
SHARES: Final[Mapping[int, float]] = {1: 1.0, 8: 0.4}
_SHORT: Final = 10  # rounds below which a short run was asked for


def rows(rounds: int) -> Iterator[Row]:
    """Yield what is kept of true callers, what is counted, and what a process holds for it."""
    part = 0.1 if rounds < _SHORT else 1.0
    with folder_for("flood") as folder, Postgres(folder) as server:
        for processes in LEAST:
            name = f"flood_{processes}"
            server.execute(f"CREATE DATABASE {name}")
            with alias_leads_to(server.settings(name)):
                call_command("migrate", verbosity=0)
                make_tenants()
                yield from _flooded(server.url(name), processes, part * SHARES[processes])


def make_tenants() -> None:
    """Add the tenant that is flooded, and another one."""
    for slug in EACH:
        tenant = Tenant.objects.create(slug=slug)
        TenantHost.objects.create(tenant=tenant, host=f"{slug}.example.net")
        PathRule.objects.create(tenant=tenant, path="/api/")
        Origin.objects.create(tenant=tenant, pattern=ALLOWED)


def true_callers() -> dict[tuple[str, str], int]:
    """Return the callers that are nobody's invention: tenant and origin, and how often they call."""
    return {
        (slug, f"https://true-{times}-{number}.example"): times
        for slug, each in EACH.items()
        for times in TIMES
        for number in range(each)
    }


def _flooded(url: str, processes: int, share: float) -> Iterator[Row]:
    count = int(CALLS * share)
    section = (
        f"a flood of {count:,} calls through the middleware, {_counted(processes)}, PostgreSQL"
    )
    before = current_generation("default")
    found = _run(url, processes, share, is_on=True)
    yield Row(section, "seconds that it took", max(one["seconds"] for one in found), "s")
    drained = sum(one["recorded"] for one in found)
    yield Row(section, "drained", 100 * drained / sum(one["sent"] for one in found), "%")
    looked_at = sum(one["looked_at"] for one in found)
    yield Row(section, "looked at", 100 * looked_at / count, "%")
    yield from _kept(section, LEAST[processes], found)
    yield from _counts(section, found)
    for _more in range(2):  # the one makes the turn, the other takes it
        tidy("default")
    for slug in EACH:
        refused = Sighting.objects.filter(tenant__slug=slug).exclude(reason="allowed")
        held = refused.values("origin").distinct().count()
        yield Row(section, f"origins of {slug} after tidying", held, "", MAX_ROWS)
    moved = abs(current_generation("default")[0] - before[0])
    yield Row(section, "moves of the generation", moved, "", 0)
    without = _run(url, processes, share, is_on=False)
    added = max(one["megabytes"] for one in found) - min(one["megabytes"] for one in without)
    yield Row(section, "memory that recording adds to a process", added, "MB", MEGABYTES)


def _kept(section: str, least: Mapping[int, int], found: list[Any]) -> Iterator[Row]:
    listed = {tuple(caller) for one in found for caller in one["listed"]}
    refused = Sighting.objects.exclude(reason="allowed")
    stored = set(refused.values_list("tenant__slug", "origin"))
    true = true_callers()
    for where, kept in (("listed by some process", listed), ("stored after five flushes", stored)):
        for slug, each in EACH.items():
            for times in TIMES:
                count = sum(true.get(one) == times and one[0] == slug for one in kept)
                name = f"of {each} of {slug} with {times} calls each, {where}"
                bound = least[times] if slug == "acme" else each
                yield Row(section, name, count, "", bound, at_least=True)


def _counts(section: str, found: list[Any]) -> Iterator[Row]:
    full = sum(one["ring_full"] for one in found)
    yield Row(section, "drains that found the ring full", full, "")
    for outcome, key in (("allowed", "allowed"), ("origin-not-listed", "refused")):
        sent = sum(one[key] for one in found)
        stored = Traffic.objects.filter(outcome=outcome).aggregate(sum=Sum("calls"))["sum"]
        yield Row(section, f"{outcome}: counted of those sent", 100 * stored / sent, "%", 100)
        if not full:
            yield Row(section, f"{outcome}: missing", sent - stored, "", 0)


def _run(url: str, processes: int, share: float, *, is_on: bool) -> list[Any]:
    """Flood in so many processes at once; return what each has to say."""
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks.flood_worker"]
    running = [
        subprocess.Popen(
            [*command, str(number), str(processes), str(share), str(int(is_on))],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )
        for number in range(processes)
    ]  # fmt: skip
    found = [json.loads(one.communicate()[0]) for one in running]
    assert not any(one.returncode for one in running)
    return found


def _counted(processes: int) -> str:
    return "one process" if processes == 1 else f"{processes} processes"
