"""Who hears of a process: the log, of each change of its state once, and observers of each refresh."""

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
    """What is to know of each refresh how many seconds it took, None where it failed. None raises."""

    def tell(self, seconds: float | None) -> None:
        """Tell them all."""
        for observer in self:
            observer(seconds)


def log_state(state: State) -> None:
    """Say how this process stands from now on."""
    level = logging.INFO if state is State.READY else logging.WARNING
    logger.log(level, "Policies in process %d: %s (%s).", os.getpid(), state.name, WHY[state])


def log_pause(seconds: float) -> None:
    """Say that nothing of this process has run for a while."""
    logger.info(
        "Process %d was paused for %.1f s; its requests wait for one poll of the policies.",
        os.getpid(),
        seconds,
    )


def log_failure(error: str) -> None:
    """Say that the policies could be read until now, and cannot any more."""
    logger.warning("The policies cannot be read: %s", error)


def log_restart() -> None:
    """Say that a refresher had died."""
    logger.warning("The refresher of process %d had died; restarted.", os.getpid())
