"""Choose which of the callers that are new to the database a flush writes."""

from itertools import chain, zip_longest
from random import Random
from typing import Final

from corsadmin.sightings.lists import CallerFields, Lane, Lists, Places

MAX_NEW: Final = 100  # of a process, with each flush
MAX_NEW_OF_TENANT: Final = 20  # while others wait

Newcomer = tuple[Lane, CallerFields]


def choose_newcomers(lists: Lists, random: Random) -> list[Newcomer]:
    """Return the callers to write for the first time: tenants take turns, and so do their lanes.

    Those of a lane that called most come first. The order of tenants is random.
    """
    lanes: dict[str, list[list[Newcomer]]] = {}
    for lane, places in lists.items():
        if waiting := _waiting(lane, places, MAX_NEW):
            # Kin come first.
            lanes.setdefault(lane.tenant, []).insert(0 if lane.is_kin else 1, waiting)
    queues = [_in_turns(found) for found in lanes.values()]
    random.shuffle(queues)
    chosen = _in_turns([queue[:MAX_NEW_OF_TENANT] for queue in queues])[:MAX_NEW]
    left = [queue[MAX_NEW_OF_TENANT:] for queue in queues if len(queue) > MAX_NEW_OF_TENANT]
    if len(left) == 1:  # nobody else waits
        chosen += left[0][: MAX_NEW - len(chosen)]
    return chosen


def all_newcomers(lists: Lists) -> list[Newcomer]:
    """Return every caller that the database does not have."""
    return list(chain.from_iterable(_waiting(lane, places, None) for lane, places in lists.items()))


def _waiting(lane: Lane, places: Places, most: int | None) -> list[Newcomer]:
    """Return at most `most` newcomers of a lane, or all for None, the most frequent first."""
    new = [one for one, listed in places.items() if listed.is_waiting and not listed.is_written]
    new.sort(key=lambda caller: -places[caller].weight)
    return [(lane, caller) for caller in new[:most]]


def _in_turns(queues: list[list[Newcomer]]) -> list[Newcomer]:
    turns = chain.from_iterable(zip_longest(*queues))
    return [one for one in turns if one is not None]
