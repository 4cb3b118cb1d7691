"""Put the rows of a file into temporary tables of the database that they are compared with.

docs/decisions/staging.md explains why the database compares and writes them.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import DatabaseError, NotSupportedError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.models.database import stored_moment
from corsadmin.models.fields import AnyField
from corsadmin.transfer.formats.json_writer import written_object
from corsadmin.transfer.records.check import Checked
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import HOST, KINDS, TENANT, Kind, Row, table_of

_VENDORS: Final = ("postgresql", "sqlite")
_BATCH: Final = 5_000
_Values = tuple[Any, ...] | None  # whatever the driver of the database takes
_MAX_NOTES: Final = 4_000_000  # characters of the notes of a batch; nothing else is long
_STEPS: Final = ("staged", "differs", "removed")


def temporary(step: str, kind: Kind) -> str:
    """Return the name of a temporary table. `step` is `staged`, `differs` or `removed`."""
    return f"corsadmin_{step}_{kind.name}"


@dataclass(frozen=True, slots=True)
class StagedFault:
    """A fault of a row that is staged already."""

    kind: Kind
    number: int
    fault: Fault


class Stage:
    """The checked rows of one file in the temporary tables of one connection."""

    def __init__(self, alias: str, kinds: tuple[Kind, ...] = KINDS) -> None:
        """`kinds` are those that the format carries. Rows of other kinds stay untouched."""
        self.alias = alias
        self.kinds = kinds
        self.counts = dict.fromkeys(kinds, 0)
        self._number = 0
        self._indexed: set[str] = set()
        self._waiting: dict[Kind, list[Row]] = {kind: [] for kind in kinds}
        self._weight = 0
        self._adapters = {kind: _adapters(kind, self.connection) for kind in kinds}

    @property
    def connection(self) -> BaseDatabaseWrapper:
        return connections[self.alias]

    def name(self, name: str) -> str:
        """Return a name quoted for SQL."""
        return self.connection.ops.quote_name(name)

    def run(self, sql: str, parameters: _Values = ()) -> int:
        """Run a statement and return the number of rows it touched."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)

    def rows(self, sql: str) -> Iterator[Row]:
        """Run a query and yield its rows."""
        yield from self._rows(sql, None, self.connection.cursor)

    def many_rows(self, sql: str, parameters: _Values = None) -> Iterator[Row]:
        """Run a query and yield its rows, with few of them in memory at once."""
        # With an ordinary cursor, PostgreSQL's driver would fetch all rows at once.
        yield from self._rows(sql, parameters, self.connection.chunked_cursor)

    def _rows(self, sql: str, values: _Values, open_cursor: Callable[[], Any]) -> Iterator[Row]:
        with open_cursor() as cursor:
            cursor.execute(sql, values)
            while batch := cursor.fetchmany(_BATCH):
                yield from batch

    def create(self) -> None:
        """Create the tables, after dropping any that an earlier run left on this connection."""
        self.drop()
        for kind in self.kinds:
            columns = ", ".join(
                f"{self.name(column.name)} {column.field.db_type(self.connection)}"
                for column in kind.columns
            )
            self.run(
                f"CREATE TEMPORARY TABLE {self.name(temporary('staged', kind))}"
                f" (number integer, place text, tenant text, missing integer, in_doubt boolean, {columns})"
            )

    def drop(self) -> None:
        """Drop the tables."""
        for step in _STEPS:
            for kind in KINDS:
                self.run(f"DROP TABLE IF EXISTS {self.name(temporary(step, kind))}")

    def add(self, kind: Kind, tenant: str, place: str, checked: Checked) -> None:
        """Add a row without certain faults."""
        self._number += 1
        row = checked.row
        for position, adapt in self._adapters[kind]:
            if row[position] is not None:
                row = (*row[:position], adapt(row[position]), *row[position + 1 :])
        waiting = self._waiting[kind]
        waiting.append((self._number, place, tenant, checked.missing, checked.in_doubt, *row))
        # The last value is a note or a host.
        self._weight += len(row[-1])
        if len(waiting) >= _BATCH:
            self._flush(kind)
        if self._weight > _MAX_NOTES:
            self._weight = 0
            for each in self.kinds:
                self._flush(each)

    def finish(self) -> None:
        """Write the rows that are left, and index them."""
        for kind in self.kinds:
            self._flush(kind)
            table = self.name(temporary("staged", kind))
            index = self.name(f"{temporary('staged', kind)}_key")
            self.run(f"CREATE INDEX {index} ON {table} ({self._key(kind)})")
            self.analyze(temporary("staged", kind), self._key(kind))

    def analyze(self, table: str, columns: str) -> None:
        """Let the database collect statistics of these columns of a temporary table."""
        if self.connection.vendor != "postgresql":
            self.run(f"ANALYZE {self.name(table)}")
            return
        # A small sample is enough, and takes a tenth of the time.
        self.run("SET LOCAL default_statistics_target = 10")
        self.run(f"ANALYZE {self.name(table)} ({columns})")

    def rename(self, before: str, after: str) -> None:
        """Give a tenant's rows another slug."""
        for kind in self.kinds:
            table = self._indexed_by(kind, "tenant")
            self.run(f"UPDATE {table} SET tenant = %s WHERE tenant = %s", (after, before))

    def repeated(self) -> list[StagedFault]:
        """Return a fault for each row whose key is in the file before it."""
        return [found for kind in self.kinds for found in self._repeated(kind)]

    def withdraw(self, kind: Kind, number: int) -> tuple[str, str, object]:
        """Remove a staged row; return its place, its tenant and its values as in the file."""
        table = self._indexed_by(kind, "number")
        names = ", ".join(self.name(name) for name in kind.names)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT place, tenant, missing, {names} FROM {table} WHERE number = %s", [number]
            )
            place, tenant, missing, *stored = cursor.fetchone()
            cursor.execute(f"DELETE FROM {table} WHERE number = %s", [number])
        self.counts[kind] -= 1
        row = self.row(kind, stored)
        return place, tenant, row[0] if kind is HOST else written_object(kind, row, missing)

    def row(self, kind: Kind, stored: Sequence[object]) -> Row:
        """Return raw values of the database in the form that a model would have."""
        return tuple(
            self._value(column.field, value)
            for column, value in zip(kind.columns, stored, strict=True)
        )

    def _value(self, field: AnyField, stored: object) -> object:
        expression = field.get_col(table_of(field.model))
        for convert in [
            *self.connection.ops.get_db_converters(expression),
            *expression.get_db_converters(self.connection),
        ]:
            stored = convert(stored, expression, self.connection)
        return stored

    def _indexed_by(self, kind: Kind, column: str) -> str:
        """Index the table of the staged rows by a column, if not done yet, and return its name."""
        table = temporary("staged", kind)
        index = f"{table}_{column}"
        if index not in self._indexed:
            self._indexed.add(index)
            self.run(f"CREATE INDEX {self.name(index)} ON {self.name(table)} ({self.name(column)})")
        return self.name(table)

    def _key(self, kind: Kind) -> str:
        own = [self.name(name) for name in kind.key]
        return ", ".join(own if kind in (HOST, TENANT) else ["tenant", *own])

    def _repeated(self, kind: Kind) -> Iterator[StagedFault]:
        table, key = self.name(temporary("staged", kind)), self._key(kind)
        columns = key.split(", ")
        same = " AND ".join(f"s.{column} = first.{column}" for column in columns)
        found = self.rows(
            f"SELECT s.number, s.place, s.tenant, f.place FROM (SELECT {key}, MIN(number) AS number FROM {table}"
            f" GROUP BY {key} HAVING COUNT(*) > 1) first"
            f" JOIN {table} s ON {same} AND s.number > first.number"
            f" JOIN {table} f ON f.number = first.number ORDER BY s.number"
        )
        for number, place, tenant, first in found:
            yield StagedFault(kind, number, fault(place, "duplicate", first).of(tenant))

    def _flush(self, kind: Kind) -> None:
        rows, self._waiting[kind] = self._waiting[kind], []
        self.counts[kind] += len(rows)
        if not rows:
            return
        own = ("number", "place", "tenant", "missing", "in_doubt")
        names = ", ".join([*own, *map(self.name, kind.names)])
        table = f"{self.name(temporary('staged', kind))} ({names})"
        with self._together(), self.connection.cursor() as cursor:
            if hasattr(cursor, "copy"):  # psycopg 3
                # Django does not wrap the errors of this method of the driver.
                copying = cursor.copy(f"COPY {table} FROM STDIN")
                with self.connection.wrap_database_errors, copying as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Write a batch in one transaction, without locking anybody out: the tables are private."""
        if self.connection.vendor != "sqlite":
            # No savepoints: hundreds of them would slow down everybody's queries.
            with transaction.atomic(using=self.alias, savepoint=False):
                yield
            return
        # Not atomic(): with transaction_mode IMMEDIATE it would wait for every other writer.
        self.run("SAVEPOINT corsadmin_batch")
        try:
            yield
        finally:
            self.run("RELEASE corsadmin_batch")


def foreign_database(alias: str) -> str:
    """Return the name of the database product if it cannot stage rows, otherwise blank."""
    connection = connections[alias]
    return "" if connection.vendor in _VENDORS else connection.display_name


@contextmanager
def open_stage(alias: str, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Stage]:
    """Create a stage, and drop its tables at the end; on PostgreSQL all in one transaction.

    Otherwise a pooler that lends connections per transaction would give the tables to another client.
    Raises NotSupportedError on databases other than SQLite and PostgreSQL: on MySQL, creating an
    index commits the transaction, so an import could not be all or nothing.
    """
    if foreign_database(alias):
        message = "imports need SQLite or PostgreSQL"
        raise NotSupportedError(message)
    stage = Stage(alias, kinds)
    if stage.connection.vendor == "postgresql":
        with transaction.atomic(using=alias):
            stage.create()
            yield stage
            stage.drop()
        return
    # Not atomic(): on SQLite it would keep other writers waiting while a file is read.
    stage.create()
    try:
        yield stage
    except DatabaseError:
        # The connection may be lost or its transaction broken; the tables go with it.
        raise
    except BaseException:
        stage.drop()
        raise
    stage.drop()


Adapters = list[tuple[int, Callable[[object], object]]]


def _adapters(kind: Kind, connection: BaseDatabaseWrapper) -> Adapters:
    """Return the place and the converter of each column whose values the driver does not accept."""
    found: Adapters = []
    for position, column in enumerate(kind.columns):
        if isinstance(column.field, models.JSONField):
            found.append((position, partial(_json, column.field)))
        elif isinstance(column.field, models.DateTimeField):
            found.append((position, partial(_moment, connection)))
    return found


def _moment(connection: BaseDatabaseWrapper, moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(stored_moment(moment))


def _json(field: AnyField, value: object) -> str:
    return json.dumps(field.get_prep_value(value))
