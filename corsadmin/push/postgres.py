"""Hints through PostgreSQL itself: NOTIFY in the transaction of the change, LISTEN in a thread."""

from typing import Any, Final

from django.db import connections
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from corsadmin.connection import hang_up, own_connection
from corsadmin.push.listening import ListeningThread
from corsadmin.wake import bell

CHANNEL: Final = "corsadmin"


def notify(alias: str) -> None:
    """Hint to every listener when the open transaction commits; a rollback takes it back."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def listen(alias: str) -> "PostgresListener | None":
    """Start to listen; None with psycopg 2, which cannot wait for notifications."""
    return PostgresListener(alias) if is_psycopg3 else None


class PostgresListener(ListeningThread):
    """One connection that does nothing but wait.

    Not through a pooler that hands connections out by transaction: there LISTEN hears nothing,
    and the poll alone finds changes.
    """

    name = "PostgreSQL LISTEN"

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._connection: Any = None
        super().__init__()

    def reconnect(self) -> None:
        """Break the connection off, so that a new one is made."""
        hang_up(self._connection)

    def listen(self) -> None:
        """Listen first, then ring: a change in between is heard of twice, never not at all."""
        import psycopg  # noqa: PLC0415 (optional)

        parameters = own_connection(self._alias).get_connection_params()
        with psycopg.connect(**{**parameters, "autocommit": True}) as connection:
            self._connection = connection
            connection.execute(f"LISTEN {CHANNEL}")
            self.connected()
            # One generator for ever: a new one for each wait leaves gaps of half a second.
            for _hint in connection.notifies():
                bell.ring()
