"""Tenants side by side: the n-th of each column is about the same one."""

from collections.abc import Iterator
from typing import Final, NamedTuple

GONE: Final = "x"


class Columns(NamedTuple):
    """Keys, slugs and packed texts. The head of a tenant that is not active is GONE."""

    keys: list[int]
    slugs: list[str]
    rules_blobs: list[str]
    hosts: list[str]
    literals: list[str]
    allowances: list[str]

    def slices(self, size: int) -> Iterator["Columns"]:
        """Yield so many tenants at a time."""
        for start in range(0, len(self.keys), size):
            part = slice(start, start + size)
            yield Columns(
                self.keys[part],
                self.slugs[part],
                self.rules_blobs[part],
                self.hosts[part],
                self.literals[part],
                self.allowances[part],
            )
