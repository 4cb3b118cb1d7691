"""How far a process trusts its snapshot: the words for it."""

from enum import StrEnum
from typing import Final, NamedTuple

from corsadmin.engine import Reason, Snapshot


class State(StrEnum):
    """How a process stands.

    READY: confirmed lately. STALE: the counter could not be read lately; the last snapshot goes on
    serving until MAX_STALE_SECONDS. NOT_READY: nothing loaded yet, or too old to serve.
    """

    READY = "ready"
    STALE = "stale"
    NOT_READY = "not-ready"


class View(NamedTuple):
    """What one request works with: a snapshot, and the reason not to trust it, if any."""

    snapshot: Snapshot | None
    doubt: Reason | None


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
SHARED: Final = (
    "threads share their connections, because Python was patched after Django was imported. Let"
    " gevent patch it first, in gunicorn.conf.py; see docs/operations.md."
)
