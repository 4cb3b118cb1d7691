"""The refused callers that a process keeps, in short lists that a crowd cannot take over."""

from collections.abc import Callable, Iterator
from itertools import islice
from sys import intern
from typing import Final, NamedTuple, TypeVar, cast

from corsadmin.sightings.batch import MAX_NAMES, Caller, CallerSeen
from corsadmin.sightings.seen_before import SeenBefore

MAX_LIST: Final = 250  # callers of one lane of a tenant
MAX_CALLERS: Final = 2_000  # of a process
MIN_LIST: Final = 8  # a lane gets this many places from a longer one if the process is full
MAX_COMPARED: Final = 8  # the weakest of so many at the head of a list gives way
MAX_KEPT_NAMES: Final = 2_000  # methods and header names of all callers, between two flushes


class Lane(NamedTuple):
    """The list that a caller belongs to; kin share a registrable domain with the tenant."""

    tenant: str
    is_kin: bool


class Listed:
    """One caller in a list. `weight` is how often it was seen, where older calls count less.

    `is_written` says that the database has it. The other fields are those of `CallerSeen` since the
    last flush.
    """

    __slots__ = (
        "calls",
        "first",
        "headers",
        "is_written",
        "last",
        "methods",
        "preflights",
        "weight",
    )

    def __init__(self) -> None:
        self.weight = 0
        self.is_written = False
        self.calls = self.preflights = 0
        self.first = self.last = 0.0
        self.methods: tuple[str, ...] = ()
        self.headers: tuple[str, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Report whether the caller was seen since the last flush."""
        return self.calls + self.preflights > 0

    def see(self, now: float, count: int = 1, *, is_preflight: bool) -> None:
        """Count `count` calls."""
        self.weight += count
        if self.is_waiting:
            # The clock may have been set back in the meantime.
            self.first, self.last = min(self.first, now), max(self.last, now)
        else:
            self.first = self.last = now
        if is_preflight:
            self.preflights += count
        else:
            self.calls += count

    def take(self, lane: Lane) -> CallerSeen:
        """Return what was seen since the last flush, and start over."""
        seen = CallerSeen(
            self.first,
            self.last,
            lane.is_kin,
            self.calls,
            self.preflights,
            self.methods,
            self.headers,
        )
        self.is_written = True
        self.calls = self.preflights = 0
        self.methods = self.headers = ()
        return seen


# A Caller, or a plain tuple that equals it, which takes a quarter of the time to make for a
# look-up.
CallerFields = tuple[str, str, str, str]
Places = dict[CallerFields, Listed]
_EMPTY: Final[Places] = {}
# Most callers request one of a few methods, so they share these tuples.
_SHARED: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    (name,): (name,) for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
}
Key = TypeVar("Key")
Value = TypeVar("Value")


class Lists:
    """A list of callers for each tenant and lane.

    While a list has room, every caller enters. Once it is full, only a caller whose origin was seen
    before enters, in place of the weakest at the head. New callers go to the end.
    """

    def __init__(self, seen_before: SeenBefore) -> None:
        self._seen_before = seen_before
        self._lists: dict[Lane, Places] = {}
        self._by_length: list[dict[Lane, None]] = [{} for _ in range(MAX_LIST + 1)]
        self._longest = 0
        self._names = 0
        self.length = 0

    def find(self, lane: Lane, caller: CallerFields) -> Listed | None:
        """Return a caller's place in a lane, a new one if necessary; None if it is turned away."""
        places = self._lists.get(lane, _EMPTY)
        found = places.get(caller)
        return self._enter(lane, caller, len(places)) if found is None else found

    def _enter(self, lane: Lane, caller: CallerFields, length: int) -> Listed | None:
        tenant, rule, origin, reason = caller
        is_known = self._seen_before.knows(hash((tenant, origin)))
        # The tenant's domains may have changed since.
        other = cast("Lane", (tenant, not lane.is_kin))  # a Lane would take longer to make
        moved = self._lists.get(other, _EMPTY).get(caller)
        if moved is not None:
            self._remove(Lane(*other), caller)
            is_known = True
        if not self._make_room(lane, length, is_known=is_known):
            return None
        listed = moved or Listed()
        own = Caller(intern(tenant), intern(rule), origin, intern(reason))
        self._lists.setdefault(lane, {})[own] = listed
        self._resized(lane, 1, listed)
        return listed

    def ask(self, listed: Listed, method: str, headers: tuple[str, ...]) -> None:
        """Add what a caller's preflight requested, as far as there is room."""
        if method and method not in listed.methods:
            listed.methods = self._more(listed.methods, (method,))
        listed.headers = self._more(listed.headers, headers)

    def places(self, lane: Lane) -> Places:
        """Return the callers of a lane, which must have some."""
        return self._lists[lane]

    def items(self) -> Iterator[tuple[Lane, Places]]:
        """Yield each lane with its callers."""
        yield from self._lists.items()

    def flushed(self) -> None:
        """Start over after a flush: earlier calls count half, and names are forgotten."""
        self._names = 0
        for places in self._lists.values():
            for listed in places.values():
                listed.weight >>= 1
                self._names += len(listed.methods) + len(listed.headers)

    def _make_room(self, lane: Lane, length: int, *, is_known: bool) -> bool:
        """Make room for one more in a lane; report whether there is room."""
        if length < MAX_LIST and self.length < MAX_CALLERS:
            return True
        victim = lane
        if length < MIN_LIST and length < self._longest_list() - 1:
            victim = next(iter(self._by_length[self._longest]))
        elif not is_known:
            return False
        elif not length:
            victim = next(iter(self._by_length[self._longest]))
        places = self._lists[victim]
        self._remove(victim, weakest(places, lambda one: places[one].weight))
        return True

    def _remove(self, lane: Lane, caller: CallerFields) -> None:
        self._resized(lane, -1, self._lists[lane].pop(caller))

    def _resized(self, lane: Lane, change: int, listed: Listed) -> None:
        length = len(self._lists[lane])
        self.length += change
        self._names += change * (len(listed.methods) + len(listed.headers))
        self._by_length[length - change].pop(lane, None)
        if length:
            self._by_length[length][lane] = None
            self._longest = max(self._longest, length)
        else:
            del self._lists[lane]

    def _longest_list(self) -> int:
        while not self._by_length[self._longest]:
            self._longest -= 1
        return self._longest

    def _more(self, there: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
        added = [intern(name) for name in asked if name not in there]
        room = min(MAX_NAMES - len(there), MAX_KEPT_NAMES - self._names)
        added = added[: max(0, room)]
        self._names += len(added)
        both = (*there, *added)
        return _SHARED.get(both, both)


def weakest(places: dict[Key, Value], weight: Callable[[Key], int]) -> Key:
    """Return the lightest of the first MAX_COMPARED keys; move the others to the end."""
    head = list(islice(places, MAX_COMPARED))
    found = min(head, key=weight)
    for key in head:
        if key is not found:
            places[key] = places.pop(key)
    return found
