"""What is judged of moments alone: how far a snapshot may be trusted, and who waits for a poll."""

from functools import reduce
from typing import Any

import pytest

from corsadmin.serving.freshness import (
    LOOK_SECONDS,
    MAX_FIRST_LOAD_SECONDS,
    MAX_PAUSE_WAIT_SECONDS,
    Freshness,
    Judgement,
    State,
    Terms,
)

PROMISE = 2.0
LIMIT = 100.0
TERMS = Terms(PROMISE, LIMIT)
FOREVER = Terms(PROMISE, None)
IMPATIENT = Terms(PROMISE, 1.0)  # MAX_STALE_SECONDS below the promise
COMPARING = Terms(0.0, LIMIT)
READY, STALE, NOT_READY = State


def known(*events: tuple[Any, ...]) -> Freshness:
    """Return what is known after some events, each a method's name and its moment."""

    def happen(before: Freshness, event: tuple[str, float]) -> Freshness:
        name, moment = event
        found: Freshness = (
            before.beat(moment, PROMISE) if name == "beat" else getattr(before, name)(moment)
        )
        return found

    return reduce(happen, events, Freshness())


LOADED = (("beat", 0), ("confirm", 0))


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        pytest.param((), 0, 0, id="nobody has asked yet"),
        pytest.param((("beat", 0),), 0, MAX_FIRST_LOAD_SECONDS, id="the first load"),
        pytest.param((("beat", 0), ("beat", 1)), 1, MAX_FIRST_LOAD_SECONDS - 1, id="one deadline"),
        pytest.param((("beat", 0),), MAX_FIRST_LOAD_SECONDS + 1, 0, id="a first load without an end"),
        pytest.param((("beat", 0), ("fail", 0)), 1, 0, id="a first load that failed"),
        pytest.param(LOADED, 1, 0, id="loaded"),
        pytest.param((*LOADED, ("beat", 1)), 1, 0, id="polled in time"),
        pytest.param((*LOADED, ("beat", 2)), 2, 0, id="a gap as long as the promise"),
        pytest.param((*LOADED, ("beat", 2.1)), 2.1, MAX_PAUSE_WAIT_SECONDS, id="a pause"),
        pytest.param((*LOADED, ("beat", 10), ("beat", 10.5)), 10.5, 0.5, id="one shared deadline"),
        pytest.param((*LOADED, ("beat", 10), ("beat", 11.5)), 11.5, 0, id="once per pause"),
        pytest.param((*LOADED, ("beat", 10), ("confirm", 10)), 10, 0, id="the poll has come"),
        pytest.param((*LOADED, ("beat", 10), ("fail", 10)), 10, 0, id="the poll has failed"),
        pytest.param(
            (*LOADED, ("beat", 10), ("confirm", 1)),
            10,
            MAX_PAUSE_WAIT_SECONDS,
            id="a poll that began before the pause proves nothing",
        ),
        pytest.param(
            (*LOADED, ("beat", 10), ("fail", 1)),
            10,
            MAX_PAUSE_WAIT_SECONDS,
            id="nor does it fail for the one that is awaited",
        ),
        pytest.param(
            (*LOADED, ("beat", 10), ("beat", 20)), 20, MAX_PAUSE_WAIT_SECONDS, id="a second pause in the first wait"
        ),
        pytest.param(
            (*LOADED, ("beat", 1), ("fail", 1), ("beat", 2), ("fail", 2), ("beat", 3)),
            3,
            0,
            id="an outage: polls begin and fail",
        ),
        pytest.param(
            (*LOADED, *(("beat", moment) for moment in range(1, 30))),
            30,
            0,
            id="a database that hangs: one poll, for which the second thread beats",
        ),
        pytest.param(
            (*LOADED, ("beat", 1), ("fail", 1), ("beat", 10)),
            10,
            MAX_PAUSE_WAIT_SECONDS,
            id="a pause in an outage",
        ),
    ],
)  # fmt: skip
def test_how_long_a_request_waits(
    events: tuple[tuple[str, float], ...], now: float, expected: float
) -> None:
    assert known(*events).wait(now) == expected


