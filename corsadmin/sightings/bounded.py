"""Reads and transactions of a bounded number of rows, in statements that never wait long."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import connections, transaction

from corsadmin.models.database import in_transaction

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Item = TypeVar("Item")

MAX_ROWS: Final = 500  # written in one transaction, or named in one query
MAX_STATEMENT_MILLISECONDS: Final = 5_000


@contextmanager
def bounded_transaction(alias: str) -> Iterator[None]:
    """Open a transaction in which no statement waits long; inside the caller's, a savepoint.

    On SQLite and MySQL the connection itself bounds how long a statement waits.
    """
    connection = connections[alias]
    is_outermost = not in_transaction(connection)
    with transaction.atomic(using=alias):
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {MAX_STATEMENT_MILLISECONDS}")
        yield


def read_bounded(rows: "QuerySet[Model, Item]") -> list[Item]:
    """Return the rows of a query, which may not wait long.

    On SQLite it opens no transaction, which might keep everybody else from writing.
    """
    if connections[rows.db].vendor != "postgresql":
        return list(rows)
    with bounded_transaction(rows.db):
        return list(rows)


def in_slices(items: Sequence[Item], size: int = MAX_ROWS) -> Iterator[Sequence[Item]]:
    """Yield the items in order, `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
