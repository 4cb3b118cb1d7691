"""Origins as XLSX: the first sheet of a workbook, bounded against what unpacks to far more."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.bounds import COMMAND, Bounds
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.tabular import HEADING, RowReader, check_heading, write_row
from corsadmin.transfer.formats.workbook_limits import MAX_FILE, measure_workbook

if TYPE_CHECKING:
    from corsadmin.transfer.formats.xlsx_sheet import Cell, Sheet

from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault, TransferError, fault, file_value
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


def read_xlsx(file: IO[bytes], bounds: Bounds = COMMAND) -> Iterator[Record | Fault]:
    """Yield every origin of the first sheet. Raises BrokenTextError."""
    content = file.read(MAX_FILE + 1)
    tags = measure_workbook(content, bounds)
    _openpyxl()
    from corsadmin.transfer.formats.xlsx_sheet import Sheet  # noqa: PLC0415 (it needs openpyxl)

    try:
        yield from _read_sheet(Sheet(content, tags, bounds))
    except BrokenTextError:
        raise
    # Whatever is wrong inside, openpyxl lets the error of some layer below through.
    except Exception as error:  # noqa: BLE001
        reason = _("the workbook is damaged (%(error)s)") % {"error": type(error).__name__}
        raise BrokenTextError("", reason) from None


def write_xlsx(tenants: Iterable[TenantRows]) -> Iterator[bytes]:
    """Yield the bytes of a workbook.

    Raises TransferError for a text that no cell can hold, BrokenTextError for more than can be
    read again.
    """
    book = _openpyxl().Workbook(write_only=True)
    sheet = book.create_sheet("origins")
    try:
        sheet.append(HEADING)
        for number, cells in enumerate(_cells(tenants)):
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
    measure_workbook(content, COMMAND)
    yield content


def _cells(tenants: Iterable[TenantRows]) -> Iterator[list[str]]:
    for held in tenants:
        slug = held.tenant.slug
        for row in held.origins:
            cells = [_escaped(cell) for cell in write_row(slug, row)]
            if max(map(len, cells)) > MAX_CELL:
                place = f"{slug}: {ORIGIN.title(row)}"
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


def _read_sheet(sheet: "Sheet") -> Iterator[Record | Fault]:
    rows = sheet.rows()
    heading = _heading(*next(rows, (1, {})))
    faults = list(check_heading(heading, "row 1"))
    if faults:
        yield from faults
        return
    reader = RowReader(heading)
    for number, cells in rows:
        if number > MAX_ROWS:
            raise BrokenTextError(f"row {number}", _("a sheet cannot have so many rows"))
        # Further cells are passed over: one far to the right would make a long row of empty ones.
        found = [cells.get(column) for column in range(1, len(heading) + 1)]
        values = [_read_cell(cell) for cell in found]
        if any(value not in (None, "") for value in values):
            yield _without_formulas(reader.read(values, f"row {number}"), found)


def _heading(number: int, cells: dict[int, "Cell"]) -> list[str]:
    """Return the names in the first row, which is empty where the first one written is another."""
    if number != 1 or not cells:
        return []
    if max(cells) > MAX_COLUMNS:
        raise BrokenTextError("row 1", _("the heading has too many columns"))
    names = [
        str(_read_cell(cells.get(column)) or "").strip() for column in range(1, max(cells) + 1)
    ]
    while names and not names[-1]:
        names.pop()
    return names


def _read_cell(cell: "Cell | None") -> Any:
    value = cell.value if cell else None
    if not isinstance(value, str):
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def _without_formulas(entry: Record, cells: Iterable["Cell | None"]) -> Record:
    """Return the entry with a fault for each formula: what it would result in is not known here."""
    faults = [
        fault(f"{entry.place}, cell {cell.place}", "cell-formula", file_value(cell.value))
        for cell in cells
        if cell and cell.is_formula
    ]
    return replace(entry, faults=(*entry.faults, *faults)) if faults else entry


def _escaped(text: str) -> str:
    text = _ESCAPE.sub("_x005F_x", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
