"""Who gets into the lists of callers, who gives way, and what is kept of a caller."""

import pytest

from corsadmin.sightings.batch import CallerSeen
from corsadmin.sightings.lists import (
    MAX_CALLERS,
    MAX_KEPT_NAMES,
    MAX_LIST,
    MIN_LIST,
    CallerFields,
    Lane,
    Listed,
    Lists,
    weakest,
)
from corsadmin.sightings.seen_before import SeenBefore

STRANGERS = Lane("acme", is_kin=False)
KIN = Lane("acme", is_kin=True)


def fields(origin: str, tenant: str = "acme") -> CallerFields:
    return tenant, "/api/", f"https://{origin}.example", "origin-not-listed"


def see(lists: Lists, origin: str, lane: Lane = STRANGERS, times: int = 1) -> Listed | None:
    found = None
    for _ in range(times):
        found = lists.find(lane, fields(origin, lane.tenant))
        if found is not None:
            found.see(1.0, is_preflight=False)
    return found


def fill(lists: Lists, lane: Lane, count: int, times: int = 1) -> None:
    for number in range(count):
        see(lists, f"{lane.tenant}-{number}", lane, times)


def names(lists: Lists, lane: Lane = STRANGERS) -> set[str]:
    found = dict(lists.items()).get(lane, {})
    return {origin.removeprefix("https://").removesuffix(".example") for _, _, origin, _ in found}


@pytest.fixture
def lists() -> Lists:
    return Lists(SeenBefore())


def test_while_a_list_has_room_everybody_enters(lists: Lists) -> None:
    fill(lists, STRANGERS, MAX_LIST)

    assert len(names(lists)) == lists.length == 250


def test_a_full_list_takes_in_only_what_was_seen_before(lists: Lists) -> None:
    fill(lists, STRANGERS, MAX_LIST)

    assert see(lists, "new") is None
    assert see(lists, "new") is not None

    assert "new" in names(lists)
    assert lists.length == MAX_LIST


def test_an_origin_that_was_seen_with_another_reason_was_seen(lists: Lists) -> None:
    fill(lists, STRANGERS, MAX_LIST)
    assert lists.find(STRANGERS, ("acme", "/api/", "https://new.example", "origin-expired")) is None

    assert see(lists, "new") is not None


def test_the_weakest_of_eight_at_the_head_gives_way(lists: Lists) -> None:
    for number in range(MAX_LIST):
        see(lists, f"acme-{number}", times=1 if number in {3, 9} else 5)

    see(lists, "new", times=2)
    assert "acme-3" not in names(lists)
    assert "acme-9" in names(lists)

    see(lists, "newer", times=2)
    assert "acme-9" not in names(lists)  # the seven stronger ones had gone to the end


def test_the_lightest_goes_and_the_others_at_the_head_go_to_the_end() -> None:
    places = dict(zip("abcdefghij", (3, 2, 1, 4, 5, 6, 7, 8, 0, 0), strict=True))

    assert weakest(places, places.__getitem__) == "c"
    assert "".join(places) == "cijabdefgh"


def test_another_lane_of_the_same_tenant_has_a_list_of_its_own(lists: Lists) -> None:
    fill(lists, STRANGERS, MAX_LIST)

    assert see(lists, "new", KIN) is not None
    assert names(lists, KIN) == {"new"}


def test_a_caller_that_becomes_kin_changes_lists_and_keeps_its_count(lists: Lists) -> None:
    before = see(lists, "caller", STRANGERS, times=3)

    after = see(lists, "caller", KIN)

    assert after is before
    assert (names(lists), names(lists, KIN)) == (set(), {"caller"})
    assert lists.length == 1


