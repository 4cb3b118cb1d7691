"""Remember in 256 kB, though not with certainty, what was seen before."""

from typing import Final

MAX_PLACES: Final = 262_144  # a byte each


class SeenBefore:
    """Tells numbers seen before from numbers seen for the first time.

    A number leaves a tag of eight bits at its place and overwrites the tag that was there. So a
    crowd makes it forget, and one in 255 new numbers that meet another's tag passes for known.
    Numbers are hashes with a new seed in each process, so nobody outside can aim.
    """

    __slots__ = ("_places", "_tags")

    def __init__(self, places: int = MAX_PLACES) -> None:
        self._places = places
        self._tags = bytearray(places)

    def knows(self, number: int) -> bool:
        """Report whether this number was seen before, and remember it."""
        place = number % self._places
        tag = number >> 20 & 0xFF or 1  # 0 is the tag of an empty place
        if self._tags[place] == tag:
            return True
        self._tags[place] = tag
        return False
