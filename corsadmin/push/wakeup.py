"""Wake this process's refresher because the counter may have moved. It is only a hint."""

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


class WakeSelector:
    """A selector whose wait any thread can end through a socket to itself."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._writer.settimeout(0)

    def set(self) -> None:
        """End the current or next wait at once."""
        # Ignore a full socket, which is set already, and a closed one, on which nobody waits.
        with contextlib.suppress(OSError):
            self._writer.send(b"!")

    def wait(self, seconds: float, *others: "HasFileno") -> bool:
        """Wait at most `seconds` until set or one of `others` is readable; report whether so."""
        with _Selector() as selector:
            for one in (self._reader, *others):
                selector.register(one, selectors.EVENT_READ)
            ready = [key.fileobj for key, _events in selector.select(seconds)]
        if self._reader in ready:
            self._reader.recv(4096)
        return bool(ready)

    def close(self) -> None:
        """Close the sockets."""
        self._reader.close()
        self._writer.close()


class WakeEvent:
    """An event that one thread waits for, alone or with a selector, and any thread may set."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._selectors: tuple[WakeSelector, ...] = ()

    def set(self) -> None:
        """End the current or next wait at once, and that of every selector added."""
        self._event.set()
        for selector in self._selectors:
            selector.set()

    def wait(self, seconds: float) -> bool:
        """Wait until set, at most `seconds`; report whether it was set, and clear it."""
        was_set = self._event.wait(seconds)
        self._event.clear()
        return was_set

    def add(self, selector: WakeSelector) -> None:
        """Set this selector too, whenever the event is set."""
        self._selectors = (*self._selectors, selector)

    def remove(self, selector: WakeSelector) -> None:
        """Stop setting this selector, and close it."""
        self._selectors = tuple(other for other in self._selectors if other is not selector)
        selector.close()

    def renew(self) -> None:
        """Forget what a fork may have left half done, and the parent's selectors."""
        self._event = threading.Event()
        for selector in self._selectors:
            self.remove(selector)


wake_event = WakeEvent()
# A child may write before its first request, and must neither wake its parent nor wait for it.
os.register_at_fork(after_in_child=wake_event.renew)
