"""One state of the database to read from, in steps that leave the interpreter to others."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.connection import in_transaction
from corsadmin.loader import statements

# A thread that never waits gets the interpreter back after so long, and then keeps it for 5 ms.
# Shorter steps would make a load beside it take longer, longer ones its requests.
STEP_SECONDS: Final = 0.001
REST_SECONDS: Final = 0.00005
Alive = Callable[[], None]


@contextmanager
def one_state(using: str) -> Iterator[None]:
    """Open a transaction in which every query sees the same state of the database.

    Inside a transaction of the caller's nothing is opened but a savepoint: its state is taken.
    """
    connection = connections[using]
    if in_transaction(connection):
        with transaction.atomic(using=using):
            yield
    elif connection.vendor == "sqlite":
        with _deferred(connection):
            yield
    else:
        with transaction.atomic(using=using):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


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


class Pace:
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


class Reader:
    """Executes statements on one database, about all active tenants or those stamped `since`."""

    def __init__(self, using: str, since: int | None, pace: Pace) -> None:
        self.connection = connections[using]
        self.vendor = self.connection.vendor
        self.pace = pace
        self._since = since

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last keys of so many tenants at a time as one row holds."""
        keys = [key for (key,) in self.rows(statements.RANGES, (0, 0))]
        keys += keys[-1:] * (len(keys) % 2)
        return zip(keys[::2], keys[1::2], strict=True)

    def rows(self, statement: str, of: tuple[int, int]) -> list[tuple[Any, ...]]:
        """Return the rows of a statement about a range of tenants."""
        statement = statements.complete(statement, self.vendor, full=self._since is None)
        with self.connection.cursor() as cursor:
            cursor.execute(statement, {"since": self._since, "first": of[0], "last": of[1]})
            self.pace.waited()
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
