"""What stands in the cells of a table of origins, for CSV and XLSX alike."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models

from corsadmin.engine import check_slug
from corsadmin.transfer.checking import REMARKS, Entry
from corsadmin.transfer.faults import Fault, fault, fault_of, shown
from corsadmin.transfer.kinds import ORIGIN, Row
from corsadmin.transfer.report import plain

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
)
# Written only when a row needs it: DESIGN's table has no such column, yet nothing may be lost.
RISK_COLUMN: Final = "risk_accepted"
_KNOWN: Final = (*HEADING, RISK_COLUMN, REMARKS)
# A spreadsheet takes a cell that begins so for a formula (OWASP ASVS 1.2.10).
_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})


def neutral(text: str) -> str:
    """Return a text so that no spreadsheet runs it. `restored` gives it back."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_SIGNS) else text


def restored(cell: str) -> str:
    """Return the text that `neutral` made a cell of."""
    is_neutral = cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA_SIGNS)
    return cell[1:] if is_neutral else cell


def check_heading(cells: Iterable[str], place: str) -> Iterator[Fault]:
    """Yield what is wrong with the first row of a table."""
    names = list(cells)
    for name in dict.fromkeys(names):
        if name not in _KNOWN:
            yield fault(place, "key-unknown", shown(name))
        elif names.count(name) > 1:
            yield fault(place, "duplicate-key", shown(name))
    for name in (TENANT_COLUMN, "pattern"):
        if name not in names:
            yield fault(place, "key-missing", name)


def read_row(cells: Mapping[str, Any], place: str) -> Entry:
    """Return the origin of a row of cells by their headings."""
    tenant = restored(str(cells[TENANT_COLUMN] or ""))
    problem = check_slug(tenant)
    faults = [fault_of(problem, f"{place}, {TENANT_COLUMN}")] if problem else []
    written = {
        column.name: read_cell(column.field, cells[column.name])
        for column in ORIGIN.columns
        if cells.get(column.name) not in (None, "")
    }
    return Entry(ORIGIN, tenant, place, written, ", ", tuple(faults))


def read_cell(field: "models.Field[Any, Any]", cell: Any) -> Any:
    """Return a cell's value as JSON would hold it; what cannot be read comes back as it is."""
    if isinstance(cell, datetime):
        return plain(cell) if cell.tzinfo else cell.isoformat()
    if not isinstance(cell, str):
        return cell if isinstance(field, models.BooleanField) else str(cell)
    if isinstance(field, models.BooleanField):
        word = cell.lower()
        return word in _TRUE if word in _TRUE or word in _FALSE else cell
    return restored(cell)


def heading_for(rows_with_risk: bool) -> tuple[str, ...]:  # noqa: FBT001 (the one question)
    """Return the heading of an export."""
    return (*HEADING, RISK_COLUMN) if rows_with_risk else HEADING


def write_row(tenant: str, row: Row, heading: Iterable[str]) -> list[str]:
    """Return the cells of an origin."""
    values = dict(zip(ORIGIN.names, row, strict=True)) | {TENANT_COLUMN: tenant}
    return [cell_text(values[name]) for name in heading]


def cell_text(value: object) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(str(plain(value)))
