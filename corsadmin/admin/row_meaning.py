"""Whether rows of a policy mean the same: lists are sets, and names of headers have no case."""

from collections.abc import Iterable
from typing import Final

_HEADERS: Final = frozenset({"request_headers", "exposed_headers"})


def differing_fields(one: object, other: object, names: Iterable[str]) -> list[str]:
    """Return those of some fields in which two rows do not mean the same, in their order."""
    return [name for name in names if not _is_same(name, getattr(one, name), getattr(other, name))]


def sorted_value(value: object) -> object:
    """Return a list with its members sorted, so that two are easily compared; else the value."""
    return sorted(value, key=str) if isinstance(value, list) else value


def _is_same(name: str, one: object, other: object) -> bool:
    if one == other:
        return True
    # A database may hold any JSON value where a list is expected.
    if isinstance(one, list) and isinstance(other, list):
        return _members(name, one) == _members(name, other)
    return False


def _members(name: str, values: list[object]) -> frozenset[str]:
    texts = map(str, values)
    return frozenset(text.lower() for text in texts) if name in _HEADERS else frozenset(texts)
