"""A few polls follow each other at once; an endless row of them leaves requests the processor."""

import time
from collections.abc import Callable

import pytest

from corsadmin.push.wakeup import wake_event
from corsadmin.serving import refresher
from corsadmin.serving.refresher import MAX_BURST_SECONDS, MIN_COST_SECONDS, RateLimiter
from tests.databases import wait_until
from tests.serving.conftest import Clock, MakeRefresher
from tests.serving.databases import Database


def test_a_few_polls_need_no_rest_and_an_endless_row_of_them_does(clock: Clock) -> None:
    pace = RateLimiter(0.25, clock)
    rests = []
    for _ in range(1_000):
        rests.append(pace.rest(0.0))
        clock.now += rests[-1] + 0.001

    assert not any(rests[: int(MAX_BURST_SECONDS / MIN_COST_SECONDS)])
    assert clock.now - 1_000 == pytest.approx(1_000 * MIN_COST_SECONDS, rel=0.05)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        pytest.param(0.1, 0.0, id="short enough to be followed by another one"),
        pytest.param(0.3, 0.1, id="twice its time, less what a burst is allowed"),
        pytest.param(60.0, 0.25, id="never so long that the promise is broken"),
    ],
)
def test_a_long_poll_is_followed_by_a_rest(clock: Clock, spent: float, expected: float) -> None:
    assert RateLimiter(0.25, clock).rest(spent) == pytest.approx(expected)


def test_a_rest_is_forgotten_with_time(clock: Clock) -> None:
    pace = RateLimiter(0.25, clock)
    assert pace.rest(60.0)

    clock.now += 10

    assert not pace.rest(0.1)


def test_a_storm_of_hints_is_followed_at_a_pace(
    sqlite: Database, make_refresher: MakeRefresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresher, "MAX_BURST_SECONDS", 0.0)
    polls: list[float] = []

    def poll(alias: str, on_progress: Callable[[], None], *, hinted: bool) -> None:
        polls.append(time.monotonic())
        wake_event.set()

    make_refresher(poll, lambda: None, 60.0)
    wait_until(lambda: len(polls) > 5)

    assert polls[5] - polls[0] > 5 * MIN_COST_SECONDS - 0.01
