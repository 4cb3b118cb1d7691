"""Clean up the tables once an hour, in the process that comes first."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import monotonic, time
from typing import Final

from django.db import Error
from django.db.models import Q

from corsadmin.models import UpkeepTurn
from corsadmin.sightings.bounded import bounded_transaction, read_bounded
from corsadmin.sightings.eviction import evict_hosts, evict_origins
from corsadmin.sightings.moments import moment
from corsadmin.sightings.retention import end_days, follow_the_gone, merge_hours
from corsadmin.sightings.steps import StepReport, run_parts

BETWEEN_TURNS: Final = timedelta(hours=1)
MAX_SECONDS: Final = 600
_ONLY: Final = 1  # the key of the one row
_LONG_AGO: Final = 86_400.0  # in epoch seconds


def tidy(
    alias: str,
    between: Callable[[], object] = lambda: None,
    *,
    now: float | None = None,
    clock: Callable[[], float] = monotonic,
) -> StepReport:
    """Clean up a database if it is time and no other process does; report the rows removed.

    If it is not time, this costs one small query. It raises no error of the database. It calls
    `between` after each transaction, which has at most 1,000 rows. `now` is in epoch seconds.
    """
    here = moment(time() if now is None else now)
    try:
        if not _claim(here, alias):
            return StepReport()
    except Error as error:
        return StepReport(failed=1, error=str(error))
    return run_parts(_parts(here, alias), MAX_SECONDS, between, clock)


def _claim(now: datetime, alias: str) -> bool:
    """Take the turn unless a process had it within the hour, by clocks that may be wrong."""
    turns = UpkeepTurn.objects.using(alias)
    is_due = Q(begun__lte=now - BETWEEN_TURNS) | Q(begun__gt=now + BETWEEN_TURNS)
    begun = read_bounded(turns.filter(pk=_ONLY).values_list("begun", flat=True))
    if not begun:
        with bounded_transaction(alias):
            first = UpkeepTurn(pk=_ONLY, begun=moment(_LONG_AGO))
            turns.bulk_create([first], ignore_conflicts=True)
    elif abs(now - begun[0]) < BETWEEN_TURNS:
        return False
    with bounded_transaction(alias):
        return turns.filter(is_due, pk=_ONLY).update(begun=now) == 1


def _parts(now: datetime, alias: str) -> Iterator[Iterator[int]]:
    yield evict_origins(alias)
    yield evict_hosts(alias)
    yield merge_hours(now, alias)
    yield end_days(now, alias)
    yield follow_the_gone(now, alias)
