"""Send hints through Redis or Valkey, without making writers wait for a server that hangs."""

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Final

from django.db import transaction

OPEN_SECONDS: Final = 30.0

logger = logging.getLogger("corsadmin")


class Breaker:
    """Makes calls until one fails, then none for OPEN_SECONDS, so that nobody waits twice."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._closed_from = float("-inf")
        self._failing = False

    def call(self, action: Callable[[], object]) -> None:
        """Call `action`, unless a call failed recently. Never raises."""
        if self._clock() < self._closed_from:
            return
        try:
            action()
        except Exception as error:  # noqa: BLE001 (the change is committed; this is only a hint)
            self._closed_from = self._clock() + OPEN_SECONDS
            if not self._failing:
                logger.warning(
                    "No push hints can be sent (%.256r); other processes find changes by polling.",
                    error,
                )
            self._failing = True
        else:
            self._failing = False


class Publisher:
    """One connection to one server."""

    def __init__(self, url: str) -> None:
        from corsadmin.push import connecting  # noqa: PLC0415 (needs redis-py)

        self._client = connecting.client(url)
        self._channel = connecting.CHANNEL

    def publish(self) -> None:
        """Send a hint. Raises what redis-py raises."""
        self._client.publish(self._channel, "")


breaker = Breaker()
_publishers: dict[str, Publisher] = {}


def publish_on_commit(url: str, alias: str) -> None:
    """Send a hint once the open transaction is committed."""
    transaction.on_commit(partial(breaker.call, partial(_publish, url)), using=alias, robust=True)


def _publish(url: str) -> None:
    publisher = _publishers.get(url)
    if publisher is None:
        # No lock, because a fork could leave it locked forever. If two threads race, the first one wins.
        publisher = _publishers.setdefault(url, Publisher(url))
    publisher.publish()
