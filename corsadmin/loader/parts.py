"""Read tenants in parts, each a row of joined texts where that can be, and pack them."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any, Final, NamedTuple

from corsadmin.engine import Packed, pack
from corsadmin.engine.packing import LINE, SECTION
from corsadmin.loader import rowwise
from corsadmin.loader.columns import GONE, Columns
from corsadmin.loader.database import Pace, Reader
from corsadmin.loader.entries import Grants, Heads
from corsadmin.loader.statements import GROUP

SLICE: Final = 500  # tenants packed in one step


class Part(NamedTuple):
    """Some tenants: keys and packed texts of the active ones, keys of those that are not."""

    keys: Sequence[int]
    packed: Sequence[Packed]
    gone: Sequence[int]


def read(reader: Reader) -> Iterator[Part]:
    """Yield the tenants that the reader is about."""
    heads, grants = Heads(reader.pace), Grants(reader)
    torn = []
    for of, row in reader.joined():
        columns = None if row is None else _columns(row, reader.pace, heads, grants)
        if columns is None:
            torn.append(of)
        else:
            yield from _parts(columns, reader.pace)
    for of in torn:
        yield from _parts(rowwise.read(reader, of, grants), reader.pace)


def _parts(columns: Columns, pace: Pace) -> Iterator[Part]:
    for some in columns.slices(SLICE):
        yield _part(some)
        pace.step()


def _part(some: Columns) -> Part:
    keys, slugs, heads, *rest = some
    packed = list(map(pack, slugs, heads, *rest))
    if GONE not in heads:
        return Part(keys, packed, ())
    active = [head != GONE for head in heads]
    gone = [key for key, head in zip(keys, heads, strict=True) if head == GONE]
    return Part(list(compress(keys, active)), list(compress(packed, active)), gone)


def _columns(row: tuple[Any, ...], pace: Pace, heads: Heads, grants: Grants) -> Columns | None:
    """Return the tenants of a row of joined texts, None if they must be read row by row."""
    count, *texts, host_breaks, literal_breaks, sections = row
    if not count:
        return Columns([], [], [], [], [], [])
    keys, slugs, raw_heads, hosts, literals, raw_grants = (text.split(GROUP) for text in texts)
    pace.step()
    # A stored text that holds a separator has been torn apart. No grammar check here: only a
    # well-formed origin or host is ever looked up, so a row that is none matches nothing as long
    # as it stays in one piece.
    if (
        {count} != {*map(len, (keys, slugs, raw_heads, hosts, literals, raw_grants))}
        or texts[3].count(LINE) != host_breaks
        or texts[4].count(LINE) != literal_breaks
        or texts[4].count(SECTION) != sections
    ):
        return None
    try:
        packed_heads = [heads[raw] for raw in raw_heads]
        packed_grants = [raw and grants.of_array(raw) for raw in raw_grants]
    except ValueError:  # a number that is none
        return None
    return Columns(list(map(int, keys)), slugs, packed_heads, hosts, literals, packed_grants)
