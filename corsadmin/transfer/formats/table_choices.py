"""What a person decides about a table before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoices:
    """How to read the cells of a table.

    `columns` maps headings or indexes of columns to fields, blank to ignore a column. `heading` is
    the number of the heading's row, 0 to detect it. `sheet` is the sheet of a workbook, blank to
    detect it. `day_first` decides about 01/02/2026 and `zone` gives dates a time zone; None leaves
    either open, so that such cells have a fault. `into` is the slug for a table that names no tenant.
    `mended` maps row numbers and column indexes to corrected cells. A `strict` table may not have
    columns that would be ignored, nor an encoding other than UTF-8 and UTF-16.
    """

    columns: Mapping[int | str, str] = field(default_factory=dict)
    heading: int = 0
    sheet: str = ""
    day_first: bool | None = None
    zone: tzinfo | None = None
    into: str = ""
    mended: Mapping[tuple[int, int], str] = field(default_factory=dict)
    strict: bool = False
