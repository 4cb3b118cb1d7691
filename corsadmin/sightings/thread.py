"""The one thread of a process that drains its ring, and writes what it saw once a minute."""

import contextlib
import logging
import threading
from collections.abc import Callable
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from django.db import connections

from corsadmin.serving.connection import abort_connection, own_connection
from corsadmin.sightings.bounded import MAX_STATEMENT_MILLISECONDS
from corsadmin.sightings.pacing import Wait, flush_interval
from corsadmin.sightings.ring import MAX_ITEMS

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger("corsadmin")

NAME: Final = "corsadmin-drain"
MAX_STOP_SECONDS: Final = 3.0  # for the last flush; then its connection is cut
# A database that is silent for so long will not answer: no flush, and no step of the upkeep, may
# take longer.
MAX_SILENT_SECONDS: Final = 60.0


class Work(Protocol):
    """What the thread does. Neither part waits for requests, and no request waits for it."""

    def drain(self) -> int:
        """Drain the ring; return how many items it had."""

    def write(self, alias: str) -> None:
        """Write what was seen since the last write."""

    def tidy(self, alias: str, between: Callable[[], object]) -> None:
        """Remove expired rows if it is time. Calls `between` after each transaction."""


class _StoppedError(Exception):
    """Raised to end the thread."""


class DrainThread:
    """Drains as often as the ring needs, and writes about once a minute, until it is stopped.

    Its queries use a connection of its own, which is closed after each flush: a stuck flush delays
    nobody. The thread ends with the process.
    """

    def __init__(self, work: Work, alias: str) -> None:
        self._work = work
        self._alias = alias
        self._random = Random()  # noqa: S311 (no secret)
        self._stopped = threading.Event()
        self._is_cut = False
        self._due = self._next_flush()
        self._silent_since: float | None = None  # while a query runs
        self._connection: BaseDatabaseWrapper | None = None  # the thread's alone
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Report whether the thread runs. In a forked child it does not."""
        return self._thread.is_alive()

    def abort_if_hung(self) -> None:
        """Abort a query that gets no answer; the next flush connects again. For any thread.

        A server that is suspended, or that outlives a failover, does not keep time-outs.
        """
        since = self._silent_since
        if since is not None and monotonic() - since > MAX_SILENT_SECONDS:
            self._silent_since = monotonic()
            self._abort()

    def stop(self) -> None:
        """Let the thread write once more, end it, and wait for it for a bounded time."""
        self._stopped.set()
        self._thread.join(MAX_STOP_SECONDS)
        if self._thread.is_alive():
            self._is_cut = True
            self._abort()
            self._thread.join(MAX_STOP_SECONDS)

    def _abort(self) -> None:
        connection = self._connection
        abort_connection(connection.connection if connection is not None else None)

    def _run(self) -> None:
        # Made in this thread, because Django lets only the thread that made a connection use it.
        connection = own_connection(self._alias, MAX_STATEMENT_MILLISECONDS // 1_000)
        connections[self._alias] = self._connection = connection
        wait = Wait()
        try:
            while not self._stopped.wait(wait.seconds):
                wait.adapt(self._work.drain(), MAX_ITEMS)
                if monotonic() >= self._due:
                    self._write()
                    if self._stopped.is_set():
                        break  # the upkeep could hang as this flush did, and is cut only once
                    with contextlib.suppress(_StoppedError):
                        self._work.tidy(self._alias, self._go_on)
                    connection.close()
                    self._silent_since = None
            if not self._is_cut:
                self._work.drain()
                self._write()
        except Exception:
            logger.exception("The drain of sightings has failed; the next refresh restarts it.")
        finally:
            connections.close_all()

    def _write(self) -> None:
        self._silent_since = monotonic()
        self._due = self._next_flush()  # however long this one takes
        self._work.write(self._alias)
        self._silent_since = monotonic()

    def _go_on(self) -> None:
        """Drain and write between two steps of the upkeep, which may take minutes."""
        self._work.drain()
        if self._stopped.is_set():
            raise _StoppedError
        if monotonic() >= self._due:
            self._write()
        self._silent_since = monotonic()

    def _next_flush(self) -> float:
        return monotonic() + flush_interval(self._random)
