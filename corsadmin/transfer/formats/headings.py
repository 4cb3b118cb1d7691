"""What each column of a table contains, by its heading, and what a person must decide about it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from itertools import chain, islice
from typing import Final

from corsadmin.transfer.formats.columns import COLUMNS, HEADING, LABELS, PASSED_OVER, REQUIRED
from corsadmin.transfer.records.diagnostics import Fault, fault, file_value

MAX_HEAD: Final = 30  # rows among which the heading must be
_MAX_NAME: Final = 200  # characters of a heading that are compared
_LIKENESS: Final = 0.85
_ASIDE: Final = re.compile(r"\([^()]*\)|\[[^][]*\]")
_OR: Final = re.compile(r"[/|;]")
_BESIDE: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of a table. `index` counts from 0; `field` is blank for an ignored column.

    `options` are the fields that the column may be, from which a person must choose.
    """

    index: int
    heading: str
    field: str = ""
    options: tuple[str, ...] = ()


def folded(heading: str) -> str:
    """Return the form in which headings are compared: no case, accents, spaces, signs or asides."""
    text = heading[:_MAX_NAME].casefold()
    text = unicodedata.normalize("NFKD", _ASIDE.sub("", text) or text)
    return _BESIDE.sub("", "".join(sign for sign in text if not unicodedata.combining(sign)))


@cache
def _fields() -> Mapping[str, tuple[str, ...]]:
    """Return the fields that each heading may mean."""
    found: dict[str, tuple[str, ...]] = {}
    for column in COLUMNS:
        for name in dict.fromkeys(map(folded, column.synonyms.split(","))):
            found[name] = (*found.get(name, ()), column.name)
    # The name of a field means that field alone.
    return found | {folded(name): (name,) for name in HEADING}


def _meant(heading: str) -> tuple[str, ...]:
    """Return the fields that a heading may mean; for `URL / Ursprung`, those that both words mean."""
    known = _fields().get(folded(heading))
    if known is not None:
        return known
    parts = [_fields().get(folded(part), ()) for part in _OR.split(heading[:_MAX_NAME])]
    if len(parts) == 1 or () in parts:
        return ()
    shared = [field for field in parts[0] if all(field in part for part in parts)]
    return tuple(shared or dict.fromkeys(chain.from_iterable(parts)))


def map_columns(
    headings: Sequence[str], chosen: Mapping[int | str, str] | None = None
) -> list[MappedColumn]:
    """Return what each column contains.

    `chosen` maps headings or indexes of columns to the field that a person chose, blank to ignore
    the column. A heading that is misspelled or has more than one meaning gets `options` instead.
    """
    chosen = chosen or {}
    columns = [_mapped(index, name, chosen) for index, name in enumerate(headings)]
    said = {column.field for column in columns if _is_said(column, chosen)}
    exact = {column.field for column in columns if folded(column.heading) == folded(column.field)}
    columns = [_without(column, said, exact, chosen) for column in columns]
    return list(_told_apart(columns))


def _is_said(column: MappedColumn, chosen: Mapping[int | str, str]) -> bool:
    return column.index in chosen or column.heading in chosen


def _mapped(index: int, name: str, chosen: Mapping[int | str, str]) -> MappedColumn:
    heading = " ".join(name.split())
    for key in (index, heading):
        if key in chosen:
            return MappedColumn(index, heading, chosen[key])
    key = folded(heading)
    if not key or key in PASSED_OVER:
        return MappedColumn(index, heading)
    fields = _meant(heading)
    if not fields:
        near = get_close_matches(key, _fields(), n=1, cutoff=_LIKENESS)
        fields = _fields()[near[0]] if near else ()
        return MappedColumn(index, heading, "", fields)
    return (
        MappedColumn(index, heading, fields[0])
        if len(fields) == 1
        else MappedColumn(index, heading, "", fields)
    )


def _without(
    column: MappedColumn, said: set[str], exact: set[str], chosen: Mapping[int | str, str]
) -> MappedColumn:
    """Return a column without the fields that another column certainly is."""
    if _is_said(column, chosen):
        return column
    is_exact = column.field != "" and folded(column.heading) == folded(column.field)
    taken = said if is_exact else said | exact
    if column.field in taken:
        return replace(column, field="")
    left = tuple(field for field in column.options if field not in taken)
    return replace(column, options=left)


def _told_apart(columns: Iterable[MappedColumn]) -> Iterator[MappedColumn]:
    """Yield columns; where several would be the same field, a person must choose."""
    columns = list(columns)
    fields = [column.field for column in columns if column.field]
    for column in columns:
        if column.field and fields.count(column.field) > 1:
            yield replace(column, field="", options=(column.field,))
        else:
            yield column


def find_heading(rows: Iterable[Sequence[str]]) -> tuple[int, int]:
    """Return the index of the row that looks most like a heading, and its likeness.

    Of rows with the same likeness, the first one that is not empty wins.
    """
    best, most = 0, -1
    for index, cells in enumerate(islice(rows, MAX_HEAD)):
        if not any(cells):
            continue
        # Each name once: a row may have a million empty cells.
        known = {field for name in {*cells} for field in _meant(name)[:1]}
        likeness = len(known) + 10 * known.issuperset(REQUIRED)
        if likeness > most:
            best, most = index, likeness
    return best, most


def is_whole(likeness: int) -> bool:
    """Report whether a heading of this likeness has all required columns."""
    return likeness >= 10 + len(REQUIRED)


def heading_faults(
    columns: Sequence[MappedColumn], place: str, *, into: str, strict: bool
) -> Iterator[Fault]:
    """Yield the faults that keep the rows below a heading from being read.

    With the slug `into`, no column needs to name the tenant. A `strict` table may not have columns
    that would be ignored.
    """
    names = {field for column in columns for field in (column.field, *column.options)}
    for column in columns:
        heading = file_value(column.heading)
        is_ignored = not column.field and folded(column.heading) not in {"", *PASSED_OVER}
        if column.options:
            yield fault(place, "column-open", heading, at=("", column.index))
        elif strict and is_ignored:
            yield fault(place, "key-unknown", heading)
    for name in REQUIRED[bool(into) :]:
        if name not in names:
            yield fault(place, "column-missing", LABELS[name])
