"""A table of origins: find and interpret its heading, then turn its rows into records."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.grid import MAX_COLUMNS, Grid, GridRow
from corsadmin.transfer.formats.headings import (
    MAX_HEAD,
    MappedColumn,
    find_heading,
    heading_faults,
    map_columns,
)
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tabular import RowReader, visible_text
from corsadmin.transfer.formats.tenant_names import TenantNames
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault, fault

_BATCH: Final = 500  # rows whose tenants are looked up together


class OriginTable:
    """A table whose heading has been read. `faults` say what must be decided before its rows are.

    The constructor raises BrokenTextError.
    """

    def __init__(self, grid: Grid, choices: TableChoices, names: TenantNames) -> None:
        self.grid = grid
        self._choices = choices
        self._names = names
        # The error that ends the reading. It is raised after the rows before it.
        self._broken: list[BrokenTextError] = []
        self._rows = grid.rows()
        self._head = list(islice(_unbroken(self._rows, self._broken), MAX_HEAD))
        for error in self._broken if not self._head else ():
            raise error
        chosen = [row.number == choices.heading for row in self._head]
        index, _likeness = (
            (chosen.index(True), 0)
            if any(chosen)
            else find_heading([_texts(row) for row in self._head])
        )
        heading = self._head[index] if self._head else GridRow(1, [])
        self.number = heading.number
        self._place = f"{grid.word} {heading.number}"
        cells = _without_end(_texts(heading))
        if len(cells) > MAX_COLUMNS:
            raise BrokenTextError(self._place, _("the heading has too many columns"))
        self._head = self._head[index + 1 :]
        self.columns: list[MappedColumn] = map_columns(cells, choices.columns)
        self.faults: list[Fault] = [
            *grid.faults,
            *_strangers(cells, choices, self._place),
            *heading_faults(self.columns, self._place, into=choices.into, strict=choices.strict),
        ]

    def place(self, number: int) -> str:
        """Return the place of a row for a fault, such as `line 3`."""
        return f"{self.grid.word} {number}"

    def rows(self) -> Iterator[GridRow]:
        """Yield the rows below the heading, once. Raises BrokenTextError."""
        for row in chain(self._head, self._rest()):
            yield self.mended(row, self._choices.mended) if self._choices.mended else row

    def mended(self, row: GridRow, cells: Mapping[tuple[int, int], str]) -> GridRow:
        """Return a row with corrected cells, by row number and column index; padded if any apply."""
        places = [(row.number, index) for index in range(len(self.columns))]
        if not any(place in cells for place in places):
            return row
        held = [*row.cells, *[""] * len(places)]
        return row._replace(cells=[cells.get(place, held[place[1]]) for place in places])

    def records(self, rows: Iterable[GridRow] | None = None) -> Iterator[Record | Fault]:
        """Yield every origin of these rows, or of all rows; if the heading has faults, only those.

        Raises BrokenTextError after the rows before the broken one.
        """
        if self.faults:
            yield from self.faults
            return
        reader = RowReader(self.columns, self._choices, self._names)
        left = iter(self.rows() if rows is None else rows)
        broken: list[BrokenTextError] = []
        is_more = True
        while is_more:
            batch = list(islice(_unbroken(left, broken), _BATCH))
            is_more = len(batch) == _BATCH
            found = [self._padded(row) for row in batch]
            tenants = [reader.tenant_of(cells) for cells, _faults in found]
            self._names.learn({*tenants})
            for row, tenant, (cells, faults) in zip(batch, tenants, found, strict=True):
                for record in reader.read(cells, tenant, self.place(row.number)):
                    yield replace(record, faults=faults) if faults else record
        for error in broken:
            raise error

    def _rest(self) -> Iterator[GridRow]:
        for error in self._broken:
            raise error
        yield from self._rows

    def _padded(self, row: GridRow) -> tuple[list[object], tuple[Fault, ...]]:
        """Return a cell for each heading, and the fault of a row with another number of cells."""
        expected = len(self.columns)
        if len(row.cells) == expected:
            return row.cells, ()
        cells = list(row.cells)
        while len(cells) > expected and cells[-1] in (None, ""):
            cells.pop()
        faults: tuple[Fault, ...] = ()
        if self.grid.is_ragged and len(cells) != expected:
            counts = f"{len(cells)} cells, not {expected}"
            faults = (fault(self.place(row.number), "cell-count", counts),)
        return [*cells, *[None] * (expected - len(cells))], faults


def _strangers(cells: list[str], choices: TableChoices, place: str) -> Iterator[Fault]:
    names = {" ".join(name.split()) for name in cells}
    for name in choices.columns:
        if isinstance(name, str) and name not in names:
            yield fault(place, "column-unknown", name)


def _unbroken(rows: Iterator[GridRow], broken: list[BrokenTextError]) -> Iterator[GridRow]:
    """Yield rows until reading fails; the error is added to `broken`."""
    try:
        # Not "yield from": closing this generator must not close the rows.
        for row in rows:  # noqa: UP028
            yield row
    except BrokenTextError as error:
        broken.append(error)


def _texts(row: GridRow) -> list[str]:
    return [visible_text(cell).strip() for cell in row.cells]


def _without_end(names: list[str]) -> list[str]:
    while names and not names[-1]:
        names = names[:-1]
    return names
