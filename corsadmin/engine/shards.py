"""Mappings in many small parts: a changed copy of a large one shares all parts but a few.

Copying a dictionary of 100,000 entries takes milliseconds during which no other thread runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# For who looks up: `parts[hash(key) & MASK].get(key)`.
MASK: Final = 0xFF
Shards = tuple[Mapping[K, V], ...]


def split(pairs: Iterable[tuple[K, V]]) -> Shards[K, V]:
    """Return the pairs as shards."""
    parts: tuple[dict[K, V], ...] = tuple({} for _ in range(MASK + 1))
    for key, value in pairs:
        parts[hash(key) & MASK][key] = value
    return parts


def replace(shards: Shards[K, V], drop: Iterable[K], put: Iterable[tuple[K, V]]) -> Shards[K, V]:
    """Return shards without the keys in `drop`, then with the pairs in `put`."""
    parts = list(shards)
    own: dict[int, dict[K, V]] = {}

    def part(key: K) -> dict[K, V]:
        number = hash(key) & MASK
        if number not in own:
            own[number] = dict(parts[number])
        return own[number]

    for key in drop:
        part(key).pop(key, None)
    for key, value in put:
        part(key)[key] = value
    for number, changed in own.items():
        parts[number] = changed
    return tuple(parts)


def items(shards: Shards[K, V]) -> Iterator[tuple[K, V]]:
    """Yield every pair."""
    for part in shards:
        yield from part.items()
