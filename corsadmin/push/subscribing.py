"""Receive hints through Redis or Valkey, in a thread that notices when the server goes silent."""

import logging
import random
import threading
from typing import TYPE_CHECKING, Final

from redis import ConnectionError as RedisConnectionError

from corsadmin.push.connecting import CHANNEL, client
from corsadmin.push.wakeup import wake_event

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

FIRST_PAUSE: Final = 0.1
MAX_PAUSE: Final = 30.0
LOOK_SECONDS: Final = 1.0
SILENT_LOOKS: Final = 5  # after so many silent looks, ping the server

logger = logging.getLogger("corsadmin")


class RedisListener:
    """Stays subscribed until it is stopped. After a failure it tries again, with growing pauses."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopped = threading.Event()
        self._again = threading.Event()
        self._pause = FIRST_PAUSE
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="corsadmin-redis", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Report whether the thread runs."""
        return self._thread.is_alive()

    def begin(self, _connection: "BaseDatabaseWrapper") -> bool:
        """Do nothing: the thread sets the wake event once it listens."""
        return False

    def wait(self, seconds: float) -> bool:
        """Wait for the wake event, which the thread sets with every hint."""
        return wake_event.wait(seconds)

    def reconnect(self) -> None:
        """Subscribe again within a second."""
        self._again.set()

    def stop(self) -> None:
        """End the thread soon."""
        self._stopped.set()
        self.reconnect()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 (whatever fails, hints are only hints)
                self._failed(error)

    def _listen(self) -> None:
        """Set the wake event with every hint, and once the server has confirmed the subscription."""
        self._again.clear()
        with client(self._url, 5 * LOOK_SECONDS) as server, server.pubsub() as subscription:
            subscription.subscribe(CHANNEL)
            silent = 0
            while not self._again.is_set():
                message = subscription.get_message(timeout=LOOK_SECONDS)
                silent = 0 if message else silent + 1
                if message and message["type"] == "subscribe":
                    self._connected()
                elif message and message["type"] == "message":
                    wake_event.set()
                elif silent == SILENT_LOOKS:
                    subscription.ping()
                elif silent > 2 * SILENT_LOOKS:
                    message = "the server has gone silent"
                    raise RedisConnectionError(message)

    def _connected(self) -> None:
        """Wake the refresher: from now on no hint is missed, but earlier ones may have been."""
        if self._failing:
            logger.info("Push hints arrive again (Redis).")
        self._failing = False
        self._pause = FIRST_PAUSE
        wake_event.set()

    def _failed(self, error: Exception) -> None:
        if self._stopped.is_set():
            return
        if not self._failing:
            self._failing = True
            logger.warning(
                "No push hints for now (Redis: %.256r); the poll alone finds changes.",
                error,
            )
        # Jitter, so that a fleet does not come back all at once.
        self._stopped.wait(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
        self._pause = min(2 * self._pause, MAX_PAUSE)
