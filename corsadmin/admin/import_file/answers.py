"""The user's choices about a table: its columns, sheet and date order, and the mended cells."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.http import QueryDict
from django.utils import timezone

from corsadmin.transfer.formats.columns import HEADING
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tabular import whole_text

MAX_MENDED: Final = 1_000_000  # characters
MAX_DONE: Final = 50_000  # characters: the numbers of all rows that a page takes
IGNORED: Final = ""
ORDERS: Final = {"day": True, "month": False}
_COLUMN: Final = re.compile(r"column-(\d{1,3})", re.ASCII)
_CELL: Final = re.compile(r"cell-(\d{1,7})-(\d{1,3})", re.ASCII)
_NUMBER: Final = re.compile(r"\b\d{1,7}\b", re.ASCII)
_KEY: Final = re.compile(r"(\d{1,7})-(\d{1,3})", re.ASCII)

Cells = Mapping[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class TableAnswers:
    """The choices that the page carries from one preview to the next.

    `mended` are rewritten cells, by the numbers of their rows and columns. `typed` are the cells in
    the page's fields, changed or not. `done` are the numbers of rows that were imported before.
    """

    columns: Mapping[int, str] = field(default_factory=dict)
    heading: int = 0
    sheet: str = ""
    dates: str = ""
    mended: Cells = field(default_factory=dict)
    typed: Cells = field(default_factory=dict)
    done: frozenset[int] = frozenset()

    @classmethod
    def of(cls, sent: QueryDict) -> "TableAnswers":
        """Return the choices in a form, ignoring values that the page does not offer."""
        texts = {name: text for name, text in sent.items() if isinstance(text, str)}
        sheet = texts.get("sheet", "")
        if sheet != texts.get("shown_sheet", sheet):
            # What was chosen for the rows and columns of one sheet does not apply to another.
            return cls(sheet=sheet)
        heading = texts.get("heading", "")
        return cls(
            columns={
                int(found[1]): text
                for name, text in texts.items()
                if (found := _COLUMN.fullmatch(name)) and text in (IGNORED, *HEADING)
            },
            heading=int(heading) if re.fullmatch(r"\d{1,7}", heading, re.ASCII) else 0,
            sheet=sheet,
            dates=texts["dates"] if texts.get("dates") in ORDERS else "",
            mended=dict(_carried(texts.get("mended", ""))),
            typed={
                (int(found[1]), int(found[2])): text
                for name, text in texts.items()
                if (found := _CELL.fullmatch(name))
            },
            done=frozenset(map(int, _NUMBER.findall(texts.get("done", "")[:MAX_DONE]))),
        )

    def with_cells(self, cells: Cells) -> "TableAnswers":
        """Return the answers with more cells mended: those of the first rows, while there is room.

        A row of which only some cells were mended could be valid, and mean something else.
        """
        mended = dict(self.mended)
        room = MAX_MENDED - len(self.carried)
        for _row, places in groupby(sorted(cells), itemgetter(0)):
            new = {place: cells[place] for place in places}
            old = {place: mended[place] for place in new.keys() & mended.keys()}
            room -= len(_written(new)) - len(_written(old))
            if room < 0:
                break
            mended |= new
        return replace(self, mended=mended, typed={})

    def without(self, rows: Iterable[int]) -> "TableAnswers":
        """Return the answers after the import of these rows as well."""
        done = self.done | set(rows)
        mended = {place: text for place, text in self.mended.items() if place[0] not in done}
        return replace(self, mended=mended, done=done)

    def choices(self, into: str) -> TableChoices:
        """Return how to read the table. `into` is the tenant for a table that names none."""
        return TableChoices(
            columns=dict(self.columns.items()),
            heading=self.heading,
            sheet=self.sheet,
            day_first=ORDERS.get(self.dates),
            zone=timezone.get_current_timezone(),
            into=into,
            mended=self.mended,
        )

    @property
    def carried(self) -> str:
        """The mended cells in the form that the page carries."""
        return _written(self.mended)

    @property
    def carried_done(self) -> str:
        """The rows that were imported before, in the form that the page carries."""
        return ",".join(map(str, sorted(self.done)))


def place_of_cell(text: str) -> tuple[int, int] | None:
    """Return the row and column numbers in a text from the page, or None if it is invalid."""
    found = _KEY.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _written(cells: Cells) -> str:
    """Return mended cells as a text, which is as long as those of its parts together."""
    named = {f"{row}-{column}": text for (row, column), text in sorted(cells.items())}
    return json.dumps(named, ensure_ascii=False) if named else ""


def _carried(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the mended cells that a page carried, ignoring forged values."""
    try:
        cells = json.loads(text[:MAX_MENDED]) if text else {}
    except (ValueError, RecursionError):
        return
    for key, value in cells.items() if isinstance(cells, dict) else ():
        place = place_of_cell(key)
        if place and isinstance(value, str):
            yield place, whole_text(value)
