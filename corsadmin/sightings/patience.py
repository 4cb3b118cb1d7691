"""Read sightings during a save: never for long, and never at the cost of the save."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connections, transaction

from corsadmin.models.database import in_transaction

MAX_WAIT: Final = "500ms"
_READ: Final = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
_SET: Final = (
    "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)"
)


@contextmanager
def impatient(alias: str) -> Iterator[None]:
    """Let statements fail that wait long; such an error leaves an open transaction intact.

    On SQLite a reader never waits here: the saving connection already has the database.
    """
    connection = connections[alias]
    if connection.vendor == "postgresql":
        goes_on = in_transaction(connection)  # a transaction of its own ends the time-outs
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            before = None
            if goes_on:
                cursor.execute(_READ)
                before = cursor.fetchone()
            cursor.execute(_SET, (MAX_WAIT, MAX_WAIT))
            yield
            if before is not None:
                cursor.execute(_SET, before)
    else:
        yield
