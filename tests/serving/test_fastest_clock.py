"""Time passes as the faster clock says: no clock makes anything look younger than it is."""

import time

import pytest

from corsadmin.serving.clocks import FastestClock, steady_clock
from tests.serving.conftest import Clock


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([(5, 5)], 5, id="they agree"),
        pytest.param([(1, 600)], 600, id="a virtual machine goes on: the wall clock is set"),
        pytest.param([(600, 1)], 600, id="boot time counted the sleep"),
        pytest.param([(5, -3600)], 5, id="the wall clock is set back"),
        pytest.param([(0, -3600)], 0, id="it is set back between two readings"),
        pytest.param([(1, 3600), (1, -3600)], 3601, id="set forward by mistake, then back"),
        pytest.param([(1, -3600), (1, 3600)], 3601, id="set back by mistake, then forward"),
        pytest.param([(3, 1), (1, 3)], 6, id="each in turn"),
    ],
)
def test_seconds_pass(steps: list[tuple[float, float]], expected: float) -> None:
    steady, wall = Clock(), Clock()
    clock = FastestClock(steady, wall)
    read = []
    for forward, set_by in steps:
        steady.now += forward
        wall.now += set_by
        read.append(clock())

    assert read[-1] == expected


def test_readings_are_foretold_from_now() -> None:
    steady, wall = Clock(), Clock()
    clock = FastestClock(steady, wall)
    wall.now += 10

    assert clock() == 10
    assert clock.readings_at(12) == (steady.now + 2, wall.now + 2)


def test_the_steady_clock_is_not_behind_monotonic_time() -> None:
    before = time.monotonic()

    assert steady_clock() >= before
