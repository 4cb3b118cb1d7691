"""The database of the policies: its alias, and transactions in which all queries see one state."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.conf import config


def alias_for_writing() -> str:
    """Return the alias of the database that policies are written to, and read from."""
    return config().database or router.db_for_write(apps.get_model("corsadmin", "Tenant"))


def stored_moment(moment: datetime) -> datetime:
    """Return an aware moment as this site stores it: naive on a site without time zones."""
    return moment if settings.USE_TZ else moment.astimezone().replace(tzinfo=None)


def in_transaction(connection: BaseDatabaseWrapper) -> bool:
    """Report whether reads may see old or uncommitted rows. May raise the database's error."""
    return connection.in_atomic_block or not connection.get_autocommit()


@contextmanager
def one_state(using: str) -> Iterator[None]:
    """Open a transaction in which every query sees the same state of the database.

    Inside a transaction of the caller, only a savepoint is opened, and the caller's state is read.
    On a connection that threads share (Django's live server on SQLite in memory), nothing is
    opened: a rollback would also undo what another thread has written.
    """
    connection = connections[using]
    if connection.allow_thread_sharing:
        yield
    elif in_transaction(connection):
        with transaction.atomic(using=using):
            yield
    elif connection.vendor == "sqlite":
        with _deferred(connection):
            yield
    else:
        if connection.vendor == "mysql":
            _of_one_state(connection)  # MySQL must know before the transaction begins
        with transaction.atomic(using=using):
            if connection.vendor == "postgresql":
                _of_one_state(connection)
            yield


def _of_one_state(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextmanager
def _deferred(connection: BaseDatabaseWrapper) -> Iterator[None]:
    # Not atomic(): with transaction_mode IMMEDIATE it would queue up behind every writer.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        # Bytes that cannot be decoded must not keep all the other rows from being read.
        connection.connection.text_factory = _lenient
        try:
            yield
        finally:
            connection.connection.text_factory = str
            cursor.execute("ROLLBACK")


def _lenient(raw: bytes) -> str:
    return raw.decode(errors="replace")
