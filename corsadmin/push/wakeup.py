"""Tell this process's refresher that the counter may have moved: a hint, never the promise."""

import contextlib
import os
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import HasFileno

# Not epoll: that would be one more file descriptor and three more system calls for each wait.
_Selector: Final = getattr(selectors, "PollSelector", selectors.SelectSelector)


class Ear:
    """Hears the bell while it waits for something else to arrive too."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._near.settimeout(0)
        self._far.settimeout(0)

    def ring(self) -> None:
        """End the current or next wait at once."""
        # Full: it has been rung often enough. Closed: nobody waits any more.
        with contextlib.suppress(OSError):
            self._far.send(b"!")

    def wait(self, seconds: float, *others: "HasFileno") -> bool:
        """Wait until rung or until another one can be read; report whether it was either."""
        with _Selector() as selector:
            for one in (self._near, *others):
                selector.register(one, selectors.EVENT_READ)
            ready = [key.fileobj for key, _events in selector.select(seconds)]
        if self._near in ready:
            self._near.recv(4096)
        return bool(ready)

    def close(self) -> None:
        """Give the sockets back."""
        self._near.close()
        self._far.close()


class Bell:
    """An event that one thread waits for and any thread may ring."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._ears: tuple[Ear, ...] = ()

    def ring(self) -> None:
        """End the current or next wait at once, and that of every ear."""
        self._rung.set()
        for ear in self._ears:
            ear.ring()

    def wait(self, seconds: float) -> bool:
        """Wait until rung, at most `seconds`; report whether it was rung."""
        rung = self._rung.wait(seconds)
        self._rung.clear()
        return rung

    def add(self, ear: Ear) -> None:
        """Ring in this ear too."""
        self._ears = (*self._ears, ear)

    def remove(self, ear: Ear) -> None:
        """Ring in this ear no more, and close it."""
        self._ears = tuple(other for other in self._ears if other is not ear)
        ear.close()

    def renew(self) -> None:
        """Forget what a fork may have left half done, and who listened in the parent."""
        self._rung = threading.Event()
        for ear in self._ears:
            self.remove(ear)


bell = Bell()
# A child may write before its first request, and must neither wake its parent nor wait for it.
os.register_at_fork(after_in_child=bell.renew)
