"""Open a table in any of its formats."""

from typing import IO, TYPE_CHECKING, Final

from corsadmin.models.access import Access
from corsadmin.transfer.formats.bounds import Bounds
from corsadmin.transfer.formats.csv_format import CsvGrid
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.table import OriginTable
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tenant_names import TenantNames
from corsadmin.transfer.formats.xlsx_format import XlsxGrid

if TYPE_CHECKING:
    from corsadmin.transfer.formats.grid import Grid

TABLES: Final = ("csv", "xlsx")
STRICT: Final = TableChoices(strict=True)


def open_table(
    file: IO[bytes], name: str, bounds: Bounds, choices: TableChoices, access: Access | None
) -> OriginTable:
    """Return the table of a file in one of the formats TABLES. Raises BrokenTextError."""
    try:
        grid: Grid = (
            CsvGrid(file, strict=choices.strict)
            if name == "csv"
            else XlsxGrid(file, bounds, choices.sheet)
        )
        return OriginTable(grid, choices, TenantNames(access))
    except OSError as error:
        # Opening reads the first lines, so a failing disk may show here.
        raise BrokenTextError("", error.strerror or str(error)) from None
