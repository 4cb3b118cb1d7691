"""Workbooks within the limits of a page that were made to cost far more than they weigh."""

import io
import zipfile
from typing import Any, Final

from openpyxl.xml.constants import (
    ARC_CONTENT_TYPES,
    ARC_SHARED_STRINGS,
    ARC_STYLE,
    ARC_WORKBOOK,
    SHARED_STRINGS,
)
from openpyxl.xml.constants import XLSX as XLSX_TYPE

from corsadmin.transfer.formats.bounds import PAGE
from tests.transfer.hostile_texts import Make, filled
from tests.transfer.workbooks import SHEET, repacked, row, workbook

_UNPACKED: Final = 19_000_000  # bytes, just below what a page unpacks
MOST_TAGS: Final = PAGE.tags - 2_000
MOST_FRAME: Final = PAGE.frame_tags - 100


def _zip(**members: bytes) -> bytes:
    """Return a workbook with some of its members replaced, or more of them."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["tenant", "pattern"]))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *members}:
            new.writestr(name, members[name] if name in members else old.read(name))
    return buffer.getvalue()


_SHEET: Final = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_ROWS: Final = "<sheetData>" + row(1, A="tenant", B="pattern")
_NS: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _sheet(inside: str, piece: str, after: str, room: int = _UNPACKED) -> Any:
    before = f"{_SHEET}>{inside}"
    return repacked(SHEET, filled(before, piece, f"{after}</worksheet>", room).encode())


def _tags(inside: str, piece: str, after: str, tags: int = MOST_TAGS) -> Any:
    return _sheet(
        inside,
        piece,
        after,
        len(_SHEET + inside + after) + 20 + len(piece) * (tags // piece.count("<")),
    )


def workbook_with_strings(rows: str, *strings: str) -> bytes:
    """Return a workbook with these rows of XML, these shared strings and a style for dates."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{ARC_WORKBOOK}" ContentType="{XLSX_TYPE}"/>'
        f'<Override PartName="/{ARC_SHARED_STRINGS}" ContentType="{SHARED_STRINGS}"/></Types>'
    )
    styles = (
        f"<styleSheet {_NS}><fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/><xf numFmtId="14"/></cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
    found = "".join(f"<si>{string}</si>" for string in strings)
    return _zip(
        **{
            ARC_CONTENT_TYPES: types.encode(),
            ARC_STYLE: styles.encode(),
            ARC_SHARED_STRINGS: f"<sst {_NS}>{found}</sst>".encode(),
            SHEET: f"{_SHEET}><sheetData>{rows}</sheetData></worksheet>".encode(),
        }
    )


def _strings(string: str) -> bytes:
    """Return a workbook with as many shared strings as a page takes."""
    return workbook_with_strings("", *[string] * (MOST_TAGS // (string.count("<") + 2)))


def _part(name: str, before: str, piece: str, after: str, tags: int = MOST_TAGS) -> bytes:
    return _zip(**{name: (before + piece * (tags // piece.count("<")) + after).encode()})


XLSX: Final[dict[str, Make]] = {
    "one long attribute": lambda: _sheet('<sheetData a="', "x", '"/>'),
    "one long attribute of >": lambda: _sheet('<sheetData a="', ">", '"/>'),
    "one long comment": lambda: _sheet("<!--", "x", "--><sheetData/>"),
    "one long comment of tags": lambda: _sheet("<!--", "<a>" + "x" * 99_000, "--><sheetData/>"),
    "one long instruction": lambda: _sheet("<?a ", "x", "?><sheetData/>"),
    "one long instruction of tags": lambda: _sheet("<?a ", "<a>" + "x" * 99_000, "?><sheetData/>"),
    "one long reference": lambda: _sheet("<sheetData>&", "x", ";</sheetData>"),
    "one long name": lambda: _sheet("<", "x", "/>"),
    "one long end": lambda: _sheet("<a></a", " ", "><sheetData/>"),
    "one long text": lambda: _sheet("<sheetData>", "x", "</sheetData>"),
    "one long CDATA": lambda: _sheet("<sheetData><![CDATA[", "x", "]]></sheetData>"),
    "one long type": lambda: repacked(
        SHEET, filled("<!DOCTYPE a [<!ELEMENT a (", "a|", f"a)>]>{_SHEET}/>", _UNPACKED).encode()
    ),
    "one long entity": lambda: repacked(
        SHEET,
        filled('<!DOCTYPE a [<!ENTITY a "', "x", f'">]>{_SHEET}/>', _UNPACKED).encode(),
    ),
    "many attributes": lambda: repacked(
        SHEET,
        (f"{_SHEET} " + " ".join(f'a{n}=""' for n in range(1_600_000)) + "/>").encode(),
    ),
    "many tags of many attributes": lambda: _sheet(
        _ROWS,
        "<row " + " ".join(f'a{n}=""' for n in range(1_000)) + "/>",
        "</sheetData>",
    ),
    "many references": lambda: _sheet("<sheetData>", "&amp;", "</sheetData>"),
    "many empty rows": lambda: _tags(_ROWS, "<row/>", "</sheetData>"),
    "many empty cells": lambda: _tags("<sheetData><row>", "<c/>", "</row></sheetData>"),
    "many cells": lambda: _tags(
        "<sheetData><row>", '<c t="inlineStr"><is><t>x</t></is></c>', "</row></sheetData>"
    ),
    "many rows of a cell": lambda: _tags(_ROWS, "<row><c><v>1</v></c></row>", "</sheetData>"),
    "many cells of a date": lambda: _tags(
        "<sheetData><row>", '<c t="d"><v>2027-01-31</v></c>', "</row></sheetData>"
    ),
    "many rich texts": lambda: _tags(
        '<sheetData><row><c t="inlineStr"><is>', "<r><t>x</t></r>", "</is></c></row></sheetData>"
    ),
    "many unknown tags": lambda: _tags("", "<x/>", "<sheetData/>"),
    "many deep tags": lambda: _tags("", "<x>", ""),
    "many rows of UTF-16": lambda: repacked(
        SHEET,
        (
            '<?xml version="1.0" encoding="UTF-16"?>'
            + _SHEET
            + "><sheetData>"
            + "<row/>" * MOST_TAGS
            + "</sheetData></worksheet>"
        ).encode("utf-16"),
    ),
    "one long attribute of UTF-16": lambda: repacked(
        SHEET,
        (f'{_SHEET} a="' + ("㰀" + "x" * 99_000) * 90 + '"/>').encode("utf-16"),
    ),
    "many shared strings": lambda: _strings("<t>x</t>"),
    "many rich shared strings": lambda: _strings("<r><rPr><b/><sz/></rPr><t>x</t></r>"),
    "many empty shared strings": lambda: _strings(""),
    "many cell formats": lambda: _part(
        "xl/styles.xml",
        f"<styleSheet {_NS}><cellXfs>",
        "<xf/>",
        "</cellXfs></styleSheet>",
        MOST_FRAME,
    ),
    "many fonts": lambda: _part(
        "xl/styles.xml",
        f"<styleSheet {_NS}><fonts>",
        "<font/>",
        "</fonts></styleSheet>",
        MOST_FRAME,
    ),
    "many number formats": lambda: _part(
        "xl/styles.xml",
        f"<styleSheet {_NS}><numFmts>",
        '<numFmt numFmtId="200" formatCode="y"/>',
        "</numFmts></styleSheet>",
        MOST_FRAME,
    ),
    "many sheets": lambda: _part(
        "xl/workbook.xml",
        f"<workbook {_NS} xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/"
        "relationships'><sheets>",
        '<sheet name="a" sheetId="1" state="visible" r:id="rId1"/>',
        "</sheets></workbook>",
        MOST_FRAME,
    ),
    "many defined names": lambda: _part(
        "xl/workbook.xml",
        f"<workbook {_NS}><definedNames>",
        '<definedName name="a">A1</definedName>',
        "</definedNames></workbook>",
        MOST_FRAME,
    ),
    "many content types": lambda: _part(
        "[Content_Types].xml",
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">',
        '<Override PartName="/a" ContentType="b"/>',
        "</Types>",
        MOST_FRAME,
    ),
    "many relationships": lambda: _part(
        "xl/_rels/workbook.xml.rels",
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">',
        '<Relationship Id="a" Type="b" Target="c"/>',
        "</Relationships>",
        MOST_FRAME,
    ),
    "many properties": lambda: _part(
        "docProps/core.xml",
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties">',
        "<cp:keywords>a</cp:keywords>",
        "</cp:coreProperties>",
        MOST_FRAME,
    ),
    "many members": lambda: _zip(**{f"a{n}": b"" for n in range(8_000)}),
    "two members of one name, one large": lambda: _zip(**{"xl/a.xml": b"<" + b"a" * 18_000_000}),
    "one number of very many digits": lambda: _tags(
        "<sheetData><row><c><v>" + "1" * 200_000, "<x/>", "</v></c></row></sheetData>", 10
    ),
    "many long numbers": lambda: _sheet(
        _ROWS + "<row>", "<c><v>" + "1" * 30_000 + "</v></c>", "</row></sheetData>"
    ),
    "many long row numbers": lambda: _sheet(
        _ROWS, '<row r="' + "1" * 200_000 + '"/>', "</sheetData>"
    ),
    "many far cells": lambda: _tags(_ROWS, '<row><c r="ZZZ1"/></row>', "</sheetData>"),
    "one far row": lambda: _sheet(_ROWS, '<row r="1048570"/>', "</sheetData>", 400),
    "one far cell in the heading": lambda: _sheet(
        "<sheetData><row>", '<c r="XFD1"><v>1</v></c>', "</row></sheetData>", 300
    ),
    "many shared formulas": lambda: _tags(
        _ROWS + '<row><c r="A1"><f t="shared" si="0">' + "A1+" * 8_000 + "A1</f></c></row>",
        '<row><c r="A2"><f t="shared" si="0"/></c></row>',
        "</sheetData>",
    ),
    "many merged cells": lambda: _tags("<mergeCells>", '<mergeCell ref="A1:B2"/>', "</mergeCells>"),
    "many links": lambda: _tags("<hyperlinks>", '<hyperlink ref="A1"/>', "</hyperlinks>"),
    "many sheets of one large part": lambda: _zip(
        **{
            "xl/workbook.xml": (
                f"<workbook {_NS} xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/"
                "relationships'><sheets>"
                + '<sheet name="a" sheetId="1" state="visible" r:id="rId1"/>' * 9_000
                + "</sheets></workbook>"
            ).encode(),
            SHEET: f"{_SHEET}>{'<x/>' * 200_000}<sheetData/></worksheet>".encode(),
        }
    ),
    "formulas": lambda: _tags(_ROWS + "<row>", "<c><f>A1</f></c>", "</row></sheetData>"),
}
