"""Who is written for the first time with a flush: bounded, in turns."""

from collections import Counter
from random import Random

import pytest

from corsadmin.sightings.lists import Lane, Lists
from corsadmin.sightings.newcomers import all_newcomers, choose_newcomers
from corsadmin.sightings.seen_before import SeenBefore


def waiting(**counts: tuple[int, int]) -> Lists:
    """Return lists with so many kin and strangers of each tenant; later ones have called more."""
    lists = Lists(SeenBefore())
    for tenant, (kin, strangers) in counts.items():
        for is_kin, count in ((False, strangers), (True, kin)):
            for number in range(count):
                origin = f"https://{'kin' if is_kin else 'other'}-{number}.example"
                listed = lists.find(
                    Lane(tenant, is_kin), (tenant, "/", origin, "origin-not-listed")
                )
                assert listed is not None
                for _ in range(number + 1):
                    listed.see(1.0, is_preflight=False)
    return lists


def chosen(lists: Lists) -> list[tuple[str, str]]:
    return [(lane.tenant, fields[2]) for lane, fields in choose_newcomers(lists, Random(1))]


def by_tenant(lists: Lists) -> Counter[str]:
    return Counter(tenant for tenant, _origin in chosen(lists))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({}, {}, id="nobody"),
        pytest.param({"a": (5, 5)}, {"a": 10}, id="all there are"),
        pytest.param({"a": (150, 150)}, {"a": 100}, id="100 where nobody else waits"),
        pytest.param(
            {"a": (100, 100), "b": (100, 100)}, {"a": 20, "b": 20}, id="20 while others wait"
        ),
        pytest.param({"a": (100, 0), "b": (3, 4)}, {"a": 93, "b": 7}, id="others have come in"),
        pytest.param(
            {"a": (30, 0), "b": (30, 0), "c": (1, 0)},
            {"a": 20, "b": 20, "c": 1},
            id="three tenants",
        ),
    ],
)
def test_how_many_of_each_tenant(
    counts: dict[str, tuple[int, int]], expected: dict[str, int]
) -> None:
    assert by_tenant(waiting(**counts)) == expected


def test_among_many_tenants_each_has_a_turn() -> None:
    found = by_tenant(waiting(**{f"t{number}": (2, 2) for number in range(70)}))

    assert (len(found), sum(found.values())) == (70, 100)
    assert max(found.values()) == 2


def test_lanes_take_turns_and_who_called_most_comes_first() -> None:
    assert [origin for _tenant, origin in chosen(waiting(a=(3, 5)))] == [
        *("https://kin-2.example", "https://other-4.example"),
        *("https://kin-1.example", "https://other-3.example"),
        *("https://kin-0.example", "https://other-2.example"),
        *("https://other-1.example", "https://other-0.example"),
    ]


def test_the_order_of_tenants_is_another_one_each_time() -> None:
    lists = waiting(**{f"t{number}": (1, 0) for number in range(150)})

    first, second = (
        {lane.tenant for lane, _fields in choose_newcomers(lists, Random(seed))} for seed in (1, 2)
    )

    assert len(first) == len(second) == 100
    assert first != second


def test_who_is_written_or_has_not_called_since_does_not_wait() -> None:
    lists = waiting(a=(3, 0))
    lane = Lane("a", is_kin=True)
    written, silent, new = lists.places(lane).values()
    written.is_written = True
    silent.calls = 0

    assert [lists.places(lane)[fields] for lane, fields in choose_newcomers(lists, Random(1))] == [
        new
    ]


def test_everybody_who_waits() -> None:
    assert len(all_newcomers(waiting(a=(100, 150), b=(100, 0)))) == 350
