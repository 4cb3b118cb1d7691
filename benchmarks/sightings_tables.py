"""How large the tables of sightings grow on PostgreSQL: a million entries, 90 days of 1,000 tenants."""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.core.management import call_command
from django.db import connection

from benchmarks.rows import Row
from corsadmin.sightings.batch import Calls, HourlyOutcome
from corsadmin.sightings.bounded import MAX_ROWS
from corsadmin.sightings.counts import write_traffic
from corsadmin.sightings.entry_use import write_entries
from corsadmin.sightings.retention import end_days, merge_hours
from tests.databases import Postgres, folder_for
from tests.serving.databases import alias_leads_to

MANY, FEW = 1_000_000, 50_000
TENANTS: Final = 1_000
OUTCOMES: Final = ("allowed", "origin-not-listed")
FLUSHES: Final = 4  # an hour
KEPT_DAYS: Final = 90
HOURLY_DAYS: Final = 9  # simulated by the hour; the others are there as days
HOURS: Final = 24
_SHORT: Final = 10  # rounds below which a short run was asked for
_DAY: Final = date(2026, 11, 30)


def rows(rounds: int) -> Iterator[Row]:
    """Fill the tables as processes do, and yield their sizes."""
    entries = FEW if rounds < _SHORT else MANY
    with folder_for("sightings") as folder, Postgres(folder) as server:
        server.execute("CREATE DATABASE sightings")
        with alias_leads_to(server.settings("sightings")):
            call_command("migrate", verbosity=0)
            yield from _entries(entries)
            yield from _traffic(TENANTS if entries == MANY else TENANTS // 20)


def _entries(count: int) -> Iterator[Row]:
    section = f"use of {count:,} entries, PostgreSQL"
    order = list(range(1, count + 1))
    chance = random.Random(7)
    budget = count * 120 / 1_000_000
    for days, when in enumerate(("on one day", "on two days", "on three days")):
        chance.shuffle(order)
        spent = [_seconds(some, _DAY + timedelta(days=days)) for some in _slices(order)]
        name = f"table and index, each seen {when}"
        yield Row(section, name, _size("corsadmin_entryseen"), "MB", budget)
        median = sorted(spent)[len(spent) // 2] * 1_000
        yield Row(section, f"{MAX_ROWS} entries written, median, {when}", median, "ms")
    _execute("VACUUM corsadmin_entryseen")
    yield Row(section, "after a vacuum", _size("corsadmin_entryseen"), "MB", budget)


def _seconds(keys: Sequence[int], day: date) -> float:
    started = time.perf_counter()
    for _written in write_entries(dict.fromkeys(keys, 3), day, "default"):
        pass
    return time.perf_counter() - started


def _traffic(count: int) -> Iterator[Row]:
    tenants = {f"tenant-{number}": number for number in range(count)}
    now = datetime(2026, 11, 30, tzinfo=UTC)
    begun = int(now.timestamp()) // 3_600
    for day in range(HOURLY_DAYS, KEPT_DAYS):
        _write(tenants, begun - HOURS * day)
    for hour in range(HOURS * HOURLY_DAYS, 0, -1):
        for _flush in range(FLUSHES):
            _write(tenants, begun - hour)
        if hour % HOURS == 0:
            moment = now - timedelta(hours=hour)
            for step in (merge_hours(moment, "default"), end_days(moment, "default")):
                for _removed in step:
                    pass
    found = _rows_of("corsadmin_traffic")
    section = f"traffic of {count:,} tenants, {KEPT_DAYS} days, PostgreSQL"
    size = _size("corsadmin_traffic")
    yield Row(section, "rows", found, "")
    yield Row(section, "table and indexes", size, "MB")
    yield Row(section, "a row", size * 1_000_000 / found, "bytes")


def _write(tenants: dict[str, int], hour: int) -> None:
    traffic = {HourlyOutcome(slug, one, hour): Calls(3, 1) for slug in tenants for one in OUTCOMES}
    for _written in write_traffic(traffic, tenants, "default"):
        pass


def _slices(order: Sequence[int]) -> Iterator[Sequence[int]]:
    return (order[start : start + MAX_ROWS] for start in range(0, len(order), MAX_ROWS))


def _size(table: str) -> float:
    return _execute(f"SELECT pg_total_relation_size('{table}')") / 1_000_000


def _rows_of(table: str) -> int:
    return _execute(f"SELECT count(*) FROM {table}")


def _execute(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0]) if cursor.description else 0
