"""Hold this process's snapshot, load it, and hand it to requests as far as it may be trusted."""

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_future
from itertools import count
from time import time
from typing import Final

from asgiref.sync import sync_to_async
from django.db import connections
from django.db.transaction import TransactionManagementError

from corsadmin.conf import config
from corsadmin.engine import Reason, Snapshot
from corsadmin.models.database import alias_for_writing, in_transaction
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import event_log, loader
from corsadmin.serving.clocks import Clock, FastestClock, steady_clock
from corsadmin.serving.connection import forbids_queries, require_own, uncounted
from corsadmin.serving.decision_cache import cache_of
from corsadmin.serving.forks import ForkGuard
from corsadmin.serving.freshness import Freshness, State
from corsadmin.serving.refresher import Refresher
from corsadmin.serving.state import NOT_COMMITTED, Health, LoadBase, View, terms

__all__ = ["Health", "State", "Store", "View", "process_store"]

NEVER: Final = float("-inf")
_NOTHING: Final = View(None, Reason.NOT_READY)


class Store:
    """The snapshot of one process. `current()` serves requests; `reload()` reads everything now."""

    def __init__(self, steady: Clock = steady_clock, wall: Clock = time) -> None:
        self._steady, self._wall = steady, wall
        self._readings = count(1)
        self.observers: Final = event_log.Observers()
        self._begin()
        self._fork = ForkGuard(self._renew)

    def _begin(self) -> None:
        self._lock = threading.Lock()  # guards what follows; never held while anything is read
        self._clock = FastestClock(self._steady, self._wall)
        self._view = _NOTHING
        self._base = LoadBase(None, 0)  # what the next load may build on
        self._freshness = Freshness()
        # Until both clocks read this, a request need not look any further.
        self._good_until, self._good_until_wall = NEVER, NEVER
        self._awaited: Future[None] = Future()  # the poll that requests wait for
        self._last_error = ""
        self._refresher: Refresher | None = None
        self._state = State.NOT_READY

    def _renew(self) -> None:
        wake_event.renew()
        self._begin()

    def current(self) -> View:
        """Return what a request works with. Costs next to nothing while the snapshot is fresh.

        The first request of a process starts the refresher and waits, for a bounded time, for the
        first load; after a pause of the process, requests wait for one poll. With REFRESH_SECONDS =
        0, the call itself compares the counter. Never raises.
        """
        if self._steady() < self._good_until and self._wall() < self._good_until_wall:
            return self._view
        if not config().refresh_seconds:
            return self._compare()
        for poll, seconds in self._waits():
            wait_for_future([poll], seconds)
        return self._judge(rely=True)

    async def acurrent(self) -> View:
        """Do as current() without blocking the event loop."""
        if self._steady() < self._good_until and self._wall() < self._good_until_wall:
            return self._view
        if not config().refresh_seconds:
            return await sync_to_async(self._compare)()
        for poll, seconds in self._waits():
            # Shielded: a request that gives up must not cancel the future that others wait for.
            await asyncio.wait([asyncio.shield(asyncio.wrap_future(poll))], timeout=seconds)
        return self._judge(rely=True)

    def reload(self) -> None:
        """Read everything now, in this thread. Raises the database's error and changes nothing.

        Raises TransactionManagementError inside a transaction, whose policies may be old or may
        never be committed, unless REFRESH_SECONDS is 0: then only its own requests see them.
        """
        alias = alias_for_writing()
        self._fork.check()
        if not in_transaction(connections[alias]):
            base = self._load(alias, LoadBase(None, next(self._readings)), _nothing)
            # A poll has confirmed a later state in the meantime, built on the earlier base: it
            # lacks what raw SQL wrote without announcing it.
            while base.reading > self._base.reading:
                base = self._load(alias, base, _nothing)
            return
        if config().refresh_seconds:
            raise TransactionManagementError(NOT_COMMITTED)
        loader.load(alias)
        with self._lock:
            self._base = LoadBase(None, next(self._readings))

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot of this process, however old. Reads nothing and starts nothing."""
        return self._view.snapshot

    @property
    def health(self) -> Health:
        """The health of this process now."""
        self._fork.check()
        if self._refresher is not None:
            self._refresher.abort_if_hung()
        snapshot = self._judge().snapshot
        with self._lock:
            confirmed = self._freshness.confirmed
            age = None if confirmed is None else self._clock() - confirmed
            return Health(self._state, snapshot and snapshot.generation, age, self._last_error)

    @property
    def state(self) -> State:
        """The state of this process now."""
        return self.health.state

    def close(self) -> None:
        """Stop the refresher and forget the snapshot, as before the first request."""
        if self._refresher is not None and self._fork.is_owner:
            self._refresher.stop()
        self._begin()

    def distrust(self) -> None:
        """Make the next request check everything, as in a forked child, which has no refresher yet.

        If a server forks without telling Python, its child checks when the last confirmation ends,
        which is within the promise. Checking the process id at each request would cost too much.
        """
        self._good_until = NEVER

    def _waits(self) -> Iterator[tuple[Future[None], float]]:
        """Make sure that a refresher runs; yield each poll to wait for, and for how many seconds.

        That is one poll, unless the process is paused again in the meantime.
        """
        waited = None
        while True:
            self._fork.check()
            with self._lock:
                self._look()
                poll, seconds = self._awaited, self._freshness.wait(self._clock())
            if not seconds or poll is waited:
                return
            yield poll, seconds
            waited = poll

    def _look(self) -> None:
        self._note_beat()
        if self._refresher is None or not self._refresher.alive:
            self._start()
        else:
            self._refresher.abort_if_hung()

    def _start(self) -> None:
        if self._refresher is not None:
            event_log.log_restart()
            self._refresher = None
        try:
            alias = alias_for_writing()
            require_own(alias)
            self._refresher = Refresher(self._poll, self._beat, config().refresh_seconds, alias)
        except Exception as error:  # noqa: BLE001 (no thread can start, or settings are wrong)
            self._note_failure(error, self._clock())

    def _beat(self) -> None:
        """Record that this process runs, and whether it was paused until now."""
        with self._lock:
            self._note_beat()

    def _note_beat(self) -> None:
        now, promise = self._clock(), terms().promise
        gap = self._freshness.gap(now)
        self._note(self._freshness.beat(now, promise))
        if gap > promise:
            event_log.log_pause(gap)
            wake_event.set()

    def _note_failure(self, error: Exception, started: float) -> None:
        self._last_error = f"{type(error).__name__}: {str(error)!r:.256}"
        if not self._freshness.failing:
            event_log.log_failure(self._last_error)
        self._note(self._freshness.fail(started))

    def _note(self, freshness: Freshness) -> None:
        """Replace what is known; release requests whose poll has ended or is awaited no longer."""
        before, self._freshness = self._freshness.awaited, freshness
        if before != freshness.awaited:
            if before is not None:
                self._awaited.set_result(None)
            self._awaited = Future()

    def _judge(self, *, rely: bool = False) -> View:
        """Return the view as far as it can be trusted now, and log a change of the state.

        `rely`: the next requests rely on this, so that in an outage not each of them judges.
        """
        with self._lock:
            return self._settle(rely=rely)

    def _settle(self, *, rely: bool) -> View:
        state, good_until, too_stale = self._freshness.judge(self._clock(), terms())
        if too_stale:
            self._view = View(self._view.cache, Reason.TOO_STALE)
        if rely:
            self._good_until, self._good_until_wall = self._clock.readings_at(good_until)
        if state is not self._state:
            self._state = state
            event_log.log_state(state)
        return self._view

    def _compare(self) -> View:
        """Compare the counter in this request itself (REFRESH_SECONDS = 0)."""
        self._fork.check()
        alias, started = "", self._clock()
        try:
            alias = alias_for_writing()
            with uncounted(connections[alias]):
                if in_transaction(connections[alias]):  # uncommitted: for this request alone
                    found: Snapshot | None = loader.load(alias, self._base.snapshot)
                else:
                    found = self._load(alias, self._base, _nothing).snapshot
                return View(found and cache_of(found, self._view.cache), None)
        except Exception as error:  # noqa: BLE001 (whatever fails, requests must go on)
            if forbids_queries(error):
                return _NOTHING  # never the policies of another test
            self._failed(error, alias, started)
            return self._judge()

    def _poll(self, alias: str, on_progress: loader.OnProgress, *, hinted: bool) -> None:
        """Bring the snapshot up to date; on an error keep the last good one."""
        started, line = self._clock(), connections[alias]
        was_open = line.connection is not None
        try:
            try:
                self._load(alias, self._base, on_progress, hinted=hinted)
            except Exception:
                if not (was_open and self._freshness.awaits(started)):
                    raise
                line.close()  # perhaps cut while the process was paused: that is not an outage
                self._load(alias, self._base, on_progress, hinted=hinted)
        except Exception as error:  # noqa: BLE001 (whatever fails, requests must go on)
            self._failed(error, alias, started)

    def _load(
        self, alias: str, base: LoadBase, on_progress: loader.OnProgress, *, hinted: bool = False
    ) -> LoadBase:
        """Bring the base up to date, put it in force unless a later one is, and return it."""
        started = self._clock()  # before the read, because it confirms the state at this moment
        snapshot = loader.load(alias, base.snapshot, on_progress, hinted=hinted)
        found, cache = LoadBase(snapshot, base.reading), cache_of(snapshot, self._view.cache)
        replaced: list[object] = []
        with self._lock:
            if found.reading < self._base.reading:
                # Another thread has read everything by now, perhaps what raw SQL wrote without
                # announcing it; this load builds on the earlier base. Poll again.
                wake_event.set()
            elif started >= (self._freshness.confirmed or 0.0):  # else a later state is known
                if self._view.cache is not None and self._view.cache is not cache:
                    replaced = self._view.cache.pieces()
                self._view = View(cache, None)
                self._base = found
                self._last_error = ""
                self._note(self._freshness.confirm(started))
                self._settle(rely=True)
        self.observers.tell(self._clock() - started)
        del base  # only free_gradually() may free the replaced parts
        loader.free_gradually(replaced, on_progress)
        return found

    def _failed(self, error: Exception, alias: str, started: float) -> None:
        # The next attempt starts with a fresh connection, unless this one is in a transaction.
        if alias in connections and not connections[alias].in_atomic_block:
            connections[alias].close()
        with self._lock:
            self._note_failure(error, started)
        self.observers.tell(None)


def _nothing(*_ignored: object) -> None:
    """Do nothing."""


process_store: Final = Store()
os.register_at_fork(after_in_child=process_store.distrust)
