"""Mappings in many small parts: a changed copy of a large one shares all parts but a few.

Why not one dict: docs/decisions/sharded-dicts.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MASK: Final = 0xFF


class Shards(Generic[K, V]):
    """An immutable mapping, made by OpenShards. `parts` are all its parts, in a fixed order."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Mapping[K, V], ...]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None if there is none."""
        return self.parts[hash(key) & _MASK].get(key)

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield every pair."""
        for part in self.parts:
            yield from part.items()

    def differences(self, other: "Shards[K, V]") -> Iterator[V]:
        """Yield the values of either mapping whose keys do not have the same object in both.

        Only the parts that the two do not share are compared.
        """
        for ours, theirs in zip(self.parts, other.parts, strict=True):
            if ours is theirs:
                continue
            for key in ours.keys() | theirs.keys():
                one, two = ours.get(key), theirs.get(key)
                if one is not two:
                    yield from (value for value in (one, two) if value is not None)


class OpenShards(Generic[K, V]):
    """Builds shards. The base stays unchanged: a part is copied before its first change."""

    __slots__ = ("_own", "_parts")

    def __init__(self, base: Shards[K, V] | None = None) -> None:
        self._parts: list[dict[K, V]] = (
            [{} for _ in range(_MASK + 1)] if base is None else list(base.parts)  # type: ignore[arg-type]
        )
        self._own = set(range(_MASK + 1)) if base is None else set()

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None if there is none."""
        return self._parts[hash(key) & _MASK].get(key)

    def put(self, pairs: Iterable[tuple[K, V]]) -> None:
        """Add pairs, replacing those with the same keys."""
        parts, own = self._parts, self._own
        if len(own) > _MASK:  # all parts are copies: save a check for each of a million pairs
            for key, value in pairs:
                parts[hash(key) & _MASK][key] = value
            return
        for key, value in pairs:
            number = hash(key) & _MASK
            if number not in own:
                self._make_own(number)
            parts[number][key] = value

    def drop(self, key: K) -> None:
        """Remove a key. It must be there."""
        number = hash(key) & _MASK
        if number not in self._own:
            self._make_own(number)
        del self._parts[number][key]

    def close(self) -> Shards[K, V]:
        """Return the shards. Do not use the builder after this."""
        return Shards(tuple(self._parts))

    def _make_own(self, number: int) -> None:
        self._parts[number] = self._parts[number].copy()
        self._own.add(number)
