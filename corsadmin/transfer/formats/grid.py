"""A table as it is in a file: rows of cells without meaning yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from corsadmin.transfer.records.diagnostics import Fault

MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class OddCell:
    """A cell of a workbook without a value of its own: a formula or an error.

    `place` is its name, such as B3; `code` is the code of its fault. `result` is the formula's value
    when the workbook was saved, None if unknown.
    """

    place: str
    text: str
    code: str
    result: object = None


class GridRow(NamedTuple):
    """One row that is not empty. `number` counts from 1, as an editor does."""

    number: int
    cells: list[Any]


class Grid(Protocol):
    """A table in a file. Reading it raises BrokenTextError."""

    word: str  # what places call a row: “line” of a text, or “row” of a sheet
    is_ragged: bool  # whether rows can have different numbers of cells

    @property
    def encoding(self) -> str:
        """Return the detected encoding of a text, blank for a workbook."""

    @property
    def sheet(self) -> str:
        """Return the name of the sheet, blank for a text."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """Return the names of the sheets that can be chosen."""

    @property
    def faults(self) -> list[Fault]:
        """Return the faults that keep the table from being read."""

    def rows(self) -> Iterator[GridRow]:
        """Yield every row that is not empty."""
