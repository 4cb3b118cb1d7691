"""An audit file as XLSX, piece by piece: one sheet whose cells are all texts.

openpyxl takes ten times as long, which is longer than many servers let a request last.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Final

from corsadmin.transfer.formats.xlsx_format import MAX_CELL, MAX_WRITTEN, workbook_text

if TYPE_CHECKING:
    from typing_extensions import Buffer as ReadableBuffer

MAX_AUDIT_ROWS: Final = MAX_WRITTEN
MAX_PIECE_BYTES: Final = 1 << 16
CUT: Final = " … (cut: no cell of a workbook holds more)"

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN: Final = "http://schemas.openxmlformats.org"
_RELATION: Final = f"{_OPEN}/officeDocument/2006/relationships"
_MAIN: Final = f"{_OPEN}/spreadsheetml/2006/main"
_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_OPEN}/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml"'
        f' ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_OPEN}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>'
        '<sheet name="audit" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_OPEN}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
# The first row stays in view, and most origins and moments fit into their columns.
_BEGIN: Final = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '</sheetView></sheetViews><cols><col min="1" max="50" width="24"/></cols><sheetData>'
)
_END: Final = "</sheetData></worksheet>"


class _Outlet(io.RawIOBase):
    """The output of a zip file, without seeking: keeps the bytes until somebody takes them."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: "ReadableBuffer", /) -> int:
        written = bytes(piece)
        self._pieces.append(written)
        self.size += len(written)
        return len(written)

    def take(self) -> bytes:
        """Return the bytes written since the last call."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return taken


def write_audit_workbook(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Yield the bytes of a workbook. If reading the rows fails, the partial file cannot be opened."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in _PARTS.items():
            book.writestr(name, _XML + text)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write((_XML + _BEGIN + _row(heading)).encode())
            for row in rows:
                sheet.write(_row(row).encode())
                if outlet.size > MAX_PIECE_BYTES:
                    yield outlet.take()
            sheet.write(_END.encode())
    yield outlet.take()


def _row(cells: Iterable[str]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    if len(text) > MAX_CELL:
        text = text[: MAX_CELL - len(CUT)] + CUT
    content = escape(workbook_text(text), quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'
