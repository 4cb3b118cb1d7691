"""How the drain's wait follows the ring, and who is looked at."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.sightings.pacing import (
    LookBudget,
    Wait,
    evenly_spaced,
    fair_shares,
    flush_interval,
)

ROOM = 4_096


@pytest.mark.parametrize(
    ("before", "found", "expected"),
    [
        pytest.param(0.4, ROOM, 0.1, id="full: a quarter"),
        pytest.param(0.4, ROOM - 1, 0.2, id="nearly full: half"),
        pytest.param(0.4, ROOM // 2 + 1, 0.2, id="over half: half"),
        pytest.param(0.4, ROOM // 2, 0.4, id="half: the same"),
        pytest.param(0.4, ROOM // 8, 0.4, id="an eighth: the same"),
        pytest.param(0.4, ROOM // 8 - 1, 0.8, id="under an eighth: double"),
        pytest.param(0.4, 0, 0.8, id="empty: double"),
        pytest.param(0.8, 0, 1.0, id="at most a second"),
        pytest.param(0.05, ROOM, 0.03, id="at least 30 ms"),
    ],
)
def test_the_wait_follows_the_ring(before: float, found: int, expected: float) -> None:
    wait = Wait()
    wait.seconds = before

    wait.adapt(found, ROOM)

    assert wait.seconds == pytest.approx(expected)


@pytest.mark.parametrize("rate", [100, 5_000, 20_000, 50_000])
def test_at_a_steady_rate_nothing_is_lost_once_the_wait_has_adapted(rate: int) -> None:
    wait = Wait()
    lost = []
    for _ in range(40):
        came = rate * wait.seconds
        lost.append(max(0.0, came - ROOM))
        wait.adapt(min(ROOM, int(came)), ROOM)

    assert lost[10:] == [0.0] * 30


def test_2000_are_looked_at_in_a_second_and_never_more_at_once() -> None:
    budget = LookBudget(now=10.0)
    assert budget.available(10.0) == 2_000
    budget.spend(2_000)

    assert budget.available(10.0) == 0
    assert budget.available(10.5) == 1_000
    assert budget.available(100.0) == 2_000


@pytest.mark.parametrize(
    ("wanted", "total", "shares"),
    [
        pytest.param({}, 10, {}, id="nobody"),
        pytest.param({"a": 5}, 10, {"a": 5}, id="nobody gets more than it wants"),
        pytest.param({"a": 500, "b": 3, "c": 500}, 103, {"a": 50, "b": 3, "c": 50}, id="fair"),
        pytest.param({"a": 9}, 0, {"a": 0}, id="nothing"),
    ],
)
def test_shares_are_max_min_fair(
    wanted: dict[str, int], total: int, shares: dict[str, int]
) -> None:
    assert fair_shares(wanted, total, Random(1)) == shares


@pytest.mark.parametrize("total", [2, 10])
def test_what_cannot_be_parted_goes_by_chance(total: int) -> None:
    wanted = {"a": 9, "b": 10, "c": 1_000}
    random = Random(1)
    found = [fair_shares(wanted, total, random) for _ in range(300)]

    equal = total // 3
    assert {sum(shares.values()) for shares in found} == {total}
    assert {share for shares in found for share in shares.values()} == {equal, equal + 1}
    more = Counter(name for shares in found for name in shares if shares[name] > equal)
    assert min(more.values()) > 0.8 * max(more.values())


@given(st.dictionaries(st.text(), st.integers(0, 99)), st.integers(0, 999))
def test_shares_use_up_what_there_is(wanted: dict[str, int], total: int) -> None:
    shares = fair_shares(wanted, total, Random(1))

    assert sum(shares.values()) == min(total, sum(wanted.values()))
    assert all(0 <= share <= wanted[name] for name, share in shares.items())
    short = [share for name, share in shares.items() if share < wanted[name]]
    assert not short or max(shares.values()) <= min(short) + 1


@given(st.integers(0, 500), st.integers(0, 500))
def test_places_are_evenly_spaced(count: int, wanted: int) -> None:
    places = [*evenly_spaced(range(count), wanted)]

    assert len(places) == min(count, wanted)
    assert places == sorted(set(places))
    assert not places or 0 <= places[0] <= places[-1] < count
    gaps = {after - before for before, after in pairwise(places)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_flushes_are_60_seconds_apart_and_spread_out() -> None:
    random = Random(1)
    intervals = [flush_interval(random) for _ in range(200)]

    assert 48.0 <= min(intervals) < 50.0
    assert 70.0 < max(intervals) <= 72.0
