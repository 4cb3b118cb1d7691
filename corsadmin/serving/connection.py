"""The database connection of our own threads: it gives up soon, so that no poll hangs."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.conf import in_test_environment

MAX_CONNECT_SECONDS: Final = 5
_POSTGRES: Final = {
    "connect_timeout": MAX_CONNECT_SECONDS,
    "prepare_threshold": None,  # several statements in one cannot be prepared
    # A machine that disappears silently is noticed after about eleven seconds.
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_MYSQL: Final = {"connect_timeout": MAX_CONNECT_SECONDS, "read_timeout": 30, "write_timeout": 30}
_OPTIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "postgresql": _POSTGRES,
    "mysql": _MYSQL,
    "sqlite": {"timeout": MAX_CONNECT_SECONDS},
}
# The options that bound how long a statement waits.
_WAITS: Final = {"mysql": ("read_timeout", "write_timeout"), "sqlite": ("timeout",)}
SHARED: Final = (
    "threads share their connections, because Python was patched after Django was imported. Let"
    " gevent patch it first, in gunicorn.conf.py; see docs/operations/servers.md."
)


def require_own(alias: str) -> None:
    """Raise an error unless each thread gets a connection of its own to this alias.

    If gevent patched Python after Django was imported, all threads share one connection, and Django
    lets only the thread that made it use it.
    """
    here = connections[alias]  # raises if the alias is unknown
    found: list[BaseDatabaseWrapper] = []
    thread = threading.Thread(target=lambda: found.append(connections[alias]))
    thread.start()
    thread.join()
    if found == [here]:
        raise ImproperlyConfigured(SHARED)


@contextlib.contextmanager
def uncounted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Keep `assertNumQueries` from counting the queries made inside.

    A project's tests count the queries of its pages. The middleware makes queries in tests only.
    """
    counted, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = counted


def forbids_queries(error: Exception) -> bool:
    """Report whether an error says that the running test may not query the database.

    Django's `SimpleTestCase` raises an AssertionError then, pytest-django a RuntimeError. Neither
    comes from a database.
    """
    return isinstance(error, (AssertionError, RuntimeError)) and in_test_environment()


class HasSocket(Protocol):
    """A driver's connection over a network."""

    def fileno(self) -> int:
        """Return the number of its socket."""


def own_connection(alias: str, max_seconds: int | None = None) -> BaseDatabaseWrapper:
    """Return a new, unopened connection with short timeouts and outside every pool.

    `max_seconds` bounds how long a statement waits. On PostgreSQL each transaction must set that
    bound itself, because its connection may be a pooler's.
    """
    connection = connections.create_connection(alias)
    given = connection.settings_dict
    options = {key: value for key, value in given["OPTIONS"].items() if key != "pool"}
    options.update(_OPTIONS.get(connection.vendor, {}))
    if max_seconds is not None:
        options.update(dict.fromkeys(_WAITS.get(connection.vendor, ()), max_seconds))
    connection.settings_dict = {**given, "AUTOCOMMIT": True, "OPTIONS": options}
    return connection


def abort_connection(connection: HasSocket | None) -> None:
    """Abort a connection that another thread is waiting on: its wait ends with an error.

    A server that is suspended, or that outlives a failover, neither answers nor closes connections.
    """
    if connection is None or not hasattr(connection, "fileno"):
        return
    # Whatever has happened to the connection by now, its own thread deals with that. This closes a
    # copy of the file descriptor, so that the owner's stays valid.
    with (
        contextlib.suppress(Exception),
        socket.socket(fileno=os.dup(connection.fileno())) as copy,
    ):
        copy.shutdown(socket.SHUT_RDWR)
