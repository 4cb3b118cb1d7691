"""The one thread per process that keeps its snapshot up to date.

It is started by the first request, in the process that serves it, so that servers which fork after
loading the application get one in every worker. It polls the counter; a hint (a commit in this
process, a push message) only makes it poll at once.
"""

import logging
import random
import threading
from collections.abc import Callable

from django.db import connections

from corsadmin.wake import bell

logger = logging.getLogger("corsadmin")


class Refresher:
    """Calls `poll` every `seconds`, and at once when the bell rings, until it is stopped.

    `poll` must not raise; it reports its own failures.
    """

    def __init__(self, poll: Callable[[], None], seconds: float) -> None:
        self._poll = poll
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="corsadmin-refresher", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Report whether the thread runs; it does not in a forked child."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        bell.ring()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._poll()
                # Never longer than the promise; a little shorter, so that a fleet spreads out.
                bell.wait(self._seconds * random.uniform(0.85, 1.0))  # noqa: S311 (no secret)
        finally:
            connections.close_all()
