"""The one thread per process that keeps its snapshot up to date.

It is started by the first request, in the process that serves it, so that servers which fork after
loading the application get one in every worker. It polls the counter; a hint (a commit in this
process, a push message) only makes it poll at once.
"""

import logging
import random
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

from django.db import connections

from corsadmin.connection import hang_up, own_connection
from corsadmin.push import Listener, listen
from corsadmin.wake import bell

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger("corsadmin")

HUNG_SECONDS: Final = 15.0  # a query without an answer for so long is broken off

Alive = Callable[[], None]


class Refresher:
    """Polls every `seconds`, and at once when the bell rings, until it is stopped.

    `poll` is called with the alias and what it is to call whenever it gets on. It runs in a thread
    whose queries to the alias use a connection of their own. It must not raise.
    """

    def __init__(self, poll: Callable[[str, Alive], None], seconds: float, alias: str) -> None:
        self._poll = poll
        self._seconds = seconds
        self._alias = alias
        self._stopped = threading.Event()
        self._listener: Listener | None = None
        self._wants_listener = True
        self._busy_since: float | None = None
        self._line: BaseDatabaseWrapper | None = None  # the thread's alone
        self._thread = threading.Thread(target=self._run, name="corsadmin-refresher", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Report whether the thread runs; it does not in a forked child."""
        return self._thread.is_alive()

    def touch(self) -> None:
        """Say that the poll gets on: a long load is not a hung one."""
        self._busy_since = monotonic()

    def break_off_if_hung(self) -> None:
        """End a query that nobody answers, for any thread to call; the next poll starts anew."""
        since = self._busy_since
        if since is None or monotonic() - since < HUNG_SECONDS:
            return
        self.touch()
        self._hang_up()
        if self._listener is not None:
            self._listener.reconnect()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        bell.ring()
        if self._busy_since is not None:
            self._hang_up()
        self._thread.join()

    def _hang_up(self) -> None:
        line = self._line
        hang_up(line.connection if line is not None else None)

    def _run(self) -> None:
        # Made here: Django lets only the thread that made a connection use it.
        self._line = connections[self._alias] = own_connection(self._alias)
        try:
            while not self._stopped.is_set():
                self._tend_listener()
                started = monotonic()
                self.touch()
                self._poll(self._alias, self.touch)
                self._busy_since = None
                # Hints may come faster than they can be followed; requests need the time too.
                self._stopped.wait(min(2 * (monotonic() - started), self._seconds / 4))
                # Never longer than the promise; a little shorter, so that a fleet spreads out.
                bell.wait(self._seconds * random.uniform(0.85, 1.0))  # noqa: S311 (no secret)
        finally:
            if self._listener is not None:
                self._listener.stop()
            connections.close_all()

    def _tend_listener(self) -> None:
        """See to it that hints are heard; without them the poll alone must do."""
        if not self._wants_listener or (self._listener is not None and self._listener.alive):
            return
        try:
            self._listener = listen(self._alias)
        except Exception:
            logger.exception("Push hints cannot be heard; the poll alone finds changes.")
        # Nothing to listen to, or nothing to listen with: neither changes by itself.
        self._wants_listener = self._listener is not None
