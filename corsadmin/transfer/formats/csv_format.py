"""Origins as CSV, one row for each, as spreadsheets read and write it."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.columns import HEADING
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.grid import GridRow
from corsadmin.transfer.formats.headings import MAX_HEAD, find_heading, is_whole
from corsadmin.transfer.formats.tabular import write_row
from corsadmin.transfer.formats.text_stream import Utf8Stream

if TYPE_CHECKING:
    from corsadmin.transfer.records.diagnostics import Fault

_SEPARATORS: Final = (",", ";", "\t", "|")
_MAX_HEAD: Final = 100_000  # characters in which the heading must be
_MAX_LINE: Final = 1_000_000  # characters: one row is never that long
# A first line by which a spreadsheet declares the separator.
_DECLARED: Final = {f"sep={separator}": separator for separator in _SEPARATORS}
_REASONS: Final = {
    "field larger than field limit (131072)": gettext_lazy("a cell is longer than 128 kB"),
    "unexpected end of data": gettext_lazy("a quotation mark is opened and never closed"),
}


class CsvGrid:
    """The rows of a CSV text. The first rows decide which separator it has."""

    word = "line"
    is_ragged = True
    sheet = ""
    sheets: tuple[str, ...] = ()

    def __init__(self, file: IO[bytes], *, strict: bool = False) -> None:
        """Read the first rows. Raises BrokenTextError."""
        self.faults: list[Fault] = []
        self._stream = Utf8Stream(file, strict=strict)
        # Only \n, \r and \r\n end a line, unlike in str.splitlines().
        self._text = io.TextIOWrapper(io.BufferedReader(self._stream), "utf-8", newline="")
        self._first = 1
        self._head = self._read_head()
        declared = _DECLARED.get(self._head[0].strip("\r\n"), "") if self._head else ""
        if declared:
            self._first = 2
            self._head = self._head[1:]
        text = "".join(self._head)
        if not text.strip():
            raise BrokenTextError(f"line {self._first}", _("the heading is missing"))
        if "\0" in self._head[0]:
            reason = _("it contains a NUL character, so it is not text")
            raise BrokenTextError(f"line {self._first}", reason)
        self._separator = declared or max(_SEPARATORS, key=self._likeness)

    @property
    def encoding(self) -> str:
        """Return the detected encoding of the text."""
        return self._stream.encoding

    def rows(self) -> Iterator[GridRow]:
        """Yield every row that is not empty. Raises BrokenTextError."""
        rows = csv.reader(self._lines(), delimiter=self._separator, strict=True)
        line = self._first
        try:
            for cells in rows:
                number, line = line, rows.line_num + self._first
                if any(cells):
                    yield GridRow(number, cells)
        except csv.Error as error:
            reason = _REASONS.get(str(error)) or _("it is not valid CSV (%(error)s)") % {
                "error": error
            }
            raise BrokenTextError(f"line {line}", str(reason)) from None
        except _LongLineError:
            reason = _("the line is longer than a row can be")
            raise BrokenTextError(f"line {rows.line_num + self._first}", reason) from None
        finally:
            # The caller closes the file, and may have done so already.
            with suppress(ValueError):
                self._text.detach()

    def _read_head(self) -> list[str]:
        found: list[str] = []
        left = _MAX_HEAD
        while left > 0 and len(found) < 2 * MAX_HEAD:
            line = self._text.readline(_MAX_LINE)
            if not line:
                break
            found.append(line)
            left -= len(line)
        return found

    def _likeness(self, separator: str) -> tuple[int, int]:
        """Return how much the first rows look like a table with this separator; more is higher."""
        whole = [line for line in self._head if len(line) < _MAX_HEAD]
        found: list[list[str]] = []
        # A quotation mark may be open at the end of the head, or anywhere if this is not a table.
        with suppress(csv.Error):
            found.extend(csv.reader(whole, delimiter=separator))
        _index, likeness = find_heading(found)
        return likeness, self._head[0].count(separator)

    def _lines(self) -> Iterator[str]:
        """Yield the lines of the text. Raises _LongLineError rather than load a very long one."""
        for line in chain(self._head, iter(partial(self._text.readline, _MAX_LINE), "")):
            if len(line) == _MAX_LINE:
                raise _LongLineError
            yield line


def looks_like_csv(text: str) -> bool:
    """Report whether a text has the heading of a table of origins among its first rows."""
    try:
        rows = islice(CsvGrid(io.BytesIO(text.encode())).rows(), MAX_HEAD)
        return is_whole(find_heading([row.cells for row in rows])[1])
    except BrokenTextError:
        return False


class _LongLineError(Exception):
    """A line has more characters than any row can have."""


def write_csv(tenants: Iterable[TenantRows]) -> Iterator[str]:
    """Yield the text of a table, piece by piece."""
    buffer = io.StringIO()
    # With both characters in the line end, the writer also quotes a bare \r or \n inside a cell.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADING)
    for held in tenants:
        writer.writerows(write_row(held.tenant.slug, row) for row in held.origins)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
