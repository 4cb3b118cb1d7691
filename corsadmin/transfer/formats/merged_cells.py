"""Fill merged cells downwards: a workbook stores their value in the first row, and it means all."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from openpyxl.utils.cell import column_index_from_string

from corsadmin.transfer.formats.grid import MAX_COLUMNS

_AREA: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")

CellRow = tuple[int, dict[int, object]]


def fill_down(rows: Iterable[CellRow], areas: Iterable[str]) -> Iterator[CellRow]:
    """Yield the rows, with the value of a merged area in each row of its first column.

    An otherwise empty row stays unchanged. `rows` are pairs of a number and the cells by
    column; `areas` are ranges such as `A5:A7`.
    """
    begins: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for column, first, last in filter(None, map(_downwards, areas)):
        begins[first].append((column, last))
    held: dict[int, tuple[int, object]] = {}
    for number, cells in rows:
        if any(cell not in (None, "") for cell in cells.values()):
            for column, (last, value) in held.items():
                if number <= last and cells.get(column) in (None, ""):
                    cells[column] = value
        for column, last in begins.get(number, ()):
            held[column] = (last, cells.get(column))
        yield number, cells


def _downwards(area: str) -> tuple[int, int, int] | None:
    """Return the column, first and last row of an area, None if it has only one row."""
    found = _AREA.fullmatch(area)
    if found is None:
        return None
    column, first, last = column_index_from_string(found[1]), int(found[2]), int(found[3])
    return (column, first, last) if first < last and column <= MAX_COLUMNS else None
