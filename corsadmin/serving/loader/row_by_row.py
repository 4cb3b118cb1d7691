"""Read tenants row by row, if a database cannot join text or a stored text has a separator."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.engine import packing
from corsadmin.engine.emergencies import Stop
from corsadmin.models.counter import Counter
from corsadmin.serving.loader import sql
from corsadmin.serving.loader.columns import GONE, Batch, Columns
from corsadmin.serving.loader.entries import Allowances, rules_blob_of_rows, stops_of_rows
from corsadmin.serving.loader.reader import read_changes
from corsadmin.serving.loader.yielder import Yielder

Range = tuple[int, int]  # the first and last keys of some tenants


class RowByRowReader:
    """Reads the rows of one range of tenants after the other. Works on every database."""

    def __init__(
        self, connection: BaseDatabaseWrapper, known: Counter | None, yielder: Yielder
    ) -> None:
        self.counter, self.since, self.removed = read_changes(connection.alias, known)
        self._connection = connection
        self._yielder = yielder
        self._allowances = Allowances(yielder, connection.timezone)

    def stops(self) -> Mapping[str, Stop]:
        """Return the emergencies that are stored, by the slug of their tenant."""
        return stops_of_rows(self._rows(sql.STOPS, (0, 0)), self._connection.timezone)

    def batches(self) -> Iterator[Batch]:
        """Yield the tenants stamped since the known generation, or all active ones."""
        for of in self._ranges():
            yield from self._row_by_row(of)

    def _row_by_row(self, of: Range) -> Iterator[Batch]:
        return self._columns(of).batches(self._yielder)

    def _ranges(self) -> list[Range]:
        """Return the first and last keys of ranges with as many tenants as one row may join."""
        keys = [key for (key,) in self._rows(sql.RANGES, (0, 0))]
        keys += keys[-1:] * (len(keys) % 2)
        return list(zip(keys[::2], keys[1::2], strict=True))

    def _rows(self, statement: str, of: Range) -> list[tuple[Any, ...]]:
        """Return the rows of a statement about a range of tenants."""
        parameters = {"since": self.since, "first": of[0], "last": of[1]}
        with self._connection.cursor() as cursor:
            cursor.execute(self._complete(statement), parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        self._yielder.waited()
        return found

    def _complete(self, statement: str) -> str:
        return sql.complete(statement, self._connection.vendor, full=self.since is None)

    def _columns(self, of: Range) -> Columns:
        hosts, rules, plain, others = (
            _by_tenant(self._rows(statement, of))
            for statement in (sql.HOSTS, sql.RULES, sql.PLAIN, sql.OTHERS)
        )
        columns: tuple[list[Any], ...] = ([], [], [], [], [], [])
        for key, slug, inherits, is_active in self._rows(sql.TENANTS, of):
            texts = (
                key,
                slug,
                rules_blob_of_rows(rules[key], inherits=bool(inherits)) if is_active else GONE,
                _lines(host for (host,) in hosts[key]),
                packing.join_literals(
                    _lines(pattern for pattern, credentials in plain[key] if not credentials),
                    _lines(pattern for pattern, credentials in plain[key] if credentials),
                ),
                self._allowances.of_rows(others[key]),
            )
            for column, text in zip(columns, texts, strict=True):
                column.append(text)
        return Columns(*columns)


def _by_tenant(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(tuple(rest))
    return found


def _lines(texts: Iterable[object]) -> str:
    return packing.LINE.join(text for text in texts if isinstance(text, str) and text.isprintable())
