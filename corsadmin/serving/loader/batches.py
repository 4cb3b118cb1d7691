"""Read tenants in parts, each a row of joined texts where that can be, and pack them."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import compress
from typing import Any, Final, NamedTuple

from corsadmin.engine.packing import LINE, SECTION, Packed, pack
from corsadmin.serving.loader import row_by_row
from corsadmin.serving.loader.columns import GONE, Columns
from corsadmin.serving.loader.database import Reader, Yielder
from corsadmin.serving.loader.entries import Allowances, RulesBlobs
from corsadmin.serving.loader.sql import GROUP

SLICE: Final = 250  # tenants packed in one step


class Part(NamedTuple):
    """Some tenants: keys and packed texts of the active ones, keys of those that are not."""

    keys: Sequence[int]
    packed: Sequence[Packed]
    gone: Sequence[int]


def read_batches(reader: Reader) -> Iterator[Part]:
    """Yield the tenants that the reader is about."""
    rules_blobs, allowances = RulesBlobs(reader.pace), Allowances(reader)
    torn = []
    with closing(reader.joined()) as rows:
        for of, row in rows:
            columns = None if row is None else _columns(row, reader.pace, rules_blobs, allowances)
            if columns is None:
                torn.append(of)
            else:
                yield from _parts(columns, reader.pace)
    for of in torn:
        yield from _parts(row_by_row.read_row_by_row(reader, of, allowances), reader.pace)


def _parts(columns: Columns, pace: Yielder) -> Iterator[Part]:
    for some in columns.slices(SLICE):
        yield _part(some)
        pace.step()


def _part(some: Columns) -> Part:
    keys, slugs, rules_blobs, *rest = some
    packed = list(map(pack, slugs, rules_blobs, *rest))
    if GONE not in rules_blobs:
        return Part(keys, packed, ())
    active = [rules_blob != GONE for rules_blob in rules_blobs]
    gone = [key for key, rules_blob in zip(keys, rules_blobs, strict=True) if rules_blob == GONE]
    return Part(list(compress(keys, active)), list(compress(packed, active)), gone)


def _columns(
    row: tuple[Any, ...], pace: Yielder, rules_blobs: RulesBlobs, allowances: Allowances
) -> Columns | None:
    """Return the tenants of a row of joined texts, None if they must be read row by row."""
    count, *texts, host_breaks, literal_breaks, sections = row
    if not count:
        return Columns([], [], [], [], [], [])
    # A stored text that holds a separator has been torn apart. No grammar check here: only a
    # well-formed origin or host is ever looked up, so a row that is none matches nothing as long
    # as it stays in one piece.
    split = [_split(text, pace) for text in texts]
    if (
        {count} != {*map(len, split)}
        or _count(texts[3], LINE, pace) != host_breaks
        or _count(texts[4], LINE, pace) != literal_breaks
        or _count(texts[4], SECTION, pace) != sections
    ):
        return None
    keys, slugs, raw_rules_blobs, hosts, literals, raw_allowances = split
    try:
        packed_heads = [rules_blobs[raw] for raw in raw_rules_blobs]
        pace.step()
        packed_allowances = [raw and allowances.of_array(raw) for raw in raw_allowances]
        pace.step()
    except ValueError:  # a number that is none
        return None
    return Columns(list(map(int, keys)), slugs, packed_heads, hosts, literals, packed_allowances)


# Each takes a millisecond or two of a large text.


def _count(text: str, separator: str, pace: Yielder) -> int:
    pace.step()
    return text.count(separator)


def _split(text: str, pace: Yielder) -> list[str]:
    pace.step()
    return text.split(GROUP)
