"""Let a forked child start afresh: threads, locks and connections stay with its parent."""

import os
import threading
from collections.abc import Callable


class ForkGuard:
    """Knows which process some state belongs to, and renews it in a child of that process."""

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._locks: dict[int, threading.Lock] = {}
        self._pid = os.getpid()

    @property
    def is_owner(self) -> bool:
        """Report whether the state was made in this process."""
        return self._pid == os.getpid()

    def check(self) -> None:
        """Renew the state if this process is a child. Call it before any lock is taken."""
        pid = os.getpid()
        if self._pid == pid:
            return
        # If a thread of the parent held its lock at the fork, nobody releases that lock here.
        with self._locks.setdefault(pid, threading.Lock()):
            if self._pid != pid:  # pragma: no branch (another thread may have been quicker)
                self._renew()
                self._pid = pid  # last: a thread that sees it finds everything renewed
