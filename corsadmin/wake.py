"""Tell this process's refresher that the counter may have moved: a hint, never the promise."""

import threading


class Bell:
    """An event that one thread waits for and any thread may ring."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        """End the current or next wait at once."""
        self._rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait until rung, at most `seconds`; report whether it was rung."""
        rung = self._rung.wait(seconds)
        self._rung.clear()
        return rung

    def renew(self) -> None:
        """Forget what a fork may have left half done."""
        self._rung = threading.Event()


bell = Bell()
