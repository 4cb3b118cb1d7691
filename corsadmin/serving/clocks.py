"""Measure time by the faster of two clocks, so that no clock can prolong trust.

Why one clock is not enough: docs/decisions/freshness.md.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

Clock = Callable[[], float]

# On Linux, monotonic time stands still while the machine sleeps and boot time goes on.
steady_clock: Final[Clock] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic
)


class FastestClock:
    """Counts seconds as fast as the faster of two clocks, and never backwards.

    Only the wall clock tells a virtual machine that it was suspended, once that clock is set.
    """

    def __init__(self, steady: Clock, wall: Clock) -> None:
        self._steady, self._wall = steady, wall
        self._lock = threading.Lock()
        self._reading = steady(), wall()
        self._seconds = 0.0

    def __call__(self) -> float:
        """Return the seconds that have passed since the clock was made."""
        with self._lock:
            return self._read()

    def readings_at(self, moment: float) -> tuple[float, float]:
        """Return what the two clocks read at that moment, if neither of them jumps until then."""
        with self._lock:
            left = moment - self._read()
            steady, wall = self._reading
            return steady + left, wall + left

    def _read(self) -> float:
        steady, wall = self._reading
        now = self._steady(), self._wall()
        self._seconds += max(now[0] - steady, now[1] - wall)
        self._reading = now
        return self._seconds
