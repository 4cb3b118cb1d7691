"""What the tests of a store do to its database, its clock and itself."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from corsadmin.push.wakeup import wake_event
from corsadmin.serving.store import Store
from tests.databases import wait_until
from tests.serving.snapshots import confirmed, execute

APP = "https://app.example.com"
NEW = "https://new.example.com"
# Between polls: in these tests only the wake event and the clock make things happen.
SECONDS = 100.0
MakeStore = Callable[..., Store]


def hide_table() -> None:
    """Let every look at the counter fail, as a database without migrations does."""
    execute("ALTER TABLE corsadmin_generation RENAME TO hidden")


def show_table() -> None:
    execute("ALTER TABLE hidden RENAME TO corsadmin_generation")


def poll(held: Store) -> None:
    """Make the refresher look, and wait until it has."""
    before = confirmed(held), held._last_error
    wake_event.set()
    wait_until(lambda: (confirmed(held), held._last_error) != before, 10)


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)
