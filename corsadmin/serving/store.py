"""Hold this process's snapshot and say how far it may be trusted.

Time is monotonic: a clock that jumps extends nothing.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_future
from itertools import count
from time import monotonic
from typing import Final

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.transaction import TransactionManagementError

from corsadmin.conf import alias_for_writing, config
from corsadmin.engine import Reason, Snapshot
from corsadmin.push.wakeup import bell
from corsadmin.serving import loader
from corsadmin.serving.connection import in_transaction, is_of_one_thread, uncounted
from corsadmin.serving.refresher import Alive, Refresher
from corsadmin.serving.state import NOT_COMMITTED, SHARED, WHY, Health, Known, State, View

__all__ = ["Health", "State", "Store", "View", "process_store"]

logger = logging.getLogger("corsadmin")

FIRST_LOAD_SECONDS: Final = 5.0  # the longest a request waits for the very first load
LOOK_SECONDS: Final = 0.05  # how often requests look again while the snapshot is not confirmed
NEVER: Final = float("-inf")
_NOTHING: Final = View(None, Reason.NOT_READY)


class Store:
    """One process's snapshot. `current()` is for requests, `reload()` for who must be sure."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._locks: dict[int, threading.Lock] = {}
        self._readings = count(1)
        # Told of each refresh how many seconds it took, None where it failed. Must not raise.
        self.observe: Callable[[float | None], None] = _nothing
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()  # guards what follows; never held while anything is read
        self._view = _NOTHING
        self._known = Known(None, 0)  # what the next load may build on
        self._confirmed = NEVER  # when the counter was last known to be the snapshot's
        self._good_until = NEVER  # until then a request need not look any further
        self._failing_since: float | None = None
        self._last_error = ""
        self._first_load: Future[None] = Future()
        self._wait_until = float("inf")  # requests wait for the first load no longer than this
        self._refresher: Refresher | None = None
        self._state = State.NOT_READY
        self._pid = os.getpid()  # last: who sees it finds all the rest

    def current(self) -> View:
        """Return what a request works with. Costs next to nothing while all is well.

        The first request of a process starts the refresher and waits, for a bounded time, for the
        first load. With REFRESH_SECONDS = 0 it compares the counter itself. Never raises.
        """
        if self._clock() < self._good_until:
            return self._view
        seconds = config().refresh_seconds
        if not seconds:
            return self._compare()
        if self._must_wait(seconds):
            wait_for_future([self._first_load], self._wait_until - self._clock())
        return self._judge_and_rest()

    async def acurrent(self) -> View:
        """Do as current() without blocking the event loop."""
        if self._clock() < self._good_until:
            return self._view
        seconds = config().refresh_seconds
        if not seconds:
            return await sync_to_async(self._compare)()
        if self._must_wait(seconds):
            # Shielded: one request that gives up must not cancel what the others wait for.
            first = asyncio.shield(asyncio.wrap_future(self._first_load))
            await asyncio.wait([first], timeout=self._wait_until - self._clock())
        return self._judge_and_rest()

    def reload(self) -> None:
        """Read everything now, in this thread. Raises the database's error and changes nothing.

        Raises TransactionManagementError inside a transaction, whose view of the policies may be
        old or may never be committed; with REFRESH_SECONDS = 0 only its own requests see that.
        """
        alias = alias_for_writing()
        self._forked()
        if not in_transaction(connections[alias]):
            known = self._load(alias, Known(None, next(self._readings)), _nothing)
            # A poll has confirmed a later state meanwhile, built upon what was there before: it
            # lacks what raw SQL wrote and nobody told of.
            while known.reading > self._known.reading:
                known = self._load(alias, known, _nothing)
            return
        if config().refresh_seconds:
            raise TransactionManagementError(NOT_COMMITTED)
        loader.load(alias)
        with self._lock:
            self._known = Known(None, next(self._readings))

    @property
    def snapshot(self) -> Snapshot | None:
        """What this process holds, however old. Asks nobody and starts nothing."""
        return self._view.snapshot

    @property
    def health(self) -> Health:
        """How this process stands now."""
        self._forked()
        if self._refresher is not None:
            self._refresher.break_off_if_hung()
        snapshot = self._judge().snapshot
        with self._lock:
            age = None if snapshot is None else self._clock() - self._confirmed
            number = None if snapshot is None else snapshot.generation
            return Health(self._state, number, age, self._last_error)

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self.health.state

    def close(self) -> None:
        """Stop the refresher and forget the snapshot, as if no request had come yet."""
        if self._refresher is not None and self._pid == os.getpid():
            self._refresher.stop()
        self._begin()

    def distrust(self) -> None:
        """Have the next request look closer, as in a forked child: it has no refresher yet.

        A server that forks without telling Python gets there when the last confirmation ends,
        which is within the promise. To ask for the process at each request would cost too much.
        """
        self._good_until = NEVER

    def _forked(self) -> None:
        """Start afresh in a forked child: threads, locks and connections stayed with the parent."""
        pid = os.getpid()
        if self._pid == pid:
            return
        # A lock that a thread of the parent held would never be released here.
        with self._locks.setdefault(pid, threading.Lock()):
            if self._pid != pid:  # pragma: no branch (another thread may have been quicker)
                bell.renew()
                self._begin()

    def _must_wait(self, seconds: float) -> bool:
        """Make sure that somebody refreshes; report whether the first load is still to come."""
        self._forked()
        with self._lock:
            if self._refresher is None or not self._refresher.alive:
                self._start(seconds)
            else:
                self._refresher.break_off_if_hung()
            return not self._first_load.done() and self._clock() < self._wait_until

    def _start(self, seconds: float) -> None:
        if self._refresher is not None:
            logger.warning("The refresher of process %d had died; restarted.", self._pid)
            self._refresher = None
        self._wait_until = min(self._wait_until, self._clock() + FIRST_LOAD_SECONDS)
        try:
            alias = alias_for_writing()
            connections[alias]  # raises where there is none, which a thread could only die of
            if not is_of_one_thread(alias):
                raise ImproperlyConfigured(SHARED)
            self._refresher = Refresher(self._poll, seconds, alias)
        except Exception as error:  # noqa: BLE001 (no thread to be had, settings that are wrong)
            self._fail(error)
            self._wait_until = NEVER

    def _judge(self) -> View:
        """Return the view as far as it may be trusted now, and log what has changed about that."""
        settings = config()
        seconds, limit = settings.refresh_seconds, settings.max_stale_seconds
        with self._lock:
            age = self._clock() - self._confirmed
            if self._view.snapshot is None:
                self._enter(State.NOT_READY)
            elif limit is not None and age > limit:
                self._view = View(self._view.snapshot, Reason.TOO_STALE)
                self._enter(State.NOT_READY)
            elif self._is_stale(age, seconds):
                self._enter(State.STALE)
            return self._view

    def _judge_and_rest(self) -> View:
        """Judge, and let the many requests of an outage not all come by here."""
        view = self._judge()
        limit = config().max_stale_seconds
        with self._lock:
            now = self._clock()
            rest = now + LOOK_SECONDS
            if view.doubt is None and limit is not None:
                rest = min(rest, self._confirmed + limit)
            if view is self._view and now >= self._good_until:
                self._good_until = rest
        return view

    def _is_stale(self, age: float, seconds: float) -> bool:
        return age > 2 * seconds if seconds else self._failing_since is not None

    def _compare(self) -> View:
        """Compare the counter in this very request (REFRESH_SECONDS = 0)."""
        self._forked()
        alias = ""
        try:
            alias = alias_for_writing()
            with uncounted(connections[alias]):
                if in_transaction(connections[alias]):
                    # What is not committed is for this request alone.
                    return View(loader.load(alias, self._known.snapshot), None)
                return View(self._load(alias, self._known, _nothing).snapshot, None)
        except Exception as error:  # noqa: BLE001 (whatever fails, requests must go on)
            self._failed(error, alias)
            return self._judge()

    def _poll(self, alias: str, alive: Alive, *, hinted: bool) -> None:
        """Bring the snapshot up to date; on an error keep the last good one."""
        try:
            self._load(alias, self._known, alive, hinted=hinted)
        except Exception as error:  # noqa: BLE001 (whatever fails, requests must go on)
            self._failed(error, alias)
        if not self._first_load.done():
            self._first_load.set_result(None)

    def _load(self, alias: str, known: Known, alive: Alive, *, hinted: bool = False) -> Known:
        """Bring what is known up to date, put it in force unless something later is, return it."""
        started = self._clock()  # before the read: what is confirmed is the state of then
        snapshot = loader.load(alias, known.snapshot, alive, hinted=hinted)
        settings = config()
        bound = 2 * settings.refresh_seconds
        if settings.max_stale_seconds is not None:
            bound = min(bound, settings.max_stale_seconds)
        found = Known(snapshot, known.reading)
        replaced: list[object] = []
        with self._lock:
            if found.reading < self._known.reading:
                # Somebody has read everything meanwhile, maybe what raw SQL wrote and nobody told
                # of: this builds upon what was there before. Look again.
                bell.ring()
            elif started >= self._confirmed:  # otherwise somebody has read a later state meanwhile
                if self._known.snapshot is not None and self._known.snapshot is not snapshot:
                    replaced = self._known.snapshot.pieces()
                self._view = View(snapshot, None)
                self._known = found
                self._confirmed = started
                self._good_until = started + bound
                self._failing_since = None
                self._last_error = ""
                self._enter(State.READY)
        self.observe(self._clock() - started)
        del known  # what is replaced shall be freed by nobody but let_go()
        loader.let_go(replaced, alive)
        return found

    def _failed(self, error: Exception, alias: str) -> None:
        # The next try starts with a fresh connection, unless it is somebody's transaction.
        if alias in connections and not connections[alias].in_atomic_block:
            connections[alias].close()
        with self._lock:
            self._fail(error)
        self.observe(None)

    def _fail(self, error: Exception) -> None:
        self._last_error = f"{type(error).__name__}: {ascii(str(error))[1:-1][:256]}"
        if self._failing_since is None:
            self._failing_since = self._clock()
            logger.warning("The policies cannot be read: %s", self._last_error)

    def _enter(self, state: State) -> None:
        if state is self._state:
            return
        self._state = state
        level = logging.INFO if state is State.READY else logging.WARNING
        logger.log(level, "Policies in process %d: %s (%s).", self._pid, state.name, WHY[state])


def _nothing(*_ignored: object) -> None:
    """Do nothing."""


process_store: Final = Store()
os.register_at_fork(after_in_child=process_store.distrust)
