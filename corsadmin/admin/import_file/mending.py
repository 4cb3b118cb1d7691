"""Rejected rows, as a table to mend on the page or as a file to download."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from corsadmin.admin.import_file.tables import PageTable
from corsadmin.transfer.formats.columns import LABELS, REQUIRED
from corsadmin.transfer.formats.grid import GridRow
from corsadmin.transfer.formats.headings import MappedColumn
from corsadmin.transfer.formats.rejects import Rejects
from corsadmin.transfer.formats.tabular import neutral, typed_text
from corsadmin.transfer.records.check import REMARKS, Record
from corsadmin.transfer.records.diagnostics import Fault

MAX_SHOWN_ROWS: Final = 200
# By default, Django accepts forms with at most 1,000 fields.
MAX_FIELDS: Final = 700
Found = dict[int, list[tuple[Record, Fault]]]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a cell. `correction` names the cell and its corrected text, or is blank."""

    text: str
    suggestion: str = ""
    correction: str = ""


@dataclass(slots=True)
class WrongCell:
    """One cell of a rejected row. The user can mend it if it `is_open`."""

    name: str
    label: str
    text: str
    is_open: bool
    complaints: list[Complaint] = field(default_factory=list)


@dataclass(slots=True)
class WrongRow:
    """One rejected row, and what is wrong with it apart from its cells."""

    number: int
    cells: list[WrongCell]
    complaints: list[str]


def wrong_rows(table: PageTable, rejects: Rejects) -> tuple[list[WrongRow], int]:
    """Return the rows to mend, as many as fit on a page, and how many there are in total."""
    found = _by_row(table, rejects)
    shown: list[WrongRow] = []
    fields = 0
    for row in table.rows:
        if row.number not in found:
            continue
        wrong = _wrong_row(table, row, found[row.number])
        fields += sum(cell.is_open for cell in wrong.cells)
        if len(shown) == MAX_SHOWN_ROWS or fields > MAX_FIELDS:
            break
        shown.append(wrong)
    return shown, len(found)


def corrections(table: PageTable, rejects: Rejects) -> dict[tuple[int, int], str]:
    """Return the new texts of all cells for which a problem has a suggestion."""
    found = _by_row(table, rejects)
    columns = {column.field: column for column in table.table.columns if column.field}
    taken: dict[tuple[int, int], str] = {}
    # Correct only one problem at a time for each origin: the correction may reveal the next problem.
    done: set[tuple[int, str]] = set()
    for row in table.rows:
        for record, one in found.get(row.number, ()):
            column = columns.get(one.at[0])
            if column and one.suggestion and (id(record), one.at[0]) not in done:
                done.add((id(record), one.at[0]))
                key = (row.number, column.index)
                taken[key] = _corrected(taken.get(key, _text(row, column)), record, one)
    return taken


def rejects_csv(table: PageTable, rejects: Rejects) -> str:
    """Return the rejected rows as CSV, with the reasons in the last column."""
    found = _by_row(table, rejects)
    columns = table.table.columns
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([*(neutral(column.heading) for column in columns), REMARKS])
    for row in table.rows:
        if row.number in found:
            said = " ".join(dict.fromkeys(one.sentence for _record, one in found[row.number]))
            cells = [neutral(_text(row, column)) for column in columns]
            writer.writerow([*cells, neutral(said)])
    return buffer.getvalue()


def _by_row(table: PageTable, rejects: Rejects) -> Found:
    numbers = {table.table.place(row.number): row.number for row in table.rows}
    found: Found = {}
    for record, faults in rejects.entries:
        found.setdefault(numbers[record.place], []).extend((record, one) for one in faults)
    return found


def _wrong_row(table: PageTable, row: GridRow, found: Sequence[tuple[Record, Fault]]) -> WrongRow:
    columns = [column for column in table.table.columns if column.field]
    known = {column.field for column in columns}
    beside = [one for _record, one in found if one.at[0] not in known]
    cells = []
    for column in columns:
        of_cell = [pair for pair in found if pair[1].at[0] == column.field]
        text = _text(row, column)
        cells.append(
            WrongCell(
                name=f"cell-{row.number}-{column.index}",
                label=str(LABELS[column.field]),
                text=text,
                # A problem of the whole row can be mended in any of its cells.
                is_open=bool(of_cell or beside) or column.field in REQUIRED,
                complaints=list(_complaints(row, column, text, of_cell)),
            )
        )
    return WrongRow(row.number, cells, [*dict.fromkeys(one.sentence for one in beside)])


def _complaints(
    row: GridRow, column: MappedColumn, text: str, found: Sequence[tuple[Record, Fault]]
) -> Iterator[Complaint]:
    seen: set[str] = set()
    for record, one in found:
        if one.sentence not in seen:
            seen.add(one.sentence)
            key = f"{row.number}-{column.index}"
            became = _corrected(text, record, one) if one.suggestion else ""
            yield Complaint(one.sentence, one.suggestion, f"{key} {became}" if became else "")


def _corrected(text: str, record: Record, one: Fault) -> str:
    """Return a cell with one fault corrected: in the whole cell, or in one of its origins."""
    written = record.written.get(one.at[0])
    if isinstance(written, str) and written in text:
        return text.replace(written, one.suggestion, 1)
    return one.suggestion


def _text(row: GridRow, column: MappedColumn) -> str:
    return "".join(map(typed_text, row.cells[column.index : column.index + 1]))
