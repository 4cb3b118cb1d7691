"""Write when origin entries were used: rarely, for there may be a million of them.

The first sight of a day writes its row. What follows on that day is written now and then, by chance:
the more a write would add in proportion, the likelier it is. So the calls of a day are an estimate
that is right on average, however many processes there are and however short they live, at the cost of
about two writes for an entry and day.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from random import random
from typing import Final

from corsadmin.models import EntrySeen
from corsadmin.models.sightings import MAX_DAY_CALLS
from corsadmin.sightings.bounded import bounded_transaction, in_slices, read_bounded
from corsadmin.sightings.upserts import ConflictColumns, Upsert, latest


def _bounded_sum(columns: ConflictColumns, name: str) -> str:
    row, new = columns.row(name), columns.new(name)
    return f"CASE WHEN {row} > {MAX_DAY_CALLS} - {new} THEN {MAX_DAY_CALLS} ELSE {row} + {new} END"


def _of_day(same: str, columns: ConflictColumns, name: str) -> str:
    """Return what is given for a new last day, and something else for the one that is stored."""
    is_new = f"{columns.row('last_day')} < {columns.new('last_day')}"
    return f"CASE WHEN {is_new} THEN {columns.new(name)} ELSE {same} END"


def _earlier(columns: ConflictColumns, name: str) -> str:
    return _of_day(columns.row(name), columns, name)


def _calls(columns: ConflictColumns, name: str) -> str:
    return _of_day(_bounded_sum(columns, name), columns, name)


# What depends on the last day comes before it: see Upsert.
_UPSERT: Final = Upsert(
    EntrySeen,
    ("entry", "first_day", "last_day", "calls", "earlier"),
    {"earlier": _earlier, "calls": _calls, "last_day": latest},
)


def write_entries(
    used: Mapping[int, int], day: date, alias: str, draw: Callable[[], float] = random
) -> Iterator[int]:
    """Write the calls of entries on a day, and yield the number of rows of each transaction.

    `used` has the calls by the entries' keys.
    """
    for some in in_slices(sorted(used)):
        stored = {
            row.pk: row for row in read_bounded(EntrySeen.objects.using(alias).filter(pk__in=some))
        }
        rows = []
        for key in some:
            calls, earlier = _worth_writing(stored.get(key), used[key], day, draw)
            if calls is not None:
                rows.append((key, day, day, calls, earlier))
        if rows:
            with bounded_transaction(alias):
                _UPSERT.write(alias, rows)
            yield len(rows)


def _worth_writing(
    row: EntrySeen | None, calls: int, day: date, draw: Callable[[], float]
) -> tuple[int | None, int]:
    """Return the calls to write, None for none, and the weight of the days before."""
    calls = min(calls, MAX_DAY_CALLS)
    if row is None:
        return calls, 0
    if row.last_day < day:
        return calls, row.earlier_on(day)
    usual = int(row.calls_a_day)
    if calls < usual:
        # On average as many as there were.
        return (usual, 0) if draw() * usual < calls else (None, 0)
    return calls or None, 0
