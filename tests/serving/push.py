"""What the tests of hints share: a commit that nobody in this process is told of."""

from collections.abc import Iterator
from contextlib import contextmanager

from corsadmin.push.wakeup import bell

SECONDS = 30.0


@contextmanager
def deaf_commit() -> Iterator[None]:
    """A commit that does not ring this process's own bell, as another process's does not."""
    ring, bell.ring = bell.ring, lambda: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        bell.ring = ring  # type: ignore[method-assign]
