"""A table as it stands in a file: rows of cells, before anybody knows what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from corsadmin.transfer.records.diagnostics import Fault

MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class OddCell:
    """A cell of a workbook without a value of its own: a formula, or an error.

    `result` is what the formula had when the workbook was saved, None for an unknown one.
    """

    place: str
    text: str
    code: str
    result: Any = None


class GridRow(NamedTuple):
    """One row that is not empty; `number` counts as an editor does."""

    number: int
    cells: list[Any]


class Grid(Protocol):
    """A table in a file. Reading it raises BrokenTextError."""

    word: str  # what a row is called in places: a line of a text, or a row of a sheet
    is_ragged: bool  # whether a row has as many cells as somebody wrote

    @property
    def encoding(self) -> str:
        """What the text was found to be written in, blank for a workbook."""

    @property
    def sheet(self) -> str:
        """The name of the sheet, blank for a text."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets that can be chosen."""

    @property
    def faults(self) -> list[Fault]:
        """What must be said before the table can be read."""

    def rows(self) -> Iterator[GridRow]:
        """Yield every row that is not empty."""
