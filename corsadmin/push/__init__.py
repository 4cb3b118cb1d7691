"""Hints from process to process that the counter has moved; any of them may be lost.

Why nothing rests on them: docs/decisions/poll-and-hint.md.

`PUSH` is "auto" (PostgreSQL's own LISTEN and NOTIFY where the policies live there), "off", or the
URL of a Redis or Valkey server.
"""

from typing import TYPE_CHECKING, Protocol

from django.db import connections

from corsadmin.conf import PUSH_SCHEMES, config
from corsadmin.push import publishing

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class Listener(Protocol):
    """Hears hints for the one thread that refreshes."""

    def begin(self, connection: "BaseDatabaseWrapper") -> bool:
        """See to it that hints are heard; report whether some may have been missed until now.

        `connection` is the thread's own to the database of the policies, and is not waited for
        after an error. To be called whenever something has been read with it.
        """

    def wait(self, seconds: float) -> bool:
        """Wait for a hint, at most so long; report whether one came."""

    def reconnect(self) -> None:
        """Start over with a new connection: the server of this one may be gone."""

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
    """Start to listen for hints; None where PUSH is off or the database has no such thing."""
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
