"""Compare rows by meaning: lists are sets, and header names are case-insensitive."""

from collections.abc import Iterable
from typing import Final

_HEADERS: Final = frozenset({"request_headers", "exposed_headers"})


def differing_fields(one: object, other: object, names: Iterable[str]) -> list[str]:
    """Return the fields in which two rows differ in meaning, in the given order."""
    return [name for name in names if not _is_same(name, getattr(one, name), getattr(other, name))]


def sorted_value(value: object) -> object:
    """Return a list with its members sorted for easy comparison, and other values unchanged."""
    return sorted(value, key=str) if isinstance(value, list) else value


def _is_same(name: str, one: object, other: object) -> bool:
    if one == other:
        return True
    # A database may contain any JSON value in a column for lists.
    if isinstance(one, list) and isinstance(other, list):
        return _members(name, one) == _members(name, other)
    return False


def _members(name: str, values: list[object]) -> frozenset[str]:
    texts = map(str, values)
    return frozenset(text.lower() for text in texts) if name in _HEADERS else frozenset(texts)
