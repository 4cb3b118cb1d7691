"""Remember in 256 kB, and not for certain, what has come by before."""

from typing import Final

MAX_PLACES: Final = 262_144  # a byte each


class SeenBefore:
    """Tells what comes for the second time from what comes for the first.

    A number leaves a tag of eight bits at its place, and takes the place from the number that was
    there before. So a crowd makes it forget, and one in 255 of those that meet another one's
    tag passes for known. Numbers are hashes, seeded anew in each process: nobody outside can aim.
    """

    __slots__ = ("_places", "_tags")

    def __init__(self, places: int = MAX_PLACES) -> None:
        self._places = places
        self._tags = bytearray(places)

    def knows(self, number: int) -> bool:
        """Report whether this number has come by before, and remember it."""
        place = number % self._places
        tag = number >> 20 & 0xFF or 1  # 0 is the tag of an empty place
        if self._tags[place] == tag:
            return True
        self._tags[place] = tag
        return False
