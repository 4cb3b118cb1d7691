"""One state of the database to read from, in steps that leave the interpreter to others."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, Final

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from corsadmin.serving.connection import in_transaction
from corsadmin.serving.loader import sql
from corsadmin.serving.loader.ahead import asked_ahead

# A thread that never waits gets the interpreter back after so long, and then keeps it for 5 ms.
# Shorter steps would make a load beside it take longer. With longer ones a thousandth of its
# requests, which is how many are interrupted, might take more than 2 ms.
STEP_SECONDS: Final = 0.0015
REST_SECONDS: Final = 0.00005
Alive = Callable[[], None]
Range = tuple[int, int]  # the first and last keys of some tenants
Rows = Generator[tuple[Range, tuple[Any, ...] | None], None, None]


@contextmanager
def one_state(using: str) -> Iterator[None]:
    """Open a transaction in which every query sees the same state of the database.

    Inside a transaction of the caller's nothing is opened but a savepoint: its state is taken.
    On a connection that threads share (Django's live server on SQLite in memory) nothing at all is
    opened: what another thread writes meanwhile would be rolled back with it.
    """
    connection = connections[using]
    if connection.allow_thread_sharing:
        yield
    elif in_transaction(connection):
        with transaction.atomic(using=using):
            yield
    elif connection.vendor == "sqlite":
        with _deferred(connection):
            yield
    else:
        if connection.vendor == "mysql":
            _of_one_state(connection)  # it is told before the transaction begins
        with transaction.atomic(using=using):
            if connection.vendor == "postgresql":
                _of_one_state(connection)
            yield


def _of_one_state(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextmanager
def _deferred(connection: BaseDatabaseWrapper) -> Iterator[None]:
    # Not atomic(): with transaction_mode IMMEDIATE it would queue up behind every writer.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        # Bytes that are no text must not keep all the other rows from being read.
        connection.connection.text_factory = _lenient
        try:
            yield
        finally:
            connection.connection.text_factory = str
            cursor.execute("ROLLBACK")


def _lenient(raw: bytes) -> str:
    return raw.decode(errors="replace")


class Yielder:
    """Steps that are short enough for the requests beside them. `alive` is called with each."""

    def __init__(self, alive: Alive) -> None:
        self._alive = alive
        self._since = time.perf_counter()

    def step(self) -> None:
        """Let others have the interpreter, if this thread has had it for a while."""
        self._alive()
        if time.perf_counter() - self._since > STEP_SECONDS:
            # Not 0: this thread would take it back before another one has woken up.
            time.sleep(REST_SECONDS)
            self.waited()

    def waited(self) -> None:
        """Say that others have just had the interpreter."""
        self._since = time.perf_counter()


class _Streaming:
    """A cursor of psycopg whose rows are taken as they come, not when all are there."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._rows: Iterator[tuple[Any, ...]] = iter(())

    def execute(self, statement: str, parameters: object) -> None:
        self._rows = self._cursor.stream(statement, parameters)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows


class Reader:
    """Executes statements on one database, about all active tenants or those stamped `since`.

    `alone`: the transaction is the reader's own, and nothing else will be done in it.
    """

    def __init__(
        self, using: str, since: int | None, pace: Yielder, *, alone: bool = False
    ) -> None:
        self.connection = connections[using]
        self.vendor = self.connection.vendor
        self.pace = pace
        self._since = since
        self._alone = alone

    def joined(self) -> Rows:
        """Yield each range with its row of joined texts, None where it must be read row by row.

        Read no rows of another statement in between.
        """
        if self._alone and self.vendor == "postgresql":
            yield from self._all_joined()
            return
        statement = sql.JOINED.get(self.vendor)
        ranges = self.ranges()
        if self._alone and self.vendor == "sqlite" and len(ranges) > 1:
            yield from self._joined_ahead(ranges)
            return
        for of in ranges:
            row = None if statement is None else self._joined(statement, of)
            self.pace.waited()
            yield of, row

    def ranges(self) -> list[Range]:
        """Return the first and last keys of so many tenants at a time as one row holds."""
        keys = [key for (key,) in self.rows(sql.RANGES, (0, 0))]
        keys += keys[-1:] * (len(keys) % 2)
        return list(zip(keys[::2], keys[1::2], strict=True))

    def rows(self, statement: str, of: Range) -> list[tuple[Any, ...]]:
        """Return the rows of a statement about a range of tenants."""
        found = self._rows(statement, of)
        self.pace.waited()
        return found

    def _rows(self, statement: str, of: Range) -> list[tuple[Any, ...]]:
        statement = sql.complete(statement, self.vendor, full=self._since is None)
        with self.connection.cursor() as cursor:
            cursor.execute(statement, {"since": self._since, "first": of[0], "last": of[1]})
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _joined_ahead(self, ranges: list[Range]) -> Rows:
        # SQLite has no process of its own, and works in the thread that asks it.
        ask = partial(self._joined, sql.JOINED[self.vendor])
        self.connection.inc_thread_sharing()
        try:
            with closing(asked_ahead(ask, ranges)) as rows:
                for of, row in rows:
                    self.pace.waited()
                    yield of, row
        finally:
            self.connection.dec_thread_sharing()

    def _joined(self, statement: str, of: Range) -> tuple[Any, ...] | None:
        try:
            (row,) = self._rows(statement, of)
        except OperationalError:
            if self.vendor != "sqlite":
                raise
            return None  # bytes in the place of a text cannot be joined
        return row

    def _all_joined(self) -> Rows:
        statement = sql.complete(sql.STREAMED, self.vendor, full=self._since is None)
        with self.connection.cursor() as cursor:
            # To compile a statement for tenants by the hundred thousand takes longer than it saves.
            cursor.execute("SET LOCAL jit = off")
            rows: Any = cursor
            if hasattr(cursor.cursor, "stream"):  # not with psycopg 2
                rows = CursorWrapper(_Streaming(cursor.cursor), self.connection)
            rows.execute(statement, {"since": self._since})
            for first, last, *row in rows:
                self.pace.waited()
                yield (first, last), tuple(row)
