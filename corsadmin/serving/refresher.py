"""The one thread per process that keeps its snapshot up to date.

The first request of a process starts it. It polls the counter; a hint (a commit in this process, a
push message) only makes it poll at once. Why: docs/decisions/poll-and-hint.md.
"""

import logging
import random
import threading
from collections.abc import Callable
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Final, Protocol

from django.db import connections

from corsadmin.push import Listener, listen
from corsadmin.push.wakeup import wake_event
from corsadmin.serving.connection import abort_connection, own_connection

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger("corsadmin")

MAX_SILENT_SECONDS: Final = 15.0  # a query that takes longer is aborted

MAX_BURST_SECONDS: Final = 0.5
MIN_COST_SECONDS: Final = 0.02


class Poll(Protocol):
    """Brings a process up to date. Must not raise."""

    def __call__(self, alias: str, on_progress: Callable[[], None], *, hinted: bool) -> None:
        """Poll. Call `on_progress` after each step. `hinted`: a change is likely."""


class RateLimiter:
    """Lets a few polls follow each other at once, but not without end.

    Hints may come faster than polls can follow them, and requests need the time too. In the long
    run polls get a third of a processor, and at most fifty run in a second.
    """

    def __init__(self, longest: float, clock: Callable[[], float] = monotonic) -> None:
        self._longest = longest
        self._clock = clock
        self._even = 0.0  # when all polls so far will be paid for

    def rest(self, spent: float) -> float:
        """Return the seconds to rest after a poll that spent this processor time, in seconds."""
        now = self._clock()
        even = max(self._even, now) + max(2 * spent, MIN_COST_SECONDS)
        self._even = min(even, now + MAX_BURST_SECONDS + self._longest)
        return max(0.0, self._even - now - MAX_BURST_SECONDS)


class Refresher:
    """Polls every `seconds`, and at once when a hint comes, until it is stopped.

    `poll` runs in a thread whose queries to the alias use a connection of their own. `beat` is
    called as each poll begins and, during a poll, by a second thread: it shows that this process
    runs, whatever the database does. Both threads end with the refresher.
    """

    def __init__(self, poll: Poll, beat: Callable[[], None], seconds: float, alias: str) -> None:
        self._poll = poll
        self._beat = beat
        self._heartbeats = seconds
        self._alias = alias
        self._stopped = threading.Event()
        self._listener: Listener | None = None
        self._busy_since: float | None = None
        self._connection: BaseDatabaseWrapper | None = None  # the thread's alone
        self._thread = threading.Thread(target=self._run, name="corsadmin-refresher", daemon=True)
        self._heartbeat = threading.Thread(
            target=self._beat_while_polling, name="corsadmin-heartbeat", daemon=True
        )
        self._heartbeat.start()
        try:
            self._thread.start()
        except RuntimeError:
            self._stopped.set()
            raise

    @property
    def alive(self) -> bool:
        """Report whether the thread runs. In a forked child it does not."""
        return self._thread.is_alive()

    def touch(self) -> None:
        """Note that the poll makes progress: a long load is not a hung one."""
        self._busy_since = monotonic()

    def abort_if_hung(self) -> None:
        """Abort a query that gets no answer; the next poll starts afresh. For any thread."""
        since = self._busy_since
        if since is None or monotonic() - since < MAX_SILENT_SECONDS:
            return
        self.touch()
        self._abort()
        if self._listener is not None:
            self._listener.reconnect()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        wake_event.set()
        if self._busy_since is not None:
            self._abort()
        self._thread.join()
        self._heartbeat.join()

    def _abort(self) -> None:
        connection = self._connection
        abort_connection(connection.connection if connection is not None else None)

    def _run(self) -> None:
        # Made in this thread, because Django lets only the thread that made a connection use it.
        connection = own_connection(self._alias)
        connections[self._alias] = self._connection = connection
        self._listener = self._listen()
        limiter = RateLimiter(self._heartbeats / 4)
        hinted = False
        try:
            while not self._stopped.is_set():
                started = thread_time()
                self.touch()
                self._beat()
                self._poll(self._alias, self.touch, hinted=hinted)
                look_again = self._listener is not None and self._listener.begin(connection)
                self._busy_since = None
                if rest := limiter.rest(thread_time() - started):
                    self._stopped.wait(rest)
                hinted = look_again or self._wait()
        finally:
            self._stopped.set()
            if self._listener is not None:
                self._listener.stop()
            connections.close_all()

    def _beat_while_polling(self) -> None:
        """Beat during a poll. Between polls, a beat would hide how late the next poll is."""
        while not self._stopped.wait(self._heartbeats / 2):
            if self._busy_since is not None:
                self._beat()

    def _wait(self) -> bool:
        """Wait for a hint or for the next poll to be due; report whether a hint came."""
        # Never longer than the promise; a little shorter, so that a fleet spreads out.
        seconds = self._heartbeats * random.uniform(0.85, 1.0)  # noqa: S311 (no secret)
        return wake_event.wait(seconds) if self._listener is None else self._listener.wait(seconds)

    def _listen(self) -> Listener | None:
        """Start to listen for hints; without them, the poll alone finds changes."""
        try:
            return listen(self._alias)
        except Exception:
            logger.exception("Push hints cannot be received; the poll alone finds changes.")
            return None
