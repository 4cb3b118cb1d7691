"""One state of the database to read from, in portions that leave the interpreter to others."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_aware

from corsadmin.loader.statements import PLAIN_CONDITION, SINCE, STAMPED_TENANTS, TENANTS

_PORTION: Final = 3_000
Alive = Callable[[], None]


@contextmanager
def one_state(using: str) -> Iterator[None]:
    """Open a transaction in which every query sees the same state of the database.

    Inside a transaction of the caller's nothing is opened but a savepoint: its state is taken.
    """
    connection = connections[using]
    if connection.in_atomic_block:
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


class Reader:
    """Executes statements on one database. `alive` is called with every portion of rows."""

    def __init__(self, using: str, since: int | None, alive: Alive) -> None:
        self._connection = connections[using]
        self._alive = alive
        self._since = since
        self.vendor = self._connection.vendor

    @property
    def timezone(self) -> tzinfo | None:
        """The time zone of naive moments, None where they are local time."""
        zone: tzinfo | None = self._connection.timezone
        return zone

    def tenants(self) -> Iterator[tuple[Any, ...]]:
        """Yield the active tenants, or all that were stamped since the known generation."""
        if self._since is None:
            return self.rows(TENANTS)
        return self.rows(STAMPED_TENANTS, self._since)

    def stamped(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of tenants stamped since the known generation, or of all."""
        if self._since is None:
            return self.rows(statement.replace("{since}", ""))
        return self.rows(statement.replace("{since}", SINCE), self._since)

    def rows(self, statement: str, *parameters: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement, a portion at a time."""
        # All rows of a full load would take as much memory again; for the few rows of an
        # incremental one a cursor that the server keeps would only take more round trips.
        full = self._since is None
        with self._connection.chunked_cursor() if full else self._connection.cursor() as cursor:
            cursor.execute(statement.replace("{plain}", PLAIN_CONDITION), parameters)
            while portion := cursor.fetchmany(_PORTION):
                self._alive()
                time.sleep(0)  # whoever waits for the interpreter gets it now, not in 5 ms
                yield from portion


def epoch(moment: object, zone: tzinfo | None) -> float | None:
    """Return a stored moment as seconds since the epoch. Raises ValueError when it is none."""
    if moment is None or isinstance(moment, float):
        return moment
    parsed = moment if isinstance(moment, datetime) else parse_datetime(str(moment))
    if parsed is None:
        message = f"not a moment: {moment!r}"
        raise ValueError(message)
    if zone is not None and parsed.tzinfo is None:
        parsed = make_aware(parsed, zone)
    return parsed.timestamp()
