"""Hints from process to process that the counter has moved. Any of them may be lost: see store.

`PUSH` is "auto" (PostgreSQL's own LISTEN and NOTIFY where the policies live there), "off", or the
URL of a Redis or Valkey server.
"""

from typing import Protocol

from django.db import connections

from corsadmin.conf import config
from corsadmin.push import publishing

SCHEMES = ("redis://", "rediss://", "unix://", "valkey://", "valkeys://")


class Listener(Protocol):
    """A thread that rings the bell when a hint arrives, and whenever it may have missed one."""

    @property
    def alive(self) -> bool:
        """Report whether the thread runs."""

    def reconnect(self) -> None:
        """Start over with a new connection: this one may lead to a server that is no more."""

    def stop(self) -> None:
        """End the thread soon."""


def announce(alias: str) -> None:
    """Hint to every process, as soon as the open transaction on `alias` is committed."""
    push = config().push
    if push == "auto":
        if connections[alias].vendor == "postgresql":
            from corsadmin.push import postgres  # noqa: PLC0415 (needs a driver)

            postgres.notify(alias)
    elif push.startswith(SCHEMES):
        publishing.publish_on_commit(push, alias)


def listen(alias: str) -> Listener | None:
    """Start to listen for hints; None where PUSH is off or the database has no such thing."""
    push = config().push
    if push == "auto":
        if connections[alias].vendor != "postgresql":
            return None
        from corsadmin.push import postgres  # noqa: PLC0415

        return postgres.listen(alias)
    if push.startswith(SCHEMES):
        from corsadmin.push.subscribing import RedisListener  # noqa: PLC0415 (needs redis-py)

        return RedisListener(push)
    return None
