"""Origins as XLSX: the first sheet of a workbook, bounded against what unpacks to far more."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.tabular import RowReader, check_heading, heading_for, write_row
from corsadmin.transfer.formats.workbook_limits import MAX_FILE, check_workbook
from corsadmin.transfer.records.check import Entry
from corsadmin.transfer.records.diagnostics import Fault, TransferError, fault, shown
from corsadmin.transfer.records.record_types import ORIGIN

MAX_ROWS: Final = 1_048_576  # of a sheet, for every spreadsheet
MAX_WRITTEN: Final = 100_000  # rows; with all their columns they can be read again
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 32_767  # characters; a spreadsheet cuts off the rest
_MISSING: Final = gettext_lazy("openpyxl and defusedxml are missing: pip install 'corsadmin[xlsx]'")
# ECMA-376, 22.4.2.4: how a character that XML cannot hold is written, and that itself.
_ESCAPE: Final = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def read_xlsx(file: IO[bytes]) -> Iterator[Entry | Fault]:
    """Yield every origin of the first sheet. Raises BrokenTextError."""
    content = file.read(MAX_FILE + 1)
    check_workbook(content)
    module = _openpyxl()
    try:
        book = module.load_workbook(io.BytesIO(content), read_only=True)
        yield from _read_sheet(book.worksheets[0])
    except BrokenTextError:
        raise
    # Whatever is wrong inside, openpyxl lets the error of some layer below through.
    except Exception as error:  # noqa: BLE001
        reason = _("it is no sound workbook (%(error)s)") % {"error": type(error).__name__}
        raise BrokenTextError("", reason) from None


def write_xlsx(tenants: Iterable[StoredTenant], *, risky: bool) -> Iterator[bytes]:
    """Yield the bytes of a workbook.

    Raises TransferError for a text that no cell can hold, BrokenTextError for more than can be
    read again.
    """
    heading = heading_for(risky)
    book = _openpyxl().Workbook(write_only=True)
    sheet = book.create_sheet("origins")
    try:
        sheet.append(heading)
        for number, cells in enumerate(_cells(tenants, heading)):
            if number == MAX_WRITTEN:
                raise BrokenTextError(
                    "", _("a workbook is written with at most 100,000 rows; use CSV")
                )
            sheet.append(cells)
    except (BrokenTextError, TransferError):
        sheet.close()
        raise
    buffer = io.BytesIO()
    book.save(buffer)
    content = buffer.getvalue()
    check_workbook(content)
    yield content


def _cells(tenants: Iterable[StoredTenant], heading: tuple[str, ...]) -> Iterator[list[str]]:
    for tenant in tenants:
        for row in tenant.rows[ORIGIN]:
            cells = [_escaped(cell) for cell in write_row(tenant.slug, row, heading)]
            if max(map(len, cells)) > MAX_CELL:
                place = f"{tenant.slug}: {ORIGIN.title(row)}"
                raise TransferError([fault(place, "text-too-long", "a cell of a workbook")])
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


def _read_sheet(sheet: Any) -> Iterator[Entry | Fault]:
    # What it says of its size is often wrong, and rows beyond would be passed over silently.
    sheet.reset_dimensions()
    heading = [str(cell.value or "").strip() for cell in next(sheet.iter_rows(max_row=1), ())]
    while heading and not heading[-1]:
        heading.pop()
    if len(heading) > MAX_COLUMNS:
        raise BrokenTextError("row 1", _("the heading has too many columns"))
    faults = list(check_heading(heading, "row 1"))
    if faults:
        yield from faults
        return
    reader = RowReader(heading)
    # Further cells are passed over: one far to the right would make a long row of empty ones.
    rows = sheet.iter_rows(min_row=2, max_col=len(heading))
    for number, cells in enumerate(rows, 2):
        if number > MAX_ROWS:
            raise BrokenTextError(f"row {number}", _("a sheet cannot have so many rows"))
        values = [_read_cell(cell) for cell in cells]
        if any(value not in (None, "") for value in values):
            yield _without_formulas(reader.read(values, f"row {number}"), cells)


def _read_cell(cell: Any) -> Any:
    value = cell.value
    if not isinstance(value, str):
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def _without_formulas(entry: Entry, cells: Iterable[Any]) -> Entry:
    """Return the entry with a fault for each formula: what it would result in is not known here."""
    found = [cell for cell in cells if cell.data_type == "f"]
    faults = [
        fault(f"{entry.place}, cell {cell.coordinate}", "cell-formula", shown(cell.value))
        for cell in found
    ]
    return replace(entry, faults=(*entry.faults, *faults)) if faults else entry


def _escaped(text: str) -> str:
    text = _ESCAPE.sub("_x005F_x", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
