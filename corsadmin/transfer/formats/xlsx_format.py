"""Origins as XLSX: one sheet of a workbook, with bounds against files that unpack to far more."""

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.bounds import COMMAND, Bounds
from corsadmin.transfer.formats.columns import HEADING
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.grid import MAX_COLUMNS, GridRow
from corsadmin.transfer.formats.headings import MAX_HEAD, find_heading, is_whole
from corsadmin.transfer.formats.tabular import visible_text, whole_text, write_row
from corsadmin.transfer.formats.workbook_limits import MAX_FILE, measure_workbook

if TYPE_CHECKING:
    from corsadmin.transfer.formats.xlsx_sheet import SheetName

from corsadmin.transfer.records.diagnostics import Fault, TransferError, fault, file_value
from corsadmin.transfer.records.record_types import ORIGIN

MAX_ROWS: Final = 1_048_576  # of a sheet in every spreadsheet program
MAX_WRITTEN: Final = 100_000  # rows that the reader accepts even with all their columns
MAX_SHEETS: Final = 50  # that can be chosen
MAX_CELL: Final = 32_767  # characters; a spreadsheet cuts off the rest
_CELL_LIMIT: Final = f"a cell of a workbook can contain at most {MAX_CELL:,} characters"
_MISSING: Final = gettext_lazy("openpyxl and defusedxml are missing: pip install 'corsadmin[xlsx]'")
# ECMA-376, 22.4.2.4: the escape for a character that XML cannot contain, and for the escape itself.
_ESCAPE: Final = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class XlsxGrid:
    """The rows of one sheet of a workbook."""

    word = "row"
    is_ragged = False
    encoding = ""

    def __init__(self, file: IO[bytes], bounds: Bounds, sheet: str = "") -> None:
        """`sheet` is the title that a person chose; blank takes the only sheet with origins.

        Raises BrokenTextError.
        """
        content = file.read(MAX_FILE + 1)
        tags = measure_workbook(content, bounds)
        _openpyxl()
        from corsadmin.transfer.formats.xlsx_sheet import Sheets  # noqa: PLC0415 (it needs openpyxl)

        self.faults: list[Fault] = []
        with _damaged():
            self._book = Sheets(content, tags, bounds)
            # Several sheets may share a part; it is read once.
            parts = {name.path: name for name in reversed(self._book.names[:MAX_SHEETS])}
            names = [*reversed(parts.values())]
            self._names = [name for name in names if not name.is_hidden] or names
            self._sheet = self._choose(sheet)
        self.sheet = self._sheet.title
        self.sheets = tuple(name.title for name in self._names)

    def rows(self) -> Iterator[GridRow]:
        """Yield every row that is not empty. Raises BrokenTextError."""
        with _damaged():
            yield from self._rows_of(self._sheet)

    def _choose(self, title: str) -> "SheetName":
        for name in self._names:
            if name.title == title:
                return name
        if title:
            self.faults.append(fault("", "sheet-unknown", file_value(title)))
        fitting = [name for name in self._names if len(self._names) == 1 or self._fits(name)]
        if len(fitting) > 1 and not title:
            titles = ", ".join(file_value(name.title) for name in fitting)
            self.faults.append(fault("", "sheet-open", titles))
        return (fitting or self._names)[0]

    def _fits(self, name: "SheetName") -> bool:
        head = islice(self._rows_of(name), MAX_HEAD)
        return is_whole(find_heading([visible_text(cell) for cell in row.cells] for row in head)[1])

    def _rows_of(self, name: "SheetName") -> Iterator[GridRow]:
        for number, found in self._book.rows(name):
            if number > MAX_ROWS:
                raise BrokenTextError(f"row {number}", _("a sheet cannot have that many rows"))
            # Ignore further cells: one far to the right would make a long row of empty cells.
            last = max((column for column in found if column <= MAX_COLUMNS + 1), default=0)
            cells = [_unescaped(found.get(column)) for column in range(1, last + 1)]
            if any(cell not in (None, "") for cell in cells):
                yield GridRow(number, cells)


@contextmanager
def _damaged() -> Iterator[None]:
    """Turn any error of a parser into a BrokenTextError."""
    try:
        yield
    except BrokenTextError:
        raise
    # openpyxl lets the errors of all layers below it through.
    except Exception as error:  # noqa: BLE001
        reason = _("the workbook is damaged (%(error)s)") % {"error": type(error).__name__}
        raise BrokenTextError("", reason) from None


def write_xlsx(tenants: Iterable[TenantRows]) -> Iterator[bytes]:
    """Yield the bytes of a workbook.

    Raises TransferError for a text that is too long for a cell, and BrokenTextError for more rows
    than an import would read.
    """
    book = open_workbook()
    sheet = book.create_sheet("origins")
    try:
        sheet.append(HEADING)
        for number, cells in enumerate(_cells(tenants)):
            if number == MAX_WRITTEN:
                raise BrokenTextError(
                    "", _("corsadmin writes at most 100,000 rows into a workbook; use CSV")
                )
            sheet.append(cells)
    except (BrokenTextError, TransferError):
        sheet.close()
        raise
    buffer = io.BytesIO()
    book.save(buffer)
    content = buffer.getvalue()
    measure_workbook(content, COMMAND)
    yield content


def open_workbook() -> Any:
    """Return a new workbook to append rows to. Raises BrokenTextError without openpyxl."""
    return _openpyxl().Workbook(write_only=True)


def _cells(tenants: Iterable[TenantRows]) -> Iterator[list[str]]:
    for held in tenants:
        slug = held.tenant.slug
        for row in held.origins:
            cells = [workbook_text(cell) for cell in write_row(slug, row)]
            if max(map(len, cells)) > MAX_CELL:
                place = f"{slug}: {ORIGIN.title(row)}"
                raise TransferError([fault(place, "text-too-long", _CELL_LIMIT)])
            yield cells


def _openpyxl() -> Any:
    try:
        import openpyxl  # noqa: PLC0415 (an optional dependency)
        from openpyxl.xml import DEFUSEDXML  # noqa: PLC0415
    except ImportError:
        raise BrokenTextError("", str(_MISSING)) from None
    if not DEFUSEDXML:
        raise BrokenTextError("", str(_MISSING))
    return openpyxl


def _unescaped(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    # Two escapes may be one character. Of a half of one, the gate says what is wrong.
    return _PAIR.sub(lambda found: whole_text(found[0]), text)


def workbook_text(text: str) -> str:
    """Return a text with the characters that XML cannot contain escaped as in workbooks."""
    text = _ESCAPE.sub("_x005F_x", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
