"""Read the stored policies into a snapshot: all of them, or only the tenants that changed.

The counter is read before the rows, in one transaction that sees one state of the database, so a
snapshot is never older than the number it carries.
"""

from collections.abc import Iterator

from django.db import connections

from corsadmin import generation
from corsadmin.engine import Packed, Snapshot
from corsadmin.loader import parts
from corsadmin.loader.database import Alive, Reader, one_state

__all__ = ["load", "one_state"]


def load(using: str, known: Snapshot | None = None, alive: Alive = lambda: None) -> Snapshot:
    """Return a snapshot of what is stored now.

    With a `known` snapshot only tenants stamped since then are read, unless the counter says that
    everything must be, or knows nothing of that state. Returns `known` itself when nothing
    changed. `alive` is called whenever rows have arrived. Raises the database's error.
    """
    if known is not None and not connections[using].in_atomic_block:
        # Most polls end here: one query, no transaction.
        if generation.read(using) == _counter(known):
            return known
        alive()
    with one_state(using):
        counter = generation.read(using)
        if known is None or not _leads_to(using, _counter(known), counter):
            records, _gone = _read(Reader(using, None, alive))
            snapshot = Snapshot(counter.value, counter.rebuild, records, counter.mark)
            if known is not None:
                snapshot.index.prepare_as(known.index)
            return snapshot
        if counter == _counter(known):
            return known
        records, gone = _read(Reader(using, known.generation, alive))
        gone += generation.removed_since(using, known.generation) - records.keys()
    return known.changed(counter.value, records, gone, counter.mark)


def _counter(known: Snapshot) -> generation.Counter:
    return generation.Counter(known.generation, known.rebuild, known.mark)


def _leads_to(using: str, known: generation.Counter, counter: generation.Counter) -> bool:
    """Report whether the stamps tell all that has changed between two states."""
    if counter == known:
        return True
    return (
        counter.rebuild == known.rebuild
        and counter.value >= known.value
        and generation.is_past(using, known)
    )


def _read(reader: Reader) -> tuple[dict[int, Packed], list[int]]:
    """Pack the active tenants that the reader is about; return them and the inactive ones."""
    rules = parts.rules(reader)
    hosts = _Walk(parts.hosts(reader))
    plain = _Walk(parts.plain_origins(reader))
    others = _Walk(parts.other_origins(reader))
    shared: dict[str, str] = {}
    packed: dict[int, Packed] = {}
    gone: list[int] = []
    for key, slug, inherits, is_active in reader.tenants():
        if not is_active:
            gone.append(key)
            continue
        head = ("1" if inherits else "0") + rules.get(key, "")
        packed[key] = (
            slug,
            shared.setdefault(head, head),
            hosts.take(key),
            plain.take(key),
            others.take(key),
        )
    return packed, gone


class _Walk:
    """Walks a stream sorted by tenant beside the tenants, so that it is never all in memory."""

    __slots__ = ("_key", "_pairs", "_text")

    def __init__(self, pairs: Iterator[tuple[int, str]]) -> None:
        self._pairs = pairs
        self._key: float
        self._key, self._text = next(pairs, _END)

    def take(self, key: int) -> str:
        """Return the text of a tenant, blank for none; keys must be asked for in ascending order."""
        while self._key < key:
            self._key, self._text = next(self._pairs, _END)
        return self._text if self._key == key else ""


_END = (float("inf"), "")
