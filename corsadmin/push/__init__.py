"""Hint to other processes that the counter has moved; any hint may be lost.

Why nothing depends on hints: docs/decisions/poll-and-hint.md.

`PUSH` is "auto" (LISTEN and NOTIFY if the policies are in PostgreSQL), "off", or the URL of a Redis
or Valkey server.
"""

from typing import TYPE_CHECKING, Protocol

from django.db import connections

from corsadmin.conf import PUSH_SCHEMES, config
from corsadmin.push import publishing

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class Listener(Protocol):
    """Receives hints for the refresher."""

    def begin(self, connection: "BaseDatabaseWrapper") -> bool:
        """Make sure that hints are received; report whether some may have been missed until now.

        `connection` is the refresher's own to the database of the policies; after an error nobody
        waits on it. Call this whenever something has been read with it.
        """

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for a hint; report whether one came."""

    def reconnect(self) -> None:
        """Start over with a new connection, because the server may be gone."""

    def stop(self) -> None:
        """Stop listening."""


def notify(alias: str) -> None:
    """Hint to every process, as soon as the open transaction on `alias` is committed."""
    push = config().push
    if push == "auto":
        if connections[alias].vendor == "postgresql":
            from corsadmin.push import postgres  # noqa: PLC0415 (needs a driver)

            postgres.notify_on_commit(alias)
    elif push.startswith(PUSH_SCHEMES):
        publishing.publish_on_commit(push, alias)


def listen(alias: str) -> Listener | None:
    """Start to listen for hints; None if PUSH is off or the database cannot send any."""
    push = config().push
    if push == "auto":
        if connections[alias].vendor != "postgresql":
            return None
        from corsadmin.push import postgres  # noqa: PLC0415

        return postgres.listen_on()
    if push.startswith(PUSH_SCHEMES):
        from corsadmin.push.subscribing import RedisListener  # noqa: PLC0415 (needs redis-py)

        return RedisListener(push)
    return None
