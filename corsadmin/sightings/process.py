"""What this process saw: its ring, its drain, and the thread that runs both."""

import atexit
import logging
import os
import threading
from collections.abc import Callable
from time import monotonic, time
from typing import Final

from django.core.signals import setting_changed

from corsadmin.conf import SETTING, config
from corsadmin.models.database import alias_for_writing
from corsadmin.serving.connection import require_own
from corsadmin.serving.forks import ForkGuard
from corsadmin.serving.loader.yielder import Yielder, free_gradually
from corsadmin.serving.store import Store, process_store
from corsadmin.sightings.drain import Drain
from corsadmin.sightings.pacing import LookBudget
from corsadmin.sightings.ring import Item, Ring, process_ring
from corsadmin.sightings.steps import StepReport
from corsadmin.sightings.tally import Tally
from corsadmin.sightings.thread import DrainThread
from corsadmin.sightings.upkeep import tidy
from corsadmin.sightings.writing import write_batch

logger = logging.getLogger("corsadmin")


class ProcessSightings:
    """Drains a ring and writes its contents: in a thread if there is one, and on demand.

    Requests never call it: they only append to the ring.
    """

    def __init__(self, ring: Ring, store: Store) -> None:
        self.tally: Final = Tally()
        self._ring = ring
        self._store = store
        self._is_wanted = False
        self._begin()
        self._fork = ForkGuard(self._renew)

    def _begin(self) -> None:
        self._lock = threading.Lock()  # guards the drain; held while a batch is written
        self._drain = Drain(self.tally)
        self._budget = LookBudget(monotonic())
        self._starting = threading.Lock()
        self._thread: DrainThread | None = None
        self.is_failing = False  # whether the last write failed
        self.written: float | None = None  # the last successful write, in epoch seconds

    def _renew(self) -> None:
        """Leave what was seen before the fork to the parent."""
        self._ring.clear()
        self._begin()

    def want(self) -> None:
        """Start the thread with the next refresh, because this process records."""
        self._is_wanted = True

    def refreshed(self, _seconds: float | None) -> None:
        """Make sure that the thread runs, whenever the policies are refreshed. Never raises.

        So no request has to check the thread, even in a forked child or if it has died or hangs.
        """
        if not (self._is_wanted and config().refresh_seconds):
            return
        self._fork.check()
        with self._starting:
            if self._thread is None or not self._thread.alive:
                self._start()
            else:
                self._thread.abort_if_hung()

    def flush(self) -> None:
        """Drain and write everything, in this thread and with its connection."""
        self._fork.check()
        alias = alias_for_writing()
        with self._lock:
            items = self._ring.drain()
            self._take_in(items, max_looks=len(items))
            self._write(alias, everything=True)
        if not config().refresh_seconds:  # so that there is no thread
            self.tidy(alias, between=self.drain)

    def drain(self) -> int:
        """Drain the ring; return how many items it had."""
        with self._lock:
            return self._drain_ring()

    def write(self, alias: str) -> None:
        """Write what was seen since the last write; some new callers may have to wait."""
        with self._lock:
            self._write(alias, everything=False)

    def tidy(self, alias: str, between: Callable[[], object]) -> None:
        """Remove expired rows if it is time and no other process does it."""
        report = tidy(alias, between)
        self.tally.failed += report.failed

    def close(self) -> None:
        """Stop the thread, which writes once more."""
        if self._thread is not None and self._fork.is_owner:
            self._thread.stop()
        self._thread = None

    def _start(self) -> None:
        try:
            alias = alias_for_writing()
            require_own(alias)
            self._thread = DrainThread(self, alias)
        except Exception as error:  # noqa: BLE001 (no thread can start, or settings are wrong)
            self._note(StepReport(failed=1, error=str(error)))

    def _drain_ring(self) -> int:
        items = self._ring.drain()
        found = len(items)
        looks = self._take_in(items, max_looks=self._budget.available(monotonic()))
        self._budget.spend(looks)
        return found

    def _take_in(self, items: list[Item], *, max_looks: int) -> int:
        snapshot = self._store.snapshot
        looks = self._drain.take_in(
            items,
            time(),
            max_looks=max_looks,
            snapshot=snapshot,
            on_step=Yielder(_nothing).step,
        )
        if snapshot is not None and snapshot is not self._store.snapshot:
            # It was replaced in the meantime, and this may be the last reference to it.
            pieces = snapshot.index.pieces()
            del snapshot
            free_gradually(pieces, _nothing)
        return looks

    def _write(self, alias: str, *, everything: bool) -> None:
        batch = self._drain.take(everything=everything)
        self._note(write_batch(batch, alias, between=self._drain_ring))

    def _note(self, report: StepReport) -> None:
        """Count the results of a batch; failed parts are forgotten."""
        self.tally.flushed += report.rows
        self.tally.failed += report.failed
        is_failing = report.failed > 0
        if is_failing and not self.is_failing:
            logger.info("Sightings cannot be written, and are forgotten: %.256r", report.error)
        self.is_failing = is_failing
        if not is_failing:
            self.written = time()


def _nothing() -> None:
    """Do nothing."""


process_sightings: Final = ProcessSightings(process_ring, process_store)


def connect_sightings() -> None:
    """Start the thread when policies are refreshed; stop it when a test's setting is undone."""
    process_store.observers.add(process_sightings.refreshed)
    setting_changed.connect(_stop, dispatch_uid="corsadmin.stop_drain")


def _stop(setting: str, **_kwargs: object) -> None:
    # Its connection would keep the test database from being dropped.
    if setting == SETTING and not config().refresh_seconds:
        process_sightings.close()


os.register_at_fork(after_in_child=process_ring.clear)
atexit.register(process_sightings.close)
