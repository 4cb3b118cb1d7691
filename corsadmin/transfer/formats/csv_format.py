"""Origins as CSV: one row each, as spreadsheets read and write them."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import IO, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.tabular import HEADING, RowReader, check_heading, write_row
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault, fault

_SEPARATORS: Final = (",", ";", "\t", "|")
_MAX_HEADING: Final = 4096
_MAX_LINE: Final = 1_000_000  # characters: one row is never that long
# How a spreadsheet says which separator follows.
_DECLARED: Final = {f"sep={separator}": separator for separator in _SEPARATORS}
_REASONS: Final = {
    "field larger than field limit (131072)": gettext_lazy("a cell is longer than 128 kB"),
    "unexpected end of data": gettext_lazy("a quotation mark is opened and never closed"),
}
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_csv(file: IO[bytes]) -> Iterator[Record | Fault]:
    """Yield every origin of a table. Raises BrokenTextError."""
    text = _open_text(file)
    try:
        yield from _read_table(text)
    except UnicodeError as error:
        name = getattr(error, "encoding", "utf-16").upper()
        reason = _("it is not %(encoding)s text; save it as UTF-8") % {"encoding": name}
        raise BrokenTextError("", reason) from None
    finally:
        # The file is its opener's to close, who may have done it already.
        with suppress(ValueError):
            text.detach()


def write_csv(tenants: Iterable[TenantRows]) -> Iterator[str]:
    """Yield the text of a table, piece by piece."""
    buffer = io.StringIO()
    # Both characters of a line end stand for one: a bare one inside a cell is then quoted.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADING)
    for held in tenants:
        writer.writerows(write_row(held.tenant.slug, row) for row in held.origins)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _open_text(file: IO[bytes]) -> io.TextIOWrapper:
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]
    encoding = "utf-16" if buffered.peek(2)[:2] in _UTF16 else "utf-8-sig"
    # Only \n, \r and \r\n end a line: not what str.splitlines() takes for one.
    return io.TextIOWrapper(buffered, encoding, newline="")


def _read_table(text: io.TextIOWrapper) -> Iterator[Record | Fault]:
    line = 1
    first = text.readline(_MAX_HEADING)
    separator = _DECLARED.get(first.strip("\r\n"), "")
    if separator:
        line = 2
        first = text.readline(_MAX_HEADING)
    if not first.strip():
        raise BrokenTextError(f"line {line}", _("the heading is missing"))
    if "\0" in first:
        raise BrokenTextError(f"line {line}", _("it contains a NUL character, so it is not text"))
    separator = separator or max(_SEPARATORS, key=first.count)
    heading = [name.strip() for name in next(csv.reader([first], delimiter=separator))]
    faults = list(check_heading(heading, f"line {line}"))
    if faults:
        yield from faults
        return
    yield from _read_rows(text, heading, separator, line + 1)


def _read_rows(
    text: io.TextIOWrapper, heading: list[str], separator: str, line: int
) -> Iterator[Record]:
    rows = csv.reader(_lines(text), delimiter=separator, strict=True)
    reader, before = RowReader(heading), line
    try:
        for cells in rows:
            place, line = f"line {line}", rows.line_num + before
            if any(cells):
                yield _entry(reader, cells, place, len(heading))
    except csv.Error as error:
        reason = _REASONS.get(str(error)) or _("it is not valid CSV (%(error)s)") % {"error": error}
        raise BrokenTextError(f"line {line}", str(reason)) from None
    except _LongLineError:
        reason = _("the line is longer than a row can be")
        raise BrokenTextError(f"line {rows.line_num + before}", reason) from None


class _LongLineError(Exception):
    """A line has more characters than any row."""


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a text, of which none is taken into memory whatever its length."""
    while line := text.readline(_MAX_LINE):
        if len(line) == _MAX_LINE:
            raise _LongLineError
        yield line


def _entry(reader: RowReader, cells: list[str], place: str, expected: int) -> Record:
    if len(cells) == expected:
        return reader.read(cells, place)
    entry = reader.read(cells + [""] * (expected - len(cells)), place)
    counts = f"{len(cells)} cells, not {expected}"
    return replace(entry, faults=(fault(place, "cell-count", counts),))
