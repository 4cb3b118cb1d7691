"""Insert rows or add to those that are there, in one statement, on each database.

Django's `bulk_create(update_conflicts=True)` can replace a value but not add to it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from corsadmin.sightings.bounded import MAX_ROWS, in_slices


class ConflictColumns:
    """How an upsert names a value: `row` that of the stored row, `new` that of the given one."""

    def __init__(self, connection: BaseDatabaseWrapper, table: str) -> None:
        self._quote = connection.ops.quote_name
        self._table = table
        self.is_mysql = connection.vendor == "mysql"

    def row(self, column: str) -> str:
        return f"{self._quote(self._table)}.{self._quote(column)}"

    def new(self, column: str) -> str:
        name = self._quote(column)
        return f"VALUES({name})" if self.is_mysql else f"EXCLUDED.{name}"


Expression = Callable[[ConflictColumns, str], str]


def added(columns: ConflictColumns, name: str) -> str:
    """Return the sum of what is stored and what is given."""
    return f"{columns.row(name)} + {columns.new(name)}"


def overwritten(columns: ConflictColumns, name: str) -> str:
    """Return what is given."""
    return columns.new(name)


def latest(columns: ConflictColumns, name: str) -> str:
    """Return the later of both."""
    return _chosen(columns, name, ">")


def earliest(columns: ConflictColumns, name: str) -> str:
    """Return the earlier of both."""
    return _chosen(columns, name, "<")


def next_hour(columns: ConflictColumns, name: str) -> str:
    """Return the number of hours, and one more where the row was last seen before a given moment."""
    last = columns.row("last_seen")
    return f"{columns.row(name)} + CASE WHEN {last} < %s THEN 1 ELSE 0 END"


@dataclass(frozen=True, slots=True)
class Upsert:
    """How rows of a model are written: its columns, and what becomes of those that are there.

    ConflictColumns without an expression stay as they are in a row that is there. The expressions may hold
    placeholders for `moments`, and are evaluated in their order: MySQL takes each new value for
    those that follow.
    """

    model: type[Model]
    columns: tuple[str, ...]
    expressions: Mapping[str, Expression]
    moments: tuple[datetime, ...] = ()

    def write(self, alias: str, rows: Sequence[Sequence[object]]) -> None:
        """Write rows, each with a key of its own, in the open transaction."""
        connection = connections[alias]
        # SQLite bounds the parameters of a statement.
        most = connection.features.max_query_params or MAX_ROWS * len(self.columns)
        for some in in_slices(rows, most // len(self.columns)):
            with connection.cursor() as cursor:
                values: list[Any] = [*self._values(connection, some)]
                cursor.execute(self._statement(connection, len(some)), values)

    def _statement(self, connection: BaseDatabaseWrapper, count: int) -> str:
        meta: Any = self.model._meta  # noqa: SLF001 (Django's documented name)
        quote = connection.ops.quote_name
        names = ", ".join(quote(meta.get_field(name).column) for name in self.columns)
        places = f"({', '.join(['%s'] * len(self.columns))})"
        columns = ConflictColumns(connection, meta.db_table)
        changes = ", ".join(
            f"{quote(name)} = {expression(columns, name)}"
            for name, expression in self.expressions.items()
        )
        key = quote(meta.pk.column)
        conflict = (
            "ON DUPLICATE KEY UPDATE" if columns.is_mysql else f"ON CONFLICT ({key}) DO UPDATE SET"
        )
        return (
            f"INSERT INTO {quote(meta.db_table)} ({names})"
            f" VALUES {', '.join([places] * count)} {conflict} {changes}"
        )

    def _values(
        self, connection: BaseDatabaseWrapper, rows: Iterable[Sequence[object]]
    ) -> Iterator[object]:
        meta = self.model._meta  # noqa: SLF001 (Django's documented name)
        fields: list[Any] = [meta.get_field(name) for name in self.columns]
        for row in rows:
            for field, value in zip(fields, row, strict=True):
                yield field.get_db_prep_save(value, connection)
        yield from map(connection.ops.adapt_datetimefield_value, self.moments)


def _chosen(columns: ConflictColumns, name: str, comparison: str) -> str:
    row, new = columns.row(name), columns.new(name)
    return f"CASE WHEN {new} {comparison} {row} THEN {new} ELSE {row} END"
