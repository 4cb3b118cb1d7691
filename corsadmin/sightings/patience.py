"""Read sightings inside somebody's save: never for long, and never at the cost of the save."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connections, transaction

MAX_WAIT_MILLISECONDS: Final = 500


@contextmanager
def impatient(alias: str) -> Iterator[None]:
    """Let statements fail that wait long; what fails inside leaves an open transaction intact.

    On SQLite a reader waits for nobody here: who saves has the database already.
    """
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            names = ("lock_timeout", "statement_timeout")
            cursor.execute("SELECT current_setting(%s), current_setting(%s)", names)
            before = cursor.fetchone()
            for name in names:
                cursor.execute(
                    "SELECT set_config(%s, %s, true)", (name, f"{MAX_WAIT_MILLISECONDS}")
                )
            yield
            for name, value in zip(names, before, strict=True):
                cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
    else:
        yield
