"""What a person says of a table before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoices:
    """How the cells of a table are taken.

    `columns` are the fields of columns, by their headings or by their indexes, blank for one to
    ignore; `heading` is the number of their row, 0 for the one that looks like it. `day_first` decides about 01/02/2026, and `zone` where the days are those of a calendar;
    None asks. `into` is the tenant of a table that does not name one. `mended` are cells that were
    written anew, by the numbers of their rows and columns. A `strict` table has no column to ignore
    and no foreign encoding.
    """

    columns: Mapping[int | str, str] = field(default_factory=dict)
    heading: int = 0
    sheet: str = ""
    day_first: bool | None = None
    zone: tzinfo | None = None
    into: str = ""
    mended: Mapping[tuple[int, int], str] = field(default_factory=dict)
    strict: bool = False
