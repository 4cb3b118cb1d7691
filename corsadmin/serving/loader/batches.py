"""Read tenants in batches that the database joins into one row each."""

from collections.abc import Generator, Iterator
from contextlib import closing

from django.db import OperationalError

from corsadmin.serving.loader import sql
from corsadmin.serving.loader.columns import Batch
from corsadmin.serving.loader.joined_texts import JoinedRow, JoinedTexts
from corsadmin.serving.loader.row_by_row import Range, RowByRowReader

JoinedRows = Generator[tuple[Range, JoinedRow | None], None, None]


class BatchReader(RowByRowReader):
    """Reads one row of joined texts after the other, and torn ranges row by row."""

    def batches(self) -> Iterator[Batch]:
        """Yield the tenants stamped since the known generation, or all active ones."""
        texts = JoinedTexts(self._yielder, self._connection.timezone)
        torn = []
        with closing(self._joined()) as rows:
            for of, row in rows:
                columns = None if row is None else texts.split(row)
                if columns is None:
                    torn.append(of)
                else:
                    yield from columns.batches(self._yielder)
        # Not earlier: while PostgreSQL streams, its connection can answer nothing else.
        for of in torn:
            yield from self._row_by_row(of)

    def _joined(self) -> JoinedRows:
        """Yield each range with its row, or None if the database cannot join it."""
        statement = sql.JOINED[self._connection.vendor]
        for of in self._ranges():
            try:
                (row,) = self._rows(statement, of)
            except OperationalError:
                if self._connection.vendor != "sqlite":
                    raise
                row = None  # SQLite may store bytes in a text column, and cannot join them
            yield of, row
