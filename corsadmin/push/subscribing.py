"""Hear hints through Redis or Valkey, and notice a server that has gone silent."""

import threading
from typing import Any, Final

from redis import ConnectionError as RedisConnectionError
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from corsadmin.push.listening import ListeningThread
from corsadmin.push.publishing import CHANNEL, SOCKET_SECONDS
from corsadmin.wake import bell

LOOK_SECONDS: Final = 1.0
SILENT_LOOKS: Final = 5  # a server that says nothing for so long is asked whether it is there


def client(url: str, seconds: float = SOCKET_SECONDS) -> Any:
    """Return a client that waits no longer than this for anything, and never tries twice."""
    # redis-py's own defaults wait 5 seconds ten times over.
    return Redis.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


class RedisListener(ListeningThread):
    """One subscription."""

    name = "Redis"

    def __init__(self, url: str) -> None:
        self._url = url
        self._again = threading.Event()
        super().__init__()

    def reconnect(self) -> None:
        """Subscribe anew within a second."""
        self._again.set()

    def listen(self) -> None:
        """Ring with every hint, and once the server has confirmed the subscription."""
        self._again.clear()
        with client(self._url, 5 * LOOK_SECONDS) as server, server.pubsub() as subscription:
            subscription.subscribe(CHANNEL)
            silent = 0
            while not self._again.is_set():
                message = subscription.get_message(timeout=LOOK_SECONDS)
                silent = 0 if message else silent + 1
                if message and message["type"] == "subscribe":
                    self.connected()
                elif message and message["type"] == "message":
                    bell.ring()
                elif silent == SILENT_LOOKS:
                    subscription.ping()
                elif silent > 2 * SILENT_LOOKS:
                    message = "the server has gone silent"
                    raise RedisConnectionError(message)