def test_a_full_process_takes_from_the_longest_list_for_the_shortest(lists: Lists) -> None:
    tenants = [Lane(f"t{number}", is_kin=False) for number in range(8)]
    for lane in tenants:
        fill(lists, lane, MAX_CALLERS // 8)
    late = Lane("late", is_kin=False)

    fill(lists, late, 20)

    assert len(names(lists, late)) == MIN_LIST
    assert lists.length == MAX_CALLERS
    assert {len(names(lists, lane)) for lane in tenants} == {249}

    later = Lane("later", is_kin=False)
    fill(lists, later, 20)
    assert len(names(lists, later)) == MIN_LIST
    assert {len(names(lists, lane)) for lane in tenants} == {248}
    assert see(lists, "late-19", late) is not None  # replaces one of its own tenant
    assert len(names(lists, late)) == MIN_LIST


def test_where_all_lists_are_short_nobody_takes_from_others(lists: Lists) -> None:
    for number in range(MAX_CALLERS):
        see(lists, "caller", Lane(f"t{number}", is_kin=False))
    late = Lane("late", is_kin=False)

    assert see(lists, "caller", late) is None
    assert see(lists, "caller", late) is not None  # it was seen before, and has no list yet

    assert lists.length == MAX_CALLERS
    assert see(lists, "other", late) is None
    assert see(lists, "other", late) is not None  # replaces one of its own tenant
    assert names(lists, late) == {"other"}


def test_what_a_caller_did_since_the_last_flush() -> None:
    listed = Listed()
    for moment, is_preflight in ((5.0, True), (6.0, False), (7.0, False)):
        listed.see(moment, is_preflight=is_preflight)
    listed.methods, listed.headers = ("PUT",), ("x-a", "x-b")

    assert listed.take(KIN) == CallerSeen(
        5.0, 7.0, is_kin=True, calls=2, preflights=1, methods=("PUT",), headers=("x-a", "x-b")
    )
    assert (listed.is_written, listed.is_waiting) == (True, False)

    listed.see(9.0, is_preflight=False)
    assert listed.take(STRANGERS) == CallerSeen(9.0, 9.0, is_kin=False, calls=1)


def test_a_clock_that_is_set_back_never_puts_the_last_call_before_the_first() -> None:
    listed = Listed()
    for now in (100.0, 40.0, 70.0):
        listed.see(now, is_preflight=False)

    seen = listed.take(Lane("acme", is_kin=False))

    assert (seen.first, seen.last) == (40.0, 100.0)


def test_what_is_long_ago_counts_less(lists: Lists) -> None:
    found = see(lists, "caller", times=9)
    assert found is not None

    lists.flushed()
    assert found.weight == 4
    for _ in range(9):
        lists.flushed()
    assert found.weight == 0


def test_names_of_a_caller_are_bounded_and_kept_once(lists: Lists) -> None:
    found = see(lists, "caller")
    assert found is not None

    for number in range(30):
        lists.ask(found, f"M{number}", ("x-always", f"x-{number}"))
    lists.ask(found, "", ())

    assert found.methods == tuple(f"M{number}" for number in range(20))
    assert found.headers == ("x-always", *(f"x-{number}" for number in range(19)))


def test_names_of_all_callers_are_bounded_between_two_flushes(lists: Lists) -> None:
    listed = [see(lists, f"caller-{number}") for number in range(MAX_LIST)]

    def ask() -> int:
        for one in filter(None, listed):
            lists.ask(one, "", tuple(f"x-{number}" for number in range(20)))
        return sum(len(one.headers) for one in filter(None, listed))

    assert ask() == MAX_KEPT_NAMES
    for one in filter(None, listed):
        one.take(STRANGERS)
    lists.flushed()
    assert ask() == MAX_KEPT_NAMES


def test_a_caller_that_gives_way_takes_its_names_along(lists: Lists) -> None:
    fill(lists, STRANGERS, MAX_LIST)
    for one in lists.places(STRANGERS).values():
        lists.ask(one, "", ("x-a",))

    see(lists, "new", times=2)

    assert lists._names == MAX_LIST - 1
