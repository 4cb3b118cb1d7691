"""Read from PostgreSQL, in a single query, everything that may have changed.

Why in a single query: docs/decisions/poll-and-hint.md.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.engine.emergencies import Stop
from corsadmin.models.counter import Counter
from corsadmin.serving.loader.columns import Batch, Columns
from corsadmin.serving.loader.entries import stops_of_rows
from corsadmin.serving.loader.joined_texts import JoinedTexts
from corsadmin.serving.loader.reader import may_follow
from corsadmin.serving.loader.sql import JOINED, STOPS, complete
from corsadmin.serving.loader.yielder import Yielder

MAX_QUERY_TENANTS: Final = 1_000  # with more, work on the first ones while the others are joined
_FIRST_KEY: Final = -(2**63)
_LAST_KEY: Final = 2**63 - 1
_ARE_MANY: Final = "(SELECT count(*) > %(limit)s FROM corsadmin_tenant WHERE {chosen})"
# The counter; the mark of the latest move up to the known one; the tenants removed since; the
# emergencies; whether there are too many tenants for one row; and, if not, that row.
_STATEMENT: Final = (
    "SELECT value, rebuild, mark,"
    " (SELECT mark FROM corsadmin_move WHERE generation <= %(since)s"
    " ORDER BY generation DESC LIMIT 1),"
    " (SELECT string_agg(removed, ' ') FROM corsadmin_move WHERE generation > %(since)s),"
    " (SELECT json_agg(json_build_array(slug, level, until))::text FROM ({stops}) stop),"
    " {many}, joined.* FROM corsadmin_generation CROSS JOIN ({joined}) joined"
    " WHERE corsadmin_generation.id = 1"
)


class SingleQueryReader(NamedTuple):
    """A reader that has read everything already."""

    counter: Counter
    since: int | None
    removed: set[int]
    found_stops: Mapping[str, Stop]
    columns: Columns
    yielder: Yielder

    def stops(self) -> Mapping[str, Stop]:
        """Return the emergencies that are stored, by the slug of their tenant."""
        return self.found_stops

    def batches(self) -> Iterator[Batch]:
        """Yield the tenants stamped since the known generation, or all active ones."""
        return self.columns.batches(self.yielder)


def query_once(
    connection: BaseDatabaseWrapper, known: Counter, yielder: Yielder
) -> SingleQueryReader | None:
    """Return what has changed since the known state, or everything if that cannot be known.

    None if one row cannot hold it: there are too many tenants, a stored text has torn the row, or
    the counter has no row yet.
    """
    changes = _ask(connection, known, yielder, full=False)
    if changes is None or changes.since is not None:
        return changes
    return _ask(connection, known, yielder, full=True)


def _ask(
    connection: BaseDatabaseWrapper, known: Counter, yielder: Yielder, *, full: bool
) -> SingleQueryReader | None:
    statement = complete(_statement(), connection.vendor, full=full)
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"since": known.value, "last": _LAST_KEY, "limit": MAX_QUERY_TENANTS}
        )
        yielder.waited()
        found = cursor.fetchone()
    if found is None:
        return None
    value, rebuild, mark, past, removed, stops, are_many, *row = found
    columns = None if are_many else JoinedTexts(yielder, connection.timezone).split(tuple(row))
    if columns is None:
        return None
    counter = Counter(value, rebuild, mark)
    follows = counter == known or (may_follow(known, counter) and past == known.mark)
    since = known.value if follows and not full else None
    keys = set() if since is None else {int(key) for key in (removed or "").split()}
    found_stops = stops_of_rows(json.loads(stops or "[]"), connection.timezone)
    return SingleQueryReader(counter, since, keys, found_stops, columns, yielder)


def _statement() -> str:
    # If there are too many, the range begins at the last possible key, so the row is empty.
    first = f"(CASE WHEN {_ARE_MANY} THEN {_LAST_KEY} ELSE {_FIRST_KEY} END)"
    joined = JOINED["postgresql"].replace("%(first)s", first)
    statement = _STATEMENT.replace("{stops}", STOPS.replace("{until}", "{until} AS until"))
    return statement.replace("{joined}", joined).replace("{many}", _ARE_MANY)
