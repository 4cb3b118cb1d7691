"""Read the cells of a workbook's sheets, and nothing else.

openpyxl finds the sheets and knows the formats. This module reads the cells, because openpyxl also
creates an object for every link and merged cell, and translates a shared formula for each of its cells.
"""

import io
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

# The caller imports this module only if openpyxl is installed.
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import (
    ARC_CONTENT_TYPES,
    ARC_STYLE,
    ARC_WORKBOOK,
    SHARED_STRINGS,
    SHEET_MAIN_NS,
)
from openpyxl.xml.functions import iterparse

from corsadmin.transfer.formats.bounds import Bounds
from corsadmin.transfer.formats.grid import OddCell
from corsadmin.transfer.formats.merged_cells import fill_down
from corsadmin.transfer.formats.workbook_limits import check_frame

_ROW, _VALUE, _FORMULA, _INLINE, _STRING, _TEXT, _RUN, _MERGED = (
    f"{{{SHEET_MAIN_NS}}}{name}" for name in ("row", "v", "f", "is", "si", "t", "r", "mergeCell")
)
_PIECE: Final = 1 << 16  # bytes
# openpyxl creates objects for everything in these.
_FRAME: Final = (ARC_CONTENT_TYPES, ARC_STYLE, ARC_WORKBOOK)


class SheetName(NamedTuple):
    """A sheet's title, and the path of the part that holds its cells."""

    title: str
    path: str
    is_hidden: bool


class Sheets:
    """The sheets of a workbook. Every method may raise any error of openpyxl and its parsers."""

    def __init__(self, content: bytes, tags: Mapping[str, int], bounds: Bounds) -> None:
        """`tags` maps parts to their number of tags, from `measure_workbook`.

        Also raises LargeWorkbookError.
        """
        for name, count in tags.items():
            if name in _FRAME or name.endswith(".rels"):
                check_frame(count, bounds)
        reader = ExcelReader(io.BytesIO(content), read_only=True, keep_links=False)
        reader.read_manifest()
        for part in reader.package.Override:
            # The part of the workbook may have another name.
            if part.ContentType.endswith("main+xml"):
                check_frame(tags.get(part.PartName[1:], 0), bounds)
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        self._archive, self._book = reader.archive, reader.wb
        self.names = [
            SheetName(sheet.name, link.target, sheet.state != "visible")
            for sheet, link in reader.parser.find_sheets()
            if "chartsheet" not in link.Type and link.target in reader.valid_files
        ]
        strings = reader.package.find(SHARED_STRINGS)
        self._strings = list(self._shared(strings.PartName[1:])) if strings else []

    def rows(self, sheet: SheetName) -> Iterator[tuple[int, dict[int, Any]]]:
        """Yield the number of each row in the file, and its cells by column, both counted from 1.

        A formula or an error comes as an OddCell.
        """
        areas = self._merged(sheet.path) if self._mentions(sheet.path, _MERGED) else ()
        yield from fill_down(self._written(sheet.path), areas)

    def _written(self, path: str) -> Iterator[tuple[int, dict[int, Any]]]:
        number = 0
        for element in self._elements(path, _ROW):
            number = int(element.get("r", number + 1))
            yield number, dict(self._cells(element, number))

    def _merged(self, path: str) -> Iterator[str]:
        """Yield the merged areas of a sheet; they are written below its cells."""
        for element in self._elements(path, _ROW, _MERGED):
            if element.tag == _MERGED:
                yield element.get("ref", "")

    def _mentions(self, path: str, tag: str) -> bool:
        """Report whether a part may have such a tag, without parsing it."""
        name = tag.rpartition("}")[2].encode()
        end = b""
        with self._archive.open(path) as source:
            while piece := source.read(_PIECE):
                if name in end + piece:
                    return True
                end = piece[-len(name) :]
        return False

    def _shared(self, path: str) -> Iterator[str]:
        for element in self._elements(path, _STRING):
            yield _text_of(element)

    def _elements(self, path: str, *tags: str) -> Iterator[Any]:
        with self._archive.open(path) as source:
            for _event, element in iterparse(source):
                if element.tag in tags:
                    yield element
                    element.clear()

    def _cells(self, row: Any, number: int) -> Iterator[tuple[int, object]]:
        column = 0
        for element in row:
            place = element.get("r")
            column = coordinate_to_tuple(place)[1] if place else column + 1
            formula, is_error = element.find(_FORMULA), element.get("t") == "e"
            value = self._value(element)
            if formula is None and not is_error:
                yield column, value
                continue
            place = place or f"{get_column_letter(column)}{number}"
            if is_error:
                yield column, OddCell(place, str(value), "cell-error")
            else:
                yield column, OddCell(place, f"={formula.text or ''}", "cell-formula", value)

    def _value(self, element: Any) -> Any:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = element.find(_INLINE)
            return None if inline is None else _text_of(inline)
        text = element.findtext(_VALUE)
        if not text:
            return None
        if kind == "n":
            return self._number(text, int(element.get("s", 0)))
        if kind == "s":
            return self._strings[int(text)]
        if kind == "b":
            return bool(int(text))
        return from_ISO8601(text) if kind == "d" else text

    def _number(self, text: str, style: int) -> object:
        value = int(text) if text.lstrip("-").isdigit() else float(text)
        if style not in self._book._date_formats:  # noqa: SLF001 (it has no other name)
            return value
        is_span = style in self._book._timedelta_formats  # noqa: SLF001 (the same)
        try:
            return from_excel(value, self._book.epoch, timedelta=is_span)
        except (OverflowError, ValueError):
            return "#VALUE!"


def _text_of(element: Any) -> str:
    """Return the text of a string, plain or in runs, without phonetic readings."""
    found: str = element.findtext(_TEXT, "")
    return found + "".join(run.findtext(_TEXT, "") for run in element.iterfind(_RUN))
