"""What the tests of hints share: a commit that nobody in this process notices."""

from collections.abc import Iterator
from contextlib import contextmanager

from corsadmin.push.wakeup import wake_event

SECONDS = 30.0


@contextmanager
def deaf_commit() -> Iterator[None]:
    """A commit that does not wake this process's refresher, as another process's does not."""
    wake, wake_event.set = wake_event.set, lambda: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        wake_event.set = wake  # type: ignore[method-assign]