OUTAGE = (*LOADED, *(event for at in range(1, 200) for event in (("beat", at), ("fail", at))))


@pytest.mark.parametrize(
    ("events", "now", "terms", "expected"),
    [
        pytest.param((), 5, TERMS, Judgement(NOT_READY, 5 + LOOK_SECONDS), id="nothing loaded"),
        pytest.param(LOADED, 1, TERMS, Judgement(READY, PROMISE), id="confirmed"),
        pytest.param(LOADED, 2, TERMS, Judgement(READY, PROMISE), id="confirmed just in time"),
        pytest.param(LOADED, 1, FOREVER, Judgement(READY, PROMISE), id="confirmed, no limit"),
        pytest.param(LOADED, 1, IMPATIENT, Judgement(READY, 1.0), id="at a limit below the promise"),
        pytest.param(
            LOADED,
            1.5,
            IMPATIENT,
            Judgement(NOT_READY, 1.5 + LOOK_SECONDS, too_stale=True),
            id="beyond a limit below the promise",
        ),
        pytest.param(
            OUTAGE[:8], 3, TERMS, Judgement(STALE, 3 + LOOK_SECONDS), id="not confirmed lately"
        ),
        pytest.param(
            OUTAGE, 200, FOREVER, Judgement(STALE, 200 + LOOK_SECONDS), id="stale without a limit"
        ),
        pytest.param(OUTAGE, LIMIT, TERMS, Judgement(STALE, LIMIT), id="at the limit"),
        pytest.param(
            OUTAGE,
            LIMIT - LOOK_SECONDS / 2,
            TERMS,
            Judgement(STALE, LIMIT),
            id="no reliance beyond the limit",
        ),
        pytest.param(
            OUTAGE,
            LIMIT + 1,
            TERMS,
            Judgement(NOT_READY, LIMIT + 1 + LOOK_SECONDS, too_stale=True),
            id="beyond the limit",
        ),
        pytest.param(LOADED, 10, TERMS, Judgement(STALE, 10), id="paused, and nobody beat yet"),
        pytest.param(
            (*LOADED, ("beat", 10)), 10, TERMS, Judgement(STALE, 10), id="while requests wait"
        ),
        pytest.param(
            (*LOADED, ("beat", 500)),
            500,
            TERMS,
            Judgement(STALE, 500),
            id="the limit is judged after the wait",
        ),
        pytest.param(
            (*LOADED, ("beat", 500), ("fail", 500)),
            500,
            TERMS,
            Judgement(NOT_READY, 500 + LOOK_SECONDS, too_stale=True),
            id="the wait ended with an error",
        ),
        pytest.param(
            (*LOADED, ("beat", 10)), 11, TERMS, Judgement(STALE, 11 + LOOK_SECONDS), id="the wait is over"
        ),
        pytest.param(
            (*LOADED, ("beat", 10), ("confirm", 10)),
            10.5,
            TERMS,
            Judgement(READY, 10 + PROMISE),
            id="confirmed after a pause",
        ),
        pytest.param(
            (("confirm", 0), ("beat", 1)),
            1,
            TERMS,
            Judgement(READY, 1),
            id="loaded by refresh() before the first request",
        ),
        pytest.param((("confirm", 0),), 50, COMPARING, Judgement(READY, 0.0), id="without a thread"),
        pytest.param(
            (("confirm", 0), ("fail", 1)),
            50,
            COMPARING,
            Judgement(STALE, 50 + LOOK_SECONDS),
            id="without a thread, in an outage",
        ),
    ],
)  # fmt: skip
def test_how_far_it_is_trusted(
    events: tuple[tuple[str, float], ...], now: float, terms: Terms, expected: Judgement
) -> None:
    assert known(*events).judge(now, terms) == expected


def test_a_success_ends_an_outage() -> None:
    assert known(*OUTAGE).failing
    assert not known(*OUTAGE, ("confirm", 200)).failing
