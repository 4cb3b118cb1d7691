"""Read all batches in one result of PostgreSQL, which joins the next ones while Python works."""

from collections.abc import Iterator
from typing import Any

from django.db.backends.utils import CursorWrapper

from corsadmin.serving.loader import sql
from corsadmin.serving.loader.batches import BatchReader, JoinedRows


class StreamReader(BatchReader):
    """Reads all rows of joined texts with one query. The transaction must be the reader's own."""

    def _joined(self) -> JoinedRows:
        with self._connection.cursor() as cursor:
            # For hundreds of thousands of tenants, JIT compilation takes longer than it saves.
            cursor.execute("SET LOCAL jit = off")
            rows: Any = cursor
            if hasattr(cursor.cursor, "stream"):  # not with psycopg 2
                rows = CursorWrapper(_Streaming(cursor.cursor), self._connection)
            rows.execute(self._complete(sql.STREAMED), {"since": self.since})
            for first, last, *row in rows:
                self._yielder.waited()
                yield (first, last), tuple(row)


class _Streaming:
    """A cursor of psycopg whose rows are read as they arrive, not once all are there."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._rows: Iterator[tuple[Any, ...]] = iter(())

    def execute(self, statement: str, parameters: object) -> None:
        self._rows = self._cursor.stream(statement, parameters)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows
