"""How often to drain the ring, and how many of its calls to examine."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, TypeVar

MIN_WAIT: Final = 0.03  # seconds
MAX_WAIT: Final = 1.0
MAX_LOOKS: Final = 2_000  # refused calls to examine in a second
FLUSH_SECONDS: Final = 60.0
FLUSH_SPREAD: Final = 0.2  # so that the processes of a fleet do not write at once
Item = TypeVar("Item")


class Wait:
    """How long the drain waits. It adapts to the ring, so that no request has to wake it."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = MAX_WAIT

    def adapt(self, found: int, room: int) -> None:
        """Choose the next wait by how full the ring was: `found` items in `room` places."""
        factor = 1.0
        if found >= room:
            factor = 0.25
        elif 2 * found > room:
            factor = 0.5
        elif 8 * found < room:
            factor = 2.0
        self.seconds = min(MAX_WAIT, max(MIN_WAIT, self.seconds * factor))


class LookBudget:
    """How many calls may still be examined: MAX_LOOKS a second, and never more at once."""

    __slots__ = ("_left", "_since")

    def __init__(self, now: float) -> None:
        self._left = float(MAX_LOOKS)
        self._since = now

    def available(self, now: float) -> int:
        """Return how many calls may be examined now, by a clock that never runs backwards."""
        self._left = min(MAX_LOOKS, self._left + MAX_LOOKS * (now - self._since))
        self._since = now
        return int(self._left)

    def spend(self, looks: int) -> None:
        """Record that so many calls were examined."""
        self._left -= looks


def fair_shares(wanted: Mapping[str, int], total: int, random: Random) -> dict[str, int]:
    """Return how much of the total each name gets: max-min fair.

    No name gets more than it wants, and names that want more than an equal part get equal parts.
    The remainder goes to some of them by chance, so that a crowd does not always come first.
    """
    shares = dict(wanted)
    names = sorted(wanted, key=wanted.__getitem__)
    for place, name in enumerate(names):
        waiting = len(names) - place
        if wanted[name] * waiting > total:
            equal, rest = divmod(total, waiting)
            shares.update(dict.fromkeys(names[place:], equal))
            shares.update(dict.fromkeys(random.sample(names[place:], rest), equal + 1))
            break
        total -= wanted[name]
    return shares


def evenly_spaced(items: Sequence[Item], wanted: int) -> Sequence[Item]:
    """Return `wanted` of the items, evenly spaced, or all if there are no more."""
    count = len(items)
    if wanted >= count:
        return items
    return [items[number * count // wanted] for number in range(wanted)]


def flush_interval(random: Random) -> float:
    """Return the seconds until the next flush."""
    return FLUSH_SECONDS * random.uniform(1 - FLUSH_SPREAD, 1 + FLUSH_SPREAD)
