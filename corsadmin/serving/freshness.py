"""Judge, from moments alone, how far to trust a snapshot, and whether requests wait for a poll.

Nothing here reads a clock, starts a thread or knows Django: moments go in, a judgment comes out.
All moments are seconds of one clock that never runs backwards. Why: docs/decisions/freshness.md.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

MAX_FIRST_LOAD_SECONDS: Final = 5.0  # the longest a request waits for the very first load
MAX_PAUSE_WAIT_SECONDS: Final = 1.0  # the longest a request waits after the process was paused
LOOK_SECONDS: Final = 0.05  # how often requests look again while the snapshot is not confirmed


class State(StrEnum):
    """How far a process can be trusted.

    READY: confirmed recently. STALE: the counter could not be read recently; the last snapshot
    keeps serving until MAX_STALE_SECONDS. NOT_READY: nothing loaded yet, or too old to serve.
    """

    READY = "ready"
    STALE = "stale"
    NOT_READY = "not-ready"


class Terms(NamedTuple):
    """What the settings say. `promise`: the seconds within which a change governs this process.

    It is 0 if every request compares the counter itself. `limit` is MAX_STALE_SECONDS.
    """

    promise: float
    limit: float | None


class Judgement(NamedTuple):
    """A state, until when requests rely on it, and whether the snapshot is too old to serve."""

    state: State
    good_until: float
    too_stale: bool = False


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known about one snapshot: an immutable value that each event replaces.

    A gap between two beats that is longer than the promise is a pause: the process did not run.
    """

    confirmed: float | None = None  # when the counter was last known to be the snapshot's
    beaten: float | None = None  # the last beat
    failing: bool = False  # the latest poll has failed
    awaited: float | None = None  # requests wait for a poll that begins at this moment or later,
    deadline: float = 0.0  # but only until this one

    def beat(self, now: float, promise: float) -> "Freshness":
        """Return what is known after a beat. The first one, and one after a pause, await a poll."""
        if self.beaten is None:
            return replace(self, beaten=now, awaited=now, deadline=now + MAX_FIRST_LOAD_SECONDS)
        if self.gap(now) > promise:
            return replace(self, beaten=now, awaited=now, deadline=now + MAX_PAUSE_WAIT_SECONDS)
        return replace(self, beaten=now)

    def gap(self, now: float) -> float:
        """Return the time since the last beat; 0 before the first one."""
        return 0.0 if self.beaten is None else now - self.beaten

    def confirm(self, started: float) -> "Freshness":
        """Return what is known after a poll that began at `started` has succeeded."""
        awaited = None if self.awaits(started) else self.awaited
        return replace(self, confirmed=started, failing=False, awaited=awaited)

    def fail(self, started: float) -> "Freshness":
        """Return what is known after a poll that began at `started` has failed."""
        return replace(self, failing=True, awaited=None if self.awaits(started) else self.awaited)

    def awaits(self, started: float) -> bool:
        """Report whether requests wait for a poll that began then; earlier ones prove nothing."""
        return self.awaited is not None and started >= self.awaited

    def wait(self, now: float) -> float:
        """Return the seconds that a request waits for the awaited poll; 0 if it need not wait."""
        return 0.0 if self.awaited is None else max(0.0, self.deadline - now)

    def judge(self, now: float, terms: Terms) -> Judgement:
        """Return how far the snapshot may be trusted now.

        It is never too old before requests have waited for a poll: a pause may be all of its age.
        """
        if self.confirmed is None:
            return Judgement(State.NOT_READY, now + LOOK_SECONDS)
        age = now - self.confirmed
        limit = float("inf") if terms.limit is None else terms.limit
        is_stale = age > terms.promise if terms.promise else self.failing
        if self.wait(now) or (terms.promise and self.gap(now) > terms.promise):
            return Judgement(State.STALE if is_stale else State.READY, now)
        if age > limit:
            return Judgement(State.NOT_READY, now + LOOK_SECONDS, too_stale=True)
        if is_stale:
            return Judgement(State.STALE, min(now + LOOK_SECONDS, self.confirmed + limit))
        return Judgement(State.READY, self.confirmed + min(terms.promise, limit))
