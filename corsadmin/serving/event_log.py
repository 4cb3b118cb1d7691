"""Report on this process: to the log each change of its state, to observers each refresh."""

import logging
import os
from collections.abc import Callable
from typing import Final

from corsadmin.serving.freshness import State

logger = logging.getLogger("corsadmin")

WHY: Final = {
    State.READY: "policies confirmed",
    State.STALE: "the policies cannot be confirmed; the last ones still serve",
    State.NOT_READY: "no policies, or none confirmed for too long; no CORS headers are sent",
}


class Observers(set[Callable[[float | None], None]]):
    """Callables that get the seconds of each refresh, or None if it failed. None may raise."""

    def tell(self, seconds: float | None) -> None:
        """Call every observer."""
        for observer in self:
            observer(seconds)


def log_state(state: State) -> None:
    """Log the new state of this process."""
    level = logging.INFO if state is State.READY else logging.WARNING
    logger.log(level, "Policies in process %d: %s (%s).", os.getpid(), state.name, WHY[state])


def log_pause(seconds: float) -> None:
    """Log that this process has not run for a while."""
    logger.info(
        "Process %d was paused for %.1f s; its requests wait for one poll of the policies.",
        os.getpid(),
        seconds,
    )


def log_failure(error: str) -> None:
    """Log that the policies, which could be read until now, no longer can."""
    logger.warning("The policies cannot be read: %s", error)


def log_restart() -> None:
    """Log that a refresher had died."""
    logger.warning("The refresher of process %d had died; restarted.", os.getpid())
