"""Insert rows or add to stored ones, in one statement, on each database.

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
    """How an upsert names a value: `row` for that of the stored row, `new` for the given one."""

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
    """Return SQL for the sum of the stored and the given value."""
    return f"{columns.row(name)} + {columns.new(name)}"


def overwritten(columns: ConflictColumns, name: str) -> str:
    """Return SQL for the given value."""
    return columns.new(name)


def latest(columns: ConflictColumns, name: str) -> str:
    """Return SQL for the later of both values."""
    return _chosen(columns, name, ">")


def earliest(columns: ConflictColumns, name: str) -> str:
    """Return SQL for the earlier of both values."""
    return _chosen(columns, name, "<")


def next_hour(columns: ConflictColumns, name: str) -> str:
    """Return SQL for the hours, plus one if the row was last seen before a given moment."""
    last = columns.row("last_seen")
    return f"{columns.row(name)} + CASE WHEN {last} < %s THEN 1 ELSE 0 END"


@dataclass(frozen=True, slots=True)
class Upsert:
    """How to write rows of a model: its columns, and the expressions that change stored rows.

    In a stored row, columns without an expression stay unchanged. Expressions may have placeholders
    for `moments`. They are evaluated in order: on MySQL, an expression sees the new values of those
    before it.
    """

    model: type[Model]
    columns: tuple[str, ...]
    expressions: Mapping[str, Expression]
    moments: tuple[datetime, ...] = ()

    def write(self, alias: str, rows: Sequence[Sequence[object]]) -> None:
        """Write rows with distinct keys, in the open transaction."""
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
