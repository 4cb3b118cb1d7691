"""How far a process trusts its snapshot: the words for it, and what the log says of it."""

import logging
import os
from typing import Final, NamedTuple

from corsadmin.conf import config
from corsadmin.engine import Reason, Snapshot
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.freshness import State, Terms

logger = logging.getLogger("corsadmin")


class View(NamedTuple):
    """What one request works with: the policies, and the reason not to trust them, if any."""

    cache: DecisionCache | None
    doubt: Reason | None

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot that the policies are of."""
        return None if self.cache is None else self.cache.snapshot


class Known(NamedTuple):
    """A snapshot to build on, and the number of the reading of everything that it goes back to."""

    snapshot: Snapshot | None
    reading: int


class Health(NamedTuple):
    """How a process stands. `age` is the time since its snapshot was last confirmed."""

    state: State
    generation: int | None
    age: float | None
    last_error: str


WHY: Final = {
    State.READY: "policies confirmed",
    State.STALE: "the policies cannot be confirmed; the last ones still serve",
    State.NOT_READY: "no policies, or none confirmed for too long; no CORS headers are sent",
}
NOT_COMMITTED: Final = (
    "corsadmin.refresh() inside a transaction would show every request what is not committed. Write"
    " transaction.on_commit(corsadmin.refresh) instead."
)


def terms() -> Terms:
    """Return what the settings say about freshness now."""
    settings = config()
    return Terms(2 * settings.refresh_seconds, settings.max_stale_seconds)


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
