"""Columns of tenants, and the batches in which they are packed."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final, NamedTuple

from corsadmin.engine.packing import Packed, pack
from corsadmin.serving.loader.yielder import Yielder

MAX_BATCH_TENANTS: Final = 250  # packed in one step
GONE: Final = "x"


class Batch(NamedTuple):
    """Some tenants: keys and packed texts of the active ones, keys of those that are not."""

    keys: Sequence[int]
    packed: Sequence[Packed]
    gone: Sequence[int]


class Columns(NamedTuple):
    """Keys, slugs and packed texts: the n-th item of each column belongs to the same tenant.

    The rules blob of a tenant that is not active is GONE.
    """

    keys: list[int]
    slugs: list[str]
    rules_blobs: list[str]
    hosts: list[str]
    literals: list[str]
    allowances: list[str]

    def batches(self, yielder: Yielder) -> Iterator[Batch]:
        """Yield the tenants packed, one batch in each step."""
        for start in range(0, len(self.keys), MAX_BATCH_TENANTS):
            some = slice(start, start + MAX_BATCH_TENANTS)
            yield _pack(*(column[some] for column in self))  # type: ignore[arg-type]
            yielder.step()


def _pack(keys: list[int], slugs: list[str], rules_blobs: list[str], *rest: list[str]) -> Batch:
    packed = list(map(pack, slugs, rules_blobs, *rest))
    if GONE not in rules_blobs:
        return Batch(keys, packed, ())
    active = [rules_blob != GONE for rules_blob in rules_blobs]
    gone = [key for key, rules_blob in zip(keys, rules_blobs, strict=True) if rules_blob == GONE]
    return Batch(list(compress(keys, active)), list(compress(packed, active)), gone)
