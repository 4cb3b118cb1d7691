"""A table on the import page: the meaning of its columns, and the plan of its valid rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from typing import Final

from django.utils import timezone

from corsadmin.admin.import_file.answers import IGNORED, TableAnswers
from corsadmin.models.access import Access
from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.formats.columns import LABELS
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.headings import MappedColumn
from corsadmin.transfer.formats.tables import open_table
from corsadmin.transfer.formats.tabular import typed_text
from corsadmin.transfer.importing import Choices, Import, Watch, plan_table
from corsadmin.transfer.records.diagnostics import TransferError, fault

MAX_ROWS: Final = 5_000
MAX_EXAMPLE: Final = 60  # characters
_DATES: Final = frozenset({"valid_from", "valid_until"})


class TooManyRowsError(TransferError):
    """A file has more rows than the page accepts."""


class PageTable:
    """A table that is entirely in memory, with the user's choices about it.

    The constructor raises TransferError and its subclass TooManyRowsError. `is_full` says that some
    corrections were left out, because the page can carry no more.
    """

    def __init__(
        self, content: bytes, name: str, answers: TableAnswers, into: str, access: Access
    ) -> None:
        try:
            choices = answers.choices(into)
            self.table = open_table(BytesIO(content), name, PAGE, choices, access)
            self.rows = list(islice(self.table.rows(), MAX_ROWS + 1))
        except BrokenTextError as error:
            raise TransferError([fault(error.place, "unreadable", error.reason)]) from None
        if len(self.rows) > MAX_ROWS:
            raise TooManyRowsError(())
        self.rows = [row for row in self.rows if row.number not in answers.done]
        self.answers = answers
        self.is_full = False
        self.mend(self._changed(answers))

    def mend(self, cells: dict[tuple[int, int], str]) -> None:
        """Replace the texts of cells, as far as the page can carry them."""
        self.answers = self.answers.with_cells(cells)
        mended = self.answers.mended
        made = {place: text for place, text in cells.items() if mended.get(place) == text}
        self.is_full |= len(made) < len(cells)
        self.rows = [self.table.mended(row, made) for row in self.rows]

    @contextmanager
    def planned(self, choices: Choices, watch: Watch) -> Iterator[Import]:
        """Yield the plan of the valid rows, as `plan_table` does."""
        with plan_table(self.table, choices, watch=watch, rows=self.rows) as made:
            yield made

    @property
    def entered(self) -> tuple[object, ...]:
        """The input that determines the table's content."""
        columns = [(column.index, column.field) for column in self.table.columns]
        answers = self.answers
        return (
            columns,
            self.table.number,
            self.table.grid.sheet,
            answers.dates,
            answers.carried,
            answers.done,
        )

    def context(self) -> dict[str, object]:
        """Return what the template shows of the table."""
        grid, columns = self.table.grid, self.table.columns
        fields = {column.field for column in columns}
        return {
            "table": self,
            "answers": self.answers,
            "heading": self.table.number,
            "columns": [self._column(column) for column in columns if column.heading],
            "fields": [*LABELS.items()],
            "is_open": any(
                column.options or column.heading not in (column.field, "problems")
                for column in columns
            ),
            "sheets": grid.sheets if len(grid.sheets) > 1 else (),
            "sheet": grid.sheet,
            "zone": timezone.get_current_timezone_name() if fields & _DATES else "",
        }

    def _column(self, column: MappedColumn) -> dict[str, object]:
        cells = (row.cells[column.index] for row in self.rows if column.index < len(row.cells))
        example = next((text for text in map(typed_text, cells) if text), "")
        return {
            "index": column.index,
            "heading": column.heading,
            "field": column.field,
            "example": example[:MAX_EXAMPLE],
            "is_ignored": column.field == IGNORED and not column.options,
            "options": [LABELS[name] for name in column.options],
        }

    def _changed(self, answers: TableAnswers) -> dict[tuple[int, int], str]:
        """Return the cells whose text on the page differs from the table."""
        held = {row.number: row.cells for row in self.rows}
        width = len(self.table.columns)
        return {
            (number, index): text
            for (number, index), text in answers.typed.items()
            if number in held
            and index < width
            and text != "".join(map(typed_text, held[number][index : index + 1]))
        }
