"""Types for how far a process trusts its snapshot."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from corsadmin.conf import config
from corsadmin.engine import Reason, Snapshot
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.freshness import State, Terms


@dataclass(frozen=True, slots=True)
class View:
    """What one request works with: the policies, and the reason not to trust them, if any."""

    cache: DecisionCache | None
    untrusted_because: Reason | None

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot that the policies come from."""
        return None if self.cache is None else self.cache.snapshot


class LoadBase(NamedTuple):
    """A snapshot to build on, and the number of the full reading that it goes back to."""

    snapshot: Snapshot | None
    reading: int


class Health(NamedTuple):
    """The state of a process. `age` is the seconds since its snapshot was last confirmed."""

    state: State
    generation: int | None
    age: float | None
    last_error: str


NOT_COMMITTED: Final = (
    "corsadmin.refresh() inside a transaction would let every request use uncommitted policies. "
    "Call transaction.on_commit(corsadmin.refresh) instead."
)


def terms() -> Terms:
    """Return what the settings say about freshness now."""
    settings = config()
    return Terms(2 * settings.refresh_seconds, settings.max_stale_seconds)
