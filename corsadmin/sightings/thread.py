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


class Work(Protocol):
    """What the thread does. Neither part waits for requests, and no request waits for it."""

    def drain(self) -> int:
        """Take in what is in the ring; return how many items there were."""

    def write(self, alias: str) -> None:
        """Write what was seen since the last time."""

    def tidy(self, alias: str, between: Callable[[], object]) -> None:
        """Remove what is kept no longer, if it is time. Calls `between` again and again."""


class _StoppedError(Exception):
    """The thread is to end."""


class DrainThread:
    """Drains as often as the ring asks for it, and writes every minute or so, until it is stopped.

    Its queries use a connection of its own, which is closed after each flush: a stuck flush delays
    nobody. The thread ends with the process.
    """

    def __init__(self, work: Work, alias: str) -> None:
        self._work = work
        self._alias = alias
        self._random = Random()  # noqa: S311 (no secret)
        self._stopped = threading.Event()
        self._is_cut = False
        self._connection: BaseDatabaseWrapper | None = None  # the thread's alone
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Report whether the thread runs; it does not in a forked child."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Have the thread write once more, end it and wait for it, for a bounded time."""
        self._stopped.set()
        self._thread.join(MAX_STOP_SECONDS)
        if self._thread.is_alive() and self._connection is not None:
            self._is_cut = True
            abort_connection(self._connection.connection)
            self._thread.join(MAX_STOP_SECONDS)

    def _run(self) -> None:
        # Made here: Django lets only the thread that made a connection use it.
        connection = own_connection(self._alias, MAX_STATEMENT_MILLISECONDS // 1_000)
        connections[self._alias] = self._connection = connection
        wait, due = Wait(), self._next_flush()
        try:
            while not self._stopped.wait(wait.seconds):
                wait.adapt(self._work.drain(), MAX_ITEMS)
                if monotonic() >= due:
                    self._work.write(self._alias)
                    with contextlib.suppress(_StoppedError):
                        self._work.tidy(self._alias, self._go_on)
                    connection.close()
                    due = self._next_flush()
            if not self._is_cut:
                self._work.drain()
                self._work.write(self._alias)
        except Exception:
            logger.exception("The drain of sightings has failed; the next refresh starts it anew.")
        finally:
            connections.close_all()

    def _go_on(self) -> None:
        self._work.drain()
        if self._stopped.is_set():
            raise _StoppedError

    def _next_flush(self) -> float:
        return monotonic() + flush_interval(self._random)
