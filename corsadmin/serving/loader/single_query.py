"""Ask in one statement for all that may have changed.

A thread beside busy ones waits for the interpreter after each answer of the database, so that ten
short answers take longer than one long one. One statement sees one state of the database.
"""

from typing import Any, Final, NamedTuple, NoReturn

from corsadmin.models.counter import Counter
from corsadmin.serving.loader.database import Reader, Rows, Yielder
from corsadmin.serving.loader.sql import JOINED, complete

VENDOR: Final = "postgresql"
_FIRST_KEY: Final = -(2**63)
_LAST_KEY: Final = 2**63 - 1
_MOST: Final = 1_000  # tenants: of more the first can be worked on while the others are joined
_MANY: Final = "(SELECT count(*) > %(most)s FROM corsadmin_tenant WHERE {chosen})"
# The counter; the mark of the latest move up to the known one; who was removed since; whether the
# tenants are too many for one row; and, unless they are, that row.
_STATEMENT: Final = (
    "SELECT value, rebuild, mark,"
    " (SELECT mark FROM corsadmin_move WHERE generation <= %(since)s"
    " ORDER BY generation DESC LIMIT 1),"
    " (SELECT string_agg(removed, ' ') FROM corsadmin_move WHERE generation > %(since)s),"
    " {many}, joined.* FROM corsadmin_generation CROSS JOIN ({joined}) joined"
    " WHERE corsadmin_generation.id = 1"
)


def _statement() -> str:
    # Where they are too many, the row is about those with the last key there is: none.
    first = f"(CASE WHEN {_MANY} THEN {_LAST_KEY} ELSE {_FIRST_KEY} END)"
    joined = JOINED[VENDOR].replace("%(first)s", first)
    return _STATEMENT.replace("{joined}", joined).replace("{many}", _MANY)


class NotAtOnceError(Exception):
    """There is more to it than one statement can tell."""


class QueryResult(NamedTuple):
    """What one statement told. `past` is the mark of the move that led to the known state."""

    counter: Counter
    past: int | None
    removed: set[int]
    reader: Reader


class _Answered(Reader):
    """Has the one row of joined texts already."""

    def __init__(self, using: str, since: int | None, pace: Yielder, row: tuple[Any, ...]) -> None:
        super().__init__(using, since, pace)
        self._row = row

    def joined(self) -> Rows:
        """Yield the one range that holds all tenants."""
        yield (_FIRST_KEY, _LAST_KEY), self._row

    def rows(self, *_statement: object) -> NoReturn:
        """Raise NotAtOnceError: a text is torn."""
        raise NotAtOnceError


def query_changes(
    using: str, known: int, pace: Yielder, *, everything: bool = False
) -> QueryResult:
    """Ask about the tenants that were stamped since the known generation, or about all.

    Raises NotAtOnceError when they are too many, or where this cannot be asked.
    """
    reader = Reader(using, None if everything else known, pace)
    if reader.vendor != VENDOR:
        raise NotAtOnceError
    statement = complete(_statement(), VENDOR, full=everything)
    with reader.connection.cursor() as cursor:
        cursor.execute(statement, {"since": known, "last": _LAST_KEY, "most": _MOST})
        pace.waited()
        found = cursor.fetchone()
    if found is None or found[5]:
        raise NotAtOnceError
    value, rebuild, mark, past, removed, _many, *row = found
    return QueryResult(
        Counter(value, rebuild, mark),
        past,
        {int(key) for key in (removed or "").split()},
        _Answered(using, None if everything else known, pace, tuple(row)),
    )
