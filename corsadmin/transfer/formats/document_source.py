"""A nested document to walk, whatever its format."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

from corsadmin.transfer.records.check import RepeatedKeys

# Of JSON or YAML: a text, a number, a list, an object … Only the checks find out which.
DocumentValue: TypeAlias = Any


class BrokenTextError(Exception):
    """A text breaks its format. `place` is the line and column, or blank; `reason` is a clause."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(place, reason)


class Source(Protocol):
    """A nested document, walked once from its beginning to its end."""

    def is_object(self) -> bool:
        """Report whether the next value is an object."""

    def is_array(self) -> bool:
        """Report whether the next value is an array."""

    def keys(self) -> Iterator[str]:
        """Enter an object and yield each key. The caller must take the value before the next key."""

    def elements(self) -> Iterator[int]:
        """Enter an array and yield each index. The caller must take each element before the next."""

    def value(self) -> DocumentValue:
        """Take the whole next value."""

    def at_hand(self) -> dict[str, object] | None:
        """Take the next value if it is in memory already and an object without repeated keys.

        Otherwise take nothing and return None.
        """

    def end(self) -> None:
        """Raise BrokenTextError if more text follows."""


class LoadedSource:
    """A Source over values that are in memory already."""

    def __init__(self, document: DocumentValue) -> None:
        self._next = document

    def is_object(self) -> bool:
        return isinstance(self._next, dict)

    def is_array(self) -> bool:
        return isinstance(self._next, list)

    def keys(self) -> Iterator[str]:
        entered = self._next
        repeated = entered.repeated if isinstance(entered, RepeatedKeys) else ()
        for name in (*entered, *repeated):
            self._next = entered[name]
            yield name

    def elements(self) -> Iterator[int]:
        for index, element in enumerate(self._next):
            self._next = element
            yield index

    def value(self) -> DocumentValue:
        return self._next

    def at_hand(self) -> dict[str, object] | None:
        return self._next if type(self._next) is dict else None

    def end(self) -> None:
        """Do nothing: nothing can follow a value in memory."""


def make_object(pairs: list[tuple[str, object]]) -> dict[str, DocumentValue]:
    """Return an object; a RepeatedKeys if some of its keys were written more than once."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = RepeatedKeys(found)
    times = Counter(name for name, _value in pairs)
    repeated.repeated = tuple(name for name in found if times[name] > 1)
    return repeated
