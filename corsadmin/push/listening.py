"""What every listening thread has in common: it tries again, ever more slowly, and never dies."""

import logging
import random
import threading
from abc import ABC, abstractmethod
from typing import Final

from corsadmin.wake import bell

logger = logging.getLogger("corsadmin")

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0


class ListeningThread(ABC):
    """Calls `listen` for ever; whatever it raises, after a pause it is called again."""

    name = "push"

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._pause = FIRST_PAUSE
        self._failing = False
        self._thread = threading.Thread(
            target=self._run, name=f"corsadmin-{self.name}", daemon=True
        )
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Report whether the thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the thread soon."""
        self._stopped.set()
        self.reconnect()

    @abstractmethod
    def reconnect(self) -> None:
        """Break the connection off, so that a new one is made."""

    @abstractmethod
    def listen(self) -> None:
        """Connect, call connected(), and ring the bell with every hint, until that fails."""

    def connected(self) -> None:
        """Say that from now on no hint is missed. What came before may have been."""
        if self._failing:
            logger.info("Push hints arrive again (%s).", self.name)
        self._failing = False
        self._pause = FIRST_PAUSE
        bell.ring()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.listen()
            except Exception as error:  # noqa: BLE001 (whatever fails, hints are only hints)
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        if self._stopped.is_set():
            return
        if not self._failing:
            self._failing = True
            logger.warning(
                "No push hints for now (%s: %s); the poll alone finds changes.",
                self.name,
                ascii(str(error))[:256],
            )
        # Jitter, so that a fleet does not come back all at once.
        self._stopped.wait(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
