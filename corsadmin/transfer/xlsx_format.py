"""Origins as XLSX: the first sheet of a workbook, bounded against what unpacks to far more."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.transfer.cells import RowReader, check_heading, heading_for, write_row
from corsadmin.transfer.checking import Entry
from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.faults import Fault, TransferError, fault, shown
from corsadmin.transfer.kinds import ORIGIN
from corsadmin.transfer.nested import BrokenTextError

MAX_FILE: Final = 50_000_000
MAX_UNPACKED: Final = 200_000_000  # zipfile never unpacks more than what it declares
MAX_CELL: Final = 32_767  # characters; a spreadsheet cuts off the rest
_MISSING: Final = gettext_lazy("openpyxl and defusedxml are missing: pip install 'corsadmin[xlsx]'")
# ECMA-376, 22.4.2.4: how a character that XML cannot hold is written, and that itself.
_ESCAPE: Final = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def read_xlsx(file: IO[bytes]) -> Iterator[Entry | Fault]:
    """Yield every origin of the first sheet. Raises BrokenTextError."""
    content = file.read(MAX_FILE + 1)
    _check_size(content)
    module = _openpyxl()
    try:
        book = module.load_workbook(io.BytesIO(content), read_only=True)
        yield from _read_sheet(book.worksheets[0])
    # Whatever is wrong inside, openpyxl lets the error of some layer below through.
    except Exception as error:  # noqa: BLE001
        reason = _("it is no sound workbook (%(error)s)") % {"error": type(error).__name__}
        raise BrokenTextError("", reason) from None


def write_xlsx(tenants: Iterable[StoredTenant], *, risky: bool) -> Iterator[bytes]:
    """Yield the bytes of a workbook. Raises TransferError for a text that no cell can hold."""
    heading = heading_for(risky)
    book = _openpyxl().Workbook(write_only=True)
    sheet = book.create_sheet("origins")
    sheet.append(heading)
    for tenant in tenants:
        for row in tenant.rows[ORIGIN]:
            cells = [_escaped(cell) for cell in write_row(tenant.slug, row, heading)]
            if max(map(len, cells)) > MAX_CELL:
                sheet.close()
                place = f"{tenant.slug}: {ORIGIN.title(row)}"
                raise TransferError([fault(place, "text-too-long", "a cell of a workbook")])
            sheet.append(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    yield buffer.getvalue()


def _check_size(content: bytes) -> None:
    if len(content) > MAX_FILE:
        raise BrokenTextError("", _("a workbook may have 50 MB; use CSV for more"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise BrokenTextError("", _("it is no workbook")) from None
    if unpacked > MAX_UNPACKED:
        raise BrokenTextError("", _("the workbook unpacks to more than 200 MB; use CSV for more"))


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
    rows = sheet.iter_rows()
    heading = [str(cell.value or "").strip() for cell in next(rows, ())]
    while heading and not heading[-1]:
        heading.pop()
    faults = list(check_heading(heading, "row 1"))
    if faults:
        yield from faults
        return
    reader = RowReader(heading)
    for number, cells in enumerate(rows, 2):
        values = [_read_cell(cell) for cell in cells]
        if any(value not in (None, "") for value in values):
            place = f"row {number}"
            entry = reader.read(values + [None] * (len(heading) - len(values)), place)
            yield _without_formulas(entry, cells)


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
