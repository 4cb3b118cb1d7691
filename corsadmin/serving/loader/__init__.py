"""Read the stored policies into a snapshot: all of them, or only the tenants that changed.

The counter is read before the rows, in one transaction or statement that sees one state of the
database, so a snapshot is never older than the number it carries (docs/decisions/ordering-laws.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connections

from corsadmin.engine import IndexBuilder, Snapshot
from corsadmin.models.counter import Counter, read_counter
from corsadmin.models.database import in_transaction, one_state
from corsadmin.serving.loader import sql
from corsadmin.serving.loader.batches import BatchReader
from corsadmin.serving.loader.reader import Reader
from corsadmin.serving.loader.row_by_row import RowByRowReader
from corsadmin.serving.loader.single_query import query_once
from corsadmin.serving.loader.stream import StreamReader
from corsadmin.serving.loader.yielder import OnProgress, Yielder, free_gradually

__all__ = ["OnProgress", "free_gradually", "load"]

POSTGRESQL: Final = "postgresql"


def load(
    using: str,
    known: Snapshot | None = None,
    on_progress: OnProgress = lambda: None,
    *,
    hinted: bool = False,
) -> Snapshot:
    """Return a snapshot of the policies that are stored now.

    With a `known` snapshot, it reads only the tenants stamped since, unless the counter says that
    everything must be read, or does not know that state. Returns `known` itself if nothing has
    changed. Calls `on_progress` whenever rows arrive. `hinted` says that a change is likely. Raises
    the database's error.
    """
    alone = not in_transaction(connections[using])
    if known is not None and alone and not hinted:
        # Most polls end here: one query, no transaction.
        if read_counter(using) == _counter(known):
            return known
        on_progress()
    with open_reader(using, _counter(known), Yielder(on_progress)) as reader:
        if known is not None and reader.counter == _counter(known):
            return known
        return _read(reader, known)


def _counter(known: Snapshot | None) -> Counter | None:
    return None if known is None else Counter(known.generation, known.rebuild, known.mark)


@contextmanager
def open_reader(using: str, known: Counter | None, yielder: Yielder) -> Iterator[Reader]:
    """Choose a reader for what the database can do, and yield it.

    This is the only place that chooses. The readers, and why each exists:
    docs/decisions/readers.md.
    """
    connection = connections[using]
    alone = not in_transaction(connection)
    if alone and known is not None and connection.vendor == POSTGRESQL:
        reader = query_once(connection, known, yielder)
        if reader is not None:
            yield reader
            return
    with one_state(using):
        if alone and connection.vendor == POSTGRESQL:
            yield StreamReader(connection, known, yielder)
        elif connection.vendor in sql.JOINED:
            yield BatchReader(connection, known, yielder)
        else:
            yield RowByRowReader(connection, known, yielder)


def _read(reader: Reader, known: Snapshot | None) -> Snapshot:
    if known is None or reader.since is None:
        builder = IndexBuilder(slugs=known is not None and known.index.finds_slugs)
    else:
        builder = IndexBuilder(known.index)
    stops = (
        reader.stops()
    )  # first: while rows are streamed, their connection can answer nothing else
    builder.drop(reader.removed)
    for batch in reader.batches():
        builder.drop(batch.gone)
        builder.add(batch.keys, batch.packed)
    counter = reader.counter
    return Snapshot(counter.value, counter.rebuild, builder.index(), counter.mark, stops)
