"""Work in steps that leave the interpreter to requests: docs/decisions/small-steps.md."""

import time
from collections.abc import Callable
from typing import Final

# Shorter steps would slow the load, longer ones the slowest requests.
MAX_STEP_SECONDS: Final = 0.0015
REST_SECONDS: Final = 0.00005
OnProgress = Callable[[], None]  # called to show that a long piece of work is not a hung one


class Yielder:
    """Keeps steps short enough for concurrent requests. Calls `on_progress` at each step."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._since = time.perf_counter()

    def step(self) -> None:
        """Yield the interpreter to other threads if this one has had it for a while."""
        self._on_progress()
        if time.perf_counter() - self._since > MAX_STEP_SECONDS:
            # Not 0: this thread would take it back before another one has woken up.
            time.sleep(REST_SECONDS)
            self.waited()

    def waited(self) -> None:
        """Record that other threads have just had the interpreter."""
        self._since = time.perf_counter()


def free_gradually(pieces: list[object], on_progress: OnProgress) -> None:
    """Free the pieces of a snapshot that is no longer used, without delaying requests."""
    yielder = Yielder(on_progress)
    while pieces:
        pieces.pop()
        yielder.step()
