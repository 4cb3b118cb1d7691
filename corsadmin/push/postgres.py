"""Hints through PostgreSQL itself: NOTIFY in the transaction of the change, LISTEN beside the poll.

The refresher's own connection listens, and its own thread waits (docs/decisions/poll-and-hint.md).
"""

import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from django.db import connections
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from corsadmin.push.wakeup import WakeSelector, wake_event

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

CHANNEL: Final = "corsadmin"

logger = logging.getLogger("corsadmin")


def notify_on_commit(alias: str) -> None:
    """Hint to every listener when the open transaction commits; a rollback takes it back."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def listen_on() -> "PostgresListener | None":
    """Start to listen; None with psycopg 2, which reports notifications too late."""
    return PostgresListener() if is_psycopg3 else None


class PostgresListener:
    """Receives hints on the connection that `begin` gets.

    Through a pooler that lends connections per transaction, LISTEN receives nothing, and the poll
    alone finds changes.
    """

    def __init__(self) -> None:
        self._selector = WakeSelector()
        self._driver: Any = None  # the connection that listens, or refused to
        wake_event.add(self._selector)

    def begin(self, connection: "BaseDatabaseWrapper") -> bool:
        """Listen on a new connection; until now hints may have been missed."""
        driver: Any = connection.connection
        if driver is self._driver or driver is None:
            return False
        self._driver = driver
        try:
            # Hints also arrive with the results of a poll, perhaps too late for that poll.
            driver.add_notify_handler(lambda _hint: self._selector.set())
            driver.execute(f"LISTEN {CHANNEL}")
        except Exception as error:  # noqa: BLE001 (a server in recovery refuses; hints are only hints)
            logger.warning(
                "No push hints for now (PostgreSQL LISTEN: %.256r); the poll alone finds changes.",
                error,
            )
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for the wake event of this process and for a hint of the server."""
        driver = self._driver
        if driver is None or driver.closed:
            return self._selector.wait(seconds)
        heard = self._selector.wait(seconds, driver)
        self._drain()
        return heard

    def reconnect(self) -> None:
        """Do nothing: the refresher closes its own connection."""

    def stop(self) -> None:
        """Stop waking up this selector, and close it."""
        wake_event.remove(self._selector)

    def _drain(self) -> None:
        """Consume the hints that have arrived: the next poll covers all of them."""
        # The next poll finds out if the connection is lost.
        with contextlib.suppress(Exception):
            self._driver.pgconn.consume_input()
            while self._driver.pgconn.notifies():
                pass
