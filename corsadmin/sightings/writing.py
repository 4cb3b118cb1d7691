"""Write what one process saw into the tables, in transactions too short to keep others waiting.

Every transaction has rows of one table, sorted by their keys, so that writers never deadlock. What
fails is forgotten and counted: nothing is tried again, so no count is ever too high.
"""

from collections.abc import Callable, Iterator, Mapping
from time import monotonic, time
from typing import Final

from django.db import Error

from corsadmin.engine import PLATFORM
from corsadmin.sightings.batch import SightingBatch
from corsadmin.sightings.callers import write_callers
from corsadmin.sightings.counts import write_hosts, write_traffic, write_unseen
from corsadmin.sightings.entry_use import write_entries
from corsadmin.sightings.lookups import find_entries, find_tenants
from corsadmin.sightings.moments import utc_day
from corsadmin.sightings.rule_use import write_rules
from corsadmin.sightings.steps import StepReport, run_parts

MAX_SECONDS: Final = 30  # for a batch; the rest is forgotten


def write_batch(
    batch: SightingBatch,
    alias: str,
    between: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = monotonic,
) -> StepReport:
    """Write a batch to a database, and report the result. Raises no error of the database.

    It calls `between` after each transaction, which takes milliseconds, or at most five seconds if
    somebody else holds a lock.
    """
    try:
        tenants = find_tenants(_slugs(batch), alias)
    except Error as error:
        return StepReport(failed=1, error=str(error))
    return run_parts(_parts(batch, tenants, alias), MAX_SECONDS, between, clock)


def _slugs(batch: SightingBatch) -> set[str]:
    return {
        *(one.tenant for one in batch.callers),
        *(one.tenant for one in batch.allowed),
        *(one.tenant for one in batch.traffic),
        *(slug for slug, _other in (*batch.names, *batch.missed)),
    }


def _parts(batch: SightingBatch, tenants: Mapping[str, int], alias: str) -> Iterator[Iterator[int]]:
    now = time()
    day = utc_day(now)
    yield write_traffic(batch.traffic, tenants, alias)
    yield write_callers(batch.callers, tenants, alias)
    yield _write_entries(batch, tenants, now, alias)
    yield write_rules(batch, tenants, day, alias)
    yield write_unseen(batch.missed, batch.ring_full, tenants, alias)
    yield write_hosts(batch.hosts, now, alias)


def _write_entries(
    batch: SightingBatch, tenants: Mapping[str, int], now: float, alias: str
) -> Iterator[int]:
    owners = {one: tenants[one.tenant] for one in batch.allowed if one.tenant in tenants}
    found = find_entries(owners, tenants.get(PLATFORM), now, alias)
    used: dict[int, int] = {}
    for one, keys in found.items():
        for key in keys:
            used[key] = used.get(key, 0) + batch.allowed[one].calls
    yield from write_entries(used, utc_day(now), alias)
