"""The contents of cells in a table of origins, for CSV and XLSX alike."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from django.db import models

from corsadmin.models.fields import AnyField
from corsadmin.models.policy_rows import OriginRow
from corsadmin.transfer.formats.columns import HEADING, PATTERN_COLUMN, TENANT_COLUMN
from corsadmin.transfer.formats.grid import OddCell
from corsadmin.transfer.formats.headings import MappedColumn
from corsadmin.transfer.formats.moments import EitherDayError, NumberedDayError, iso_moment
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tenant_names import TenantNames
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.coerce import plain
from corsadmin.transfer.records.diagnostics import Fault, fault, file_value
from corsadmin.transfer.records.record_types import ORIGIN

# A spreadsheet runs a cell that begins with one of these as a formula (OWASP ASVS 1.2.10).
_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# Characters that some programs skip before they look for a formula: visible and invisible spaces.
_PASSED_OVER: Final = (
    "' \x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x2010)))
)
_FLAGS: Final = {
    **dict.fromkeys(
        (
            "true",
            "yes",
            "y",
            "1",
            "on",
            "x",
            "✓",
            "✔",
            "ja",
            "j",
            "wahr",
            "sí",
            "si",
            "s",
            "verdadero",
        ),
        True,
    ),
    **dict.fromkeys(("false", "no", "n", "0", "off", "nein", "falsch", "falso"), False),
}
# What spreadsheets show for a formula that failed, in English, German and Spanish.
_ERRORS: Final = frozenset(
    [
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NV",
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
        "#¡VALOR!",
        "#¡REF!",
        "#¿NOMBRE?",
        "#N/D",
    ]
)
# Half of a character: a workbook can name it by its number.
_HALF: Final = re.compile("[\ud800-\udfff]")
_BETWEEN: Final = re.compile(r"[\s,;]+")
_LIKE_AN_ORIGIN: Final = re.compile(r"\S*(?:://|\.)\S*")


def neutral(text: str) -> str:
    """Return a text in a form that no spreadsheet runs as a formula; `restored` reverses it."""
    return f"'{text}" if text.lstrip(_PASSED_OVER).startswith(_FORMULA_SIGNS) else text


def restored(cell: str) -> str:
    """Return the text from which `neutral` made a cell."""
    if cell[:1] != "'":
        return cell
    return cell[1:] if cell.lstrip(_PASSED_OVER).startswith(_FORMULA_SIGNS) else cell


def whole_text(text: str) -> str:
    """Return a text that every encoding can write: halves of characters are joined, or replaced."""
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def visible_text(cell: object) -> str:
    """Return the text that a person sees in a cell."""
    if isinstance(cell, OddCell):
        return typed_text(cell) if cell.result is None else visible_text(cell.result)
    if isinstance(cell, datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(cell, bool):
        return cell_text(cell)
    return "" if cell is None else whole_text(_text_of(cell))


def typed_text(cell: object) -> str:
    """Return the text that a person typed into a cell; for a formula, the formula."""
    return whole_text(cell.text) if isinstance(cell, OddCell) else visible_text(cell)


class RowReader:
    """Reads the rows below a heading that has no faults."""

    def __init__(
        self, columns: Sequence[MappedColumn], choices: TableChoices, names: TenantNames
    ) -> None:
        places = {column.field: column.index for column in columns if column.field}
        self._choices = choices
        self._names = names
        self._tenant = places.get(TENANT_COLUMN)
        known = {column.name: column for column in ORIGIN.columns}
        self._columns = [
            (place, name, self._reader(known[name].field))
            for name, place in places.items()
            if name in known
        ]
        # An empty cell means the default. Only a missing column leaves the stored value unchanged.
        self._empty = {
            name: known[name].default()
            for _place, name, _read in self._columns
            if not known[name].required
        }

    def tenant_of(self, cells: Sequence[object]) -> str:
        """Return the text that names the tenant of a row."""
        if self._tenant is None:
            return self._choices.into
        return " ".join(_text(cells[self._tenant]).split())

    def read(self, cells: Sequence[object], tenant: str, place: str) -> list[Record]:
        """Return the origins of a row, usually one. The row must have a cell for each heading.

        `tenant` is what the row calls its tenant. The names must have learned it.
        """
        written = self._empty.copy()
        faults: tuple[Fault, ...] = ()
        for index, name, read in self._columns:
            cell = cells[index]
            if cell is None or cell == "":
                continue
            # The fast path for nearly every cell.
            is_plain = type(cell) is str and cell[:1] != "#"
            odd = None if is_plain else _oddity(cell, place, name)
            try:
                written[name] = visible_text(cell) if odd else read(cell)
            except NumberedDayError as error:
                written[name] = visible_text(cell)
                at = (name, None)
                odd = fault(f"{place}, {name}", "moment-invalid", file_value(cell), error.day, at)
            except EitherDayError:
                written[name] = visible_text(cell)
                odd = fault(f"{place}, {name}", "date-either", file_value(cell), at=(name, None))
            if odd:
                faults += (odd,)
        written.setdefault(PATTERN_COLUMN, "")
        slug, unknown = self._names.find(tenant, place)
        cell = "" if self._tenant is None else cells[self._tenant]
        odd = _oddity(cell, place, TENANT_COLUMN)
        faults += (odd,) if odd else unknown
        pattern = written.get(PATTERN_COLUMN)
        if not isinstance(pattern, str) or _BETWEEN.search(pattern) is None:
            return [Record(ORIGIN, slug, place, written, ", ", faults)]
        entries = ({**written, PATTERN_COLUMN: one} for one in _split(pattern))
        return [Record(ORIGIN, slug, place, entry, ", ", faults) for entry in entries]

    def _reader(self, field: AnyField) -> Callable[[object], object]:
        if isinstance(field, models.BooleanField):
            return _read_flag
        if isinstance(field, models.DateTimeField):
            return partial(self._read_moment, is_end=field.name == "valid_until")
        return _text

    def _read_moment(self, cell: object, *, is_end: bool) -> str:
        choices = self._choices
        text = iso_moment(cell, is_end=is_end, day_first=choices.day_first, zone=choices.zone)
        return _text(cell) if text is None else text


def _text(cell: object) -> str:
    text: str = cell if type(cell) is str else visible_text(cell)
    # Nearly no text needs it, and a file has millions of them.
    return restored(text) if text[:1] == "'" else text


def _oddity(cell: object, place: str, name: str) -> Fault | None:
    """Return the fault of a cell that has no value of its own, or None."""
    if type(cell) is str and cell[:1] != "#":
        return None
    at = (name, None)
    if isinstance(cell, OddCell):
        result = "" if cell.result is None else visible_text(cell.result)
        where = f"{place}, cell {cell.place}"
        return fault(where, cell.code, file_value(cell.text), result, at)
    if isinstance(cell, str) and cell.strip() in _ERRORS:
        return fault(f"{place}, {name}", "cell-error", cell.strip(), at=at)
    if name == TENANT_COLUMN and isinstance(cell, int | float):
        text = visible_text(cell)
        return fault(f"{place}, {name}", "cell-number", text, text, at)
    return None


def _split(pattern: str) -> list[str]:
    """Return each origin in a cell, or the content unchanged if it is not a list of origins."""
    parts = [part for part in _BETWEEN.split(pattern) if part]
    if len(parts) > 1 and all(map(_LIKE_AN_ORIGIN.fullmatch, parts)):
        return parts
    return [pattern.strip()]


def _read_flag(cell: object) -> object:
    """Return a boolean; a value that means neither comes back unchanged."""
    if isinstance(cell, str):
        return _FLAGS.get(cell.strip().lower(), cell)
    if isinstance(cell, date):
        return visible_text(cell)
    return bool(cell) if cell in (0, 1) else cell


def _text_of(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def write_row(tenant: str, row: OriginRow) -> list[str]:
    """Return the cells of an origin entry, one for each column of HEADING."""
    values = row._asdict() | {TENANT_COLUMN: tenant}
    return [cell_text(values[name]) for name in HEADING]


def cell_text(value: object) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(str(plain(value)))
