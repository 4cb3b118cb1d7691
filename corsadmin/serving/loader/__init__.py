"""Read the stored policies into a snapshot: all of them, or only the tenants that changed.

The counter is read before the rows, in one transaction that sees one state of the database, so a
snapshot is never older than the number it carries.
"""

from django.db import connections

from corsadmin.engine import IndexBuilder, Snapshot
from corsadmin.models.counter import Counter, is_past, read_counter, removed_since
from corsadmin.serving.connection import in_transaction
from corsadmin.serving.loader import batches, single_query
from corsadmin.serving.loader.database import Alive, Reader, Yielder, one_state

__all__ = ["let_go", "load", "one_state"]


def load(
    using: str,
    known: Snapshot | None = None,
    alive: Alive = lambda: None,
    *,
    hinted: bool = False,
) -> Snapshot:
    """Return a snapshot of what is stored now.

    With a `known` snapshot only tenants stamped since then are read, unless the counter says that
    everything must be, or knows nothing of that state. Returns `known` itself when nothing
    changed. `alive` is called whenever rows have arrived. `hinted` says that something probably
    has changed. Raises the database's error.
    """
    alone = not in_transaction(connections[using])
    if known is not None and alone:
        # Most polls end here: one query, no transaction.
        if not hinted and read_counter(using) == _counter(known):
            return known
        alive()
        try:
            return _at_once(using, known, Yielder(alive))
        except single_query.NotAtOnceError:
            pass
    with one_state(using):
        counter = read_counter(using)
        if known is None or not _leads_to(using, _counter(known), counter):
            return _all(known, counter, Reader(using, None, Yielder(alive), alone=alone))
        if counter == _counter(known):
            return known
        removed = removed_since(using, known.generation)
        reader = Reader(using, known.generation, Yielder(alive), alone=alone)
        return _changes(known, counter, removed, reader)


def _at_once(using: str, known: Snapshot, pace: Yielder) -> Snapshot:
    answer = single_query.query_changes(using, known.generation, pace)
    if answer.counter == _counter(known):
        return known
    if (
        answer.counter.rebuild == known.rebuild
        and answer.counter.value >= known.generation
        and answer.past == known.mark
    ):
        return _changes(known, answer.counter, answer.removed, answer.reader)
    answer = single_query.query_changes(using, known.generation, pace, everything=True)
    return _all(known, answer.counter, answer.reader)


def _all(known: Snapshot | None, counter: Counter, reader: Reader) -> Snapshot:
    builder = IndexBuilder(slugs=known is not None and known.index.finds_slugs)
    for part in batches.read_batches(reader):
        builder.add(part.keys, part.packed)
    return Snapshot(counter.value, counter.rebuild, builder.index(), counter.mark)


def _changes(known: Snapshot, counter: Counter, removed: set[int], reader: Reader) -> Snapshot:
    builder = IndexBuilder(known.index)
    builder.drop(removed)
    for part in batches.read_batches(reader):
        builder.drop(part.gone)
        builder.add(part.keys, part.packed)
    return Snapshot(counter.value, counter.rebuild, builder.index(), counter.mark)


def _counter(known: Snapshot) -> Counter:
    return Counter(known.generation, known.rebuild, known.mark)


def _leads_to(using: str, known: Counter, counter: Counter) -> bool:
    """Report whether the stamps tell all that has changed between two states."""
    if counter == known:
        return True
    return (
        counter.rebuild == known.rebuild and counter.value >= known.value and is_past(using, known)
    )


def let_go(pieces: list[object], alive: Alive) -> None:
    """Free the pieces of a snapshot that nobody needs any more, without holding up requests."""
    pace = Yielder(alive)
    while pieces:
        pieces.pop()
        pace.step()
