"""A database of its own for each test, in the place of Django's default one."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections

from tests.databases import Postgres


class Database(NamedTuple):
    """A database that Django's `default` alias leads to."""

    vendor: str
    url: str
    settings: dict[str, Any]


def sqlite_settings(file: Path) -> dict[str, Any]:
    """Return Django's settings for an SQLite file, as the demo site has them."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }


@contextmanager
def alias_leads_to(settings: dict[str, Any], alias: str = "default") -> Iterator[None]:
    """Make an alias lead to another database, in this thread and those that are started.

    What Django remembers of the keys in the one database is not true of the other.
    """
    complete = connections.configure_settings({"default": {}, alias: settings})[alias]
    there = connections.databases.get(alias)
    before = connections[alias] if there is not None else None
    connections.databases[alias] = complete
    connections[alias] = connections.create_connection(alias)
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        ContentType.objects.clear_cache()
        connections[alias].close()
        if there is None:
            del connections.databases[alias]
            del connections[alias]
        else:
            connections.databases[alias] = there
            connections[alias] = before  # type: ignore[assignment]


def kept_open(database: Database) -> AbstractContextManager[None]:
    """Make the default alias lead to a database whose connection no request closes.

    For tests of many requests: to connect costs as much as to answer one.
    """
    return alias_leads_to({**database.settings, "CONN_MAX_AGE": None})


@contextmanager
def locked_table() -> Iterator[None]:
    """On PostgreSQL, let every query for the counter wait."""
    line = connections.create_connection("default")
    line.set_autocommit(False)
    with line.cursor() as cursor:
        cursor.execute("LOCK TABLE corsadmin_generation IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        line.rollback()
        line.close()


class Templates:
    """Migrated databases, made once, to be copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"template_{uuid4().hex[:12]}"  # another folder's tests may share the server
        self.count = 0
        self._postgres: set[int] = set()

    def sqlite(self) -> Database:
        """Return a new migrated SQLite database."""
        template = self.folder / "template.sqlite3"
        if not template.exists():
            with alias_leads_to(sqlite_settings(template)):
                call_command("migrate", verbosity=0)
                connections["default"].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.count += 1
        file = self.folder / f"test-{self.count}.sqlite3"
        shutil.copyfile(template, file)
        return Database("sqlite", f"sqlite:///{file}", sqlite_settings(file))

    def postgres(self, server: Postgres) -> Database:
        """Return a new migrated database of a server."""
        if server.port not in self._postgres:
            server.execute(f"CREATE DATABASE {self.name}")
            with alias_leads_to(server.settings(self.name)):
                call_command("migrate", verbosity=0)
            self._postgres.add(server.port)
        self.count += 1
        name = f"{self.name}_{self.count}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE {self.name}")
        return Database("postgresql", server.url(name), server.settings(name))
