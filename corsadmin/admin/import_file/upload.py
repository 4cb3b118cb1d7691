"""What the import page received: a form and, for a table, the user's choices about it."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from io import BytesIO

from django.http import HttpRequest

from corsadmin.admin.import_file.answers import TableAnswers, place_of_cell
from corsadmin.admin.import_file.forms import ALL, TEXT, ImportForm
from corsadmin.admin.import_file.mending import corrections
from corsadmin.admin.import_file.tables import MAX_ROWS, PageTable, TooManyRowsError
from corsadmin.models.access import access
from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.formats.rejects import Rejects
from corsadmin.transfer.formats.tables import TABLES
from corsadmin.transfer.importing import Choices, Import, plan_import, plan_text
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault

# One correction may reveal the next problem.
_MAX_ROUNDS = 5


class Upload:
    """A valid form, with its table, which is read on first use."""

    def __init__(self, request: HttpRequest, form: ImportForm, answers: TableAnswers) -> None:
        self.form = form
        self.answers = answers
        self._access = access(request)
        self._table: PageTable | None = None

    @classmethod
    def of(cls, request: HttpRequest, form: ImportForm) -> "Upload":
        """Return what a request sends. A new file starts without answers."""
        answers = TableAnswers() if request.FILES else TableAnswers.of(request.POST)
        return cls(request, form, answers)

    @property
    def table(self) -> PageTable | None:
        """The table, or None for another format. Raises TransferError if it cannot be read."""
        given = self.form.cleaned_data
        if self._table is None and given["format"] in TABLES:
            self._table = PageTable(
                self.form.content, given["format"], self.answers, given["into"], self._access
            )
        return self._table

    @property
    def is_full(self) -> bool:
        """Whether the page could not carry all corrections of the table, which was read before."""
        return self._table is not None and self._table.is_full

    @property
    def entered(self) -> tuple[object, ...]:
        """The input that determines what is imported."""
        table = self.table
        return (*self.form.entered, *(table.entered if table else ()))

    def planned(self) -> AbstractContextManager[Import]:
        """Return a context manager that yields the plan. Raises TransferError."""
        given, table = self.form.cleaned_data, self.table
        choices = Choices(
            format=given["format"],
            prune=given["prune"],
            fix=ALL in given["accepted"],
            accepted=given["accepted"],
            # The valid rows of a table need not wait until the others are mended.
            skip_invalid=table is not None,
            access=self._access,
            bounds=PAGE,
        )
        if table:
            return table.planned(choices, _at_most)
        if given["format"] == TEXT:
            return plan_text(BytesIO(self.form.content), given["into"], choices, watch=_at_most)
        return plan_import(BytesIO(self.form.content), choices, watch=_at_most)

    def take(self, correction: str) -> None:
        """Apply the correction of a cell, or all corrections. Raises TransferError."""
        table = self.table
        if table is None:
            return
        if correction != ALL:
            where, _space, text = correction.partition(" ")
            place = place_of_cell(where)
            if place:
                table.mend({place: text})
            return
        for _round in range(_MAX_ROUNDS):
            with self.planned() as made:
                found = corrections(table, made.rejects)
            if not found or table.is_full:
                return
            table.mend(found)

    def left(self, request: HttpRequest, rejects: Rejects) -> "Upload | None":
        """Return what is left of a table once its valid rows are imported, or None for nothing."""
        table = self.table
        if table is None or not rejects.entries:
            return None
        wrong = {record.place for record, _faults in rejects.entries}
        good = [row.number for row in table.rows if table.table.place(row.number) not in wrong]
        return Upload(request, self.form, table.answers.without(good))


def _at_most(entries: Iterable[Record | Fault]) -> Iterator[Record | Fault]:
    for number, entry in enumerate(entries):
        if number == MAX_ROWS:
            raise TooManyRowsError(())
        yield entry
