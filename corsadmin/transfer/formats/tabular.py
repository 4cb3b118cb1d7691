"""What stands in the cells of a table of origins, for CSV and XLSX alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models

from corsadmin.engine.hosts import check_slug
from corsadmin.models.policy_rows import OriginRow
from corsadmin.transfer.records.check import REMARKS, Record
from corsadmin.transfer.records.coerce import plain
from corsadmin.transfer.records.diagnostics import Fault, fault, fault_of, file_value
from corsadmin.transfer.records.record_types import ORIGIN

TENANT_COLUMN: Final = "tenant"
HEADING: Final = (
    TENANT_COLUMN,
    "pattern",
    "credentials",
    "scope",
    "enabled",
    "valid_from",
    "valid_until",
    "note",
    "risk_accepted",
    "made_by",
)
_KNOWN: Final = (*HEADING, REMARKS)
# A spreadsheet takes a cell that begins so for a formula (OWASP ASVS 1.2.10).
_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}


def neutral(text: str) -> str:
    """Return a text so that no spreadsheet runs it. `restored` gives it back."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_SIGNS) else text


def restored(cell: str) -> str:
    """Return the text that `neutral` made a cell of."""
    if cell[:1] != "'":
        return cell
    return cell[1:] if cell.lstrip("'").startswith(_FORMULA_SIGNS) else cell


def check_heading(cells: Iterable[str], place: str) -> Iterator[Fault]:
    """Yield what is wrong with the first row of a table."""
    names = list(cells)
    for name in dict.fromkeys(names):
        if name not in _KNOWN:
            yield fault(place, "key-unknown", file_value(name))
        elif names.count(name) > 1:
            yield fault(place, "duplicate-key", file_value(name))
    for name in (TENANT_COLUMN, "pattern"):
        if name not in names:
            yield fault(place, "key-missing", name)


class RowReader:
    """Reads the rows under one heading, which `check_heading` found sound."""

    def __init__(self, heading: Sequence[str]) -> None:
        self._tenant = heading.index(TENANT_COLUMN)
        self._columns = [
            (heading.index(column.name), column.name, _reader(column.field))
            for column in ORIGIN.columns
            if column.name in heading
        ]
        # An empty cell is the default, and only an absent column leaves what is stored.
        self._empty = {
            column.name: column.default()
            for column in ORIGIN.columns
            if column.name in heading and not column.required
        }
        # The rows of a tenant stand together, most often.
        self._slug, self._problem = "", check_slug("")

    def read(self, cells: Sequence[Any], place: str) -> Record:
        """Return the origin of a row with a cell for each heading."""
        written = self._empty.copy()
        for index, name, read in self._columns:
            cell = cells[index]
            if cell is not None and cell != "":
                written[name] = read(cell)
        slug = restored(str(cells[self._tenant] or ""))
        if slug != self._slug:
            self._slug, self._problem = slug, check_slug(slug)
        if self._problem is None:
            return Record(ORIGIN, slug, place, written, ", ")
        faults = (fault_of(self._problem, f"{place}, {TENANT_COLUMN}"),)
        return Record(ORIGIN, slug, place, written, ", ", faults)


def _reader(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    return _read_flag if isinstance(field, models.BooleanField) else _read_text


def _read_flag(cell: Any) -> Any:
    """Return true or false; what is neither comes back as it is."""
    if isinstance(cell, str):
        return _FLAGS.get(cell.lower(), cell)
    return _read_text(cell) if isinstance(cell, datetime) else cell


def _read_text(cell: Any) -> str:
    """Return a cell's value as JSON would hold it."""
    if isinstance(cell, str):
        return restored(cell)
    if isinstance(cell, datetime):
        return str(plain(cell)) if cell.tzinfo else cell.isoformat()
    return str(cell)


def write_row(tenant: str, row: OriginRow) -> list[str]:
    """Return the cells of an origin, one for each column of the heading."""
    values = row._asdict() | {TENANT_COLUMN: tenant}
    return [cell_text(values[name]) for name in HEADING]


def cell_text(value: object) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(str(plain(value)))
