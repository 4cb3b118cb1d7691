"""Write when origin entries were used: rarely, because there may be a million of them.

The first sighting of a day writes the row. Later calls of that day are written by chance: the more
a write would add in proportion, the likelier it is. So the calls of a day are an estimate that is
right on average, however many processes there are and however briefly they live, for about two
writes per entry and day.
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
    """Return SQL that takes the new value on a new last day, and `same` on the stored one."""
    is_new = f"{columns.row('last_day')} < {columns.new('last_day')}"
    return f"CASE WHEN {is_new} THEN {columns.new(name)} ELSE {same} END"


def _earlier(columns: ConflictColumns, name: str) -> str:
    return _of_day(columns.row(name), columns, name)


def _calls(columns: ConflictColumns, name: str) -> str:
    return _of_day(_bounded_sum(columns, name), columns, name)


# Expressions that use the stored last_day come before last_day: see Upsert.
_UPSERT: Final = Upsert(
    EntrySeen,
    ("entry", "first_day", "last_day", "calls", "earlier"),
    {"earlier": _earlier, "calls": _calls, "last_day": latest},
)


def write_entries(
    used: Mapping[int, int], day: date, alias: str, draw: Callable[[], float] = random
) -> Iterator[int]:
    """Write the calls of entries on a day; yield the number of rows of each transaction.

    `used` maps the key of each entry to its calls.
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
    """Return the calls to write, or None to write nothing, and the weight of the days before."""
    calls = min(calls, MAX_DAY_CALLS)
    if row is None:
        return calls, 0
    if row.last_day < day:
        return calls, row.earlier_on(day)
    usual = int(row.calls_a_day)
    if calls < usual:
        # On average, this writes as many calls as there were.
        return (usual, 0) if draw() * usual < calls else (None, 0)
    return calls or None, 0
