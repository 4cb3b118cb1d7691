"""Hold this process's snapshot and say how far it may be trusted.

States: READY (confirmed lately), STALE (the counter could not be read lately; the last snapshot
goes on serving until MAX_STALE_SECONDS), NOT_READY (nothing loaded yet, or too old to serve).
Time is monotonic: a clock that jumps extends nothing.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_future
from enum import StrEnum
from time import monotonic
from typing import Final, NamedTuple

from asgiref.sync import sync_to_async
from django.db import connections

from corsadmin import loader
from corsadmin.conf import config
from corsadmin.engine import Reason, Snapshot
from corsadmin.generation import alias_for_writing
from corsadmin.refresher import Refresher

logger = logging.getLogger("corsadmin")

FIRST_LOAD_SECONDS: Final = 5.0  # the longest a request waits for the very first load
NEVER: Final = float("-inf")


class State(StrEnum):
    READY = "ready"
    STALE = "stale"
    NOT_READY = "not-ready"


class View(NamedTuple):
    """What one request works with: a snapshot, and the reason not to trust it, if any."""

    snapshot: Snapshot | None
    doubt: Reason | None


_NOTHING: Final = View(None, Reason.NOT_READY)


class Store:
    """One process's snapshot. `current()` is for requests, `reload()` for who must be sure."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._loading = threading.RLock()
        self._starting = threading.Lock()  # never held while anything is read
        self._view = _NOTHING
        self._known: Snapshot | None = None  # what the next load may build on
        self._confirmed = NEVER  # when the counter was last known to be the snapshot's
        self._good_until = NEVER  # until then a request need not look any further
        self._first_load: Future[None] = Future()
        self._wait_until = float("inf")  # requests wait for the first load no longer than this
        self._refresher: Refresher | None = None
        self._state = State.NOT_READY

    def current(self) -> View:
        """Return what a request works with. Costs next to nothing while all is well.

        The first request of a process starts the refresher and waits, for a bounded time, for the
        first load. With REFRESH_SECONDS = 0 it compares the counter itself. Never raises.
        """
        if self._clock() < self._good_until and self._pid == os.getpid():
            return self._view
        if self._must_wait():
            wait_for_future([self._first_load], self._wait_until - self._clock())
        return self._judge()

    async def acurrent(self) -> View:
        """Do as current() without blocking the event loop."""
        if self._clock() < self._good_until and self._pid == os.getpid():
            return self._view
        if not config().refresh_seconds:
            return await sync_to_async(self.current)()
        if self._must_wait():
            # Shielded: one request that gives up must not cancel what the others wait for.
            first = asyncio.shield(asyncio.wrap_future(self._first_load))
            await asyncio.wait([first], timeout=self._wait_until - self._clock())
        return self._judge()

    def reload(self) -> None:
        """Read everything now, in this thread. Raises the database's error and changes nothing."""
        self._load(everything=True)

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self._judge_state()

    def close(self) -> None:
        """Stop the refresher and forget the snapshot, as if no request had come yet."""
        if self._refresher is not None and self._pid == os.getpid():
            self._refresher.stop()
        self._begin()

    def _must_wait(self) -> bool:
        """Make sure that somebody refreshes; report whether the first load is still to come."""
        if self._pid != os.getpid():
            self._begin()  # a forked child: threads, locks and connections stayed with the parent
        seconds = config().refresh_seconds
        if not seconds:
            self._poll()
            return False
        with self._starting:
            if self._refresher is None or not self._refresher.alive:
                if self._refresher is not None:
                    logger.warning("The refresher of process %d had died; restarted.", self._pid)
                self._wait_until = min(self._wait_until, self._clock() + FIRST_LOAD_SECONDS)
                self._refresher = Refresher(self._poll, seconds)
        return not self._first_load.done() and self._clock() < self._wait_until

    def _judge(self) -> View:
        self._judge_state()
        return self._view

    def _judge_state(self) -> State:
        settings = config()
        now = self._clock()
        age = now - self._confirmed
        snapshot = self._view.snapshot
        limit = settings.max_stale_seconds
        if snapshot is None:
            self._enter(State.NOT_READY, "no policies loaded yet")
        elif limit is not None and age > limit:
            self._view = View(snapshot, Reason.TOO_STALE)
            self._enter(State.NOT_READY, "the policies could not be confirmed for too long")
        elif settings.refresh_seconds and age > 2 * settings.refresh_seconds:
            self._enter(State.STALE, "the policies cannot be confirmed; the last ones still serve")
        return self._state

    def _poll(self) -> None:
        """Bring the snapshot up to date; on an error keep the last good one."""
        try:
            self._load(everything=False)
        except Exception as error:  # noqa: BLE001 (whatever fails, requests must go on)
            # The next try starts with a fresh connection, unless it is somebody's transaction.
            connection = connections[alias_for_writing()]
            if not connection.in_atomic_block:
                connection.close()
            logger.debug("The policies could not be read: %r", error)
            self._good_until = NEVER
            if not config().refresh_seconds and self._view.snapshot is not None:
                self._enter(State.STALE, "the policies cannot be read; the last ones still serve")
        if not self._first_load.done():
            self._first_load.set_result(None)

    def _load(self, *, everything: bool) -> None:
        alias = alias_for_writing()
        with self._loading:
            started = self._clock()  # before the read: what is confirmed is the state of then
            snapshot = loader.load(alias, None if everything else self._known)
            # Inside somebody's transaction numbers may be rolled back and given out again, so
            # such a snapshot is used but never built upon.
            self._known = None if connections[alias].in_atomic_block else snapshot
            self._accept(snapshot, started)

    def _accept(self, snapshot: Snapshot, started: float) -> None:
        settings = config()
        bounds = [2 * settings.refresh_seconds]
        if settings.max_stale_seconds is not None:
            bounds.append(settings.max_stale_seconds)
        self._view = View(snapshot, None)
        self._confirmed = started
        self._good_until = started + min(bounds)
        self._enter(State.READY, f"generation {snapshot.generation}")

    def _enter(self, state: State, why: str) -> None:
        if state is self._state:
            return
        self._state = state
        level = logging.INFO if state is State.READY else logging.WARNING
        logger.log(level, "Policies in process %d: %s (%s).", self._pid, state.upper(), why)


process_store: Final = Store()
