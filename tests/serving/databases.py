"""A database of its own for each test, in the place of Django's default one."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections

from tests.databases import Postgres

ROOT: Final = Path(__file__).parents[2]
KEPT: Final = ROOT / "build" / "migrated"


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


@cache
def migrating_code() -> str:
    """Return a digest of all that may decide what a migrated database holds."""
    digest = hashlib.sha256()
    for package in ("Django", "django-simple-history"):
        digest.update(f"{package} {version(package)}\n".encode())
    for folder in ("corsadmin", "project"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def migrate(settings: dict[str, Any]) -> None:
    """Migrate an empty database, which takes seconds."""
    with alias_leads_to(settings):
        call_command("migrate", verbosity=0)


def copy_of_kept(file: Path) -> None:
    """Copy the SQLite file that was migrated once for this code, in whichever run and process."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{migrating_code()}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():  # pragma: no cover (an earlier run, or another process, made it)
            for older in KEPT.glob("*.sqlite3"):
                older.unlink()
            migrate(sqlite_settings(file))
            # Whole or not at all, should the run end here.
            shutil.copyfile(file, kept.with_suffix(".part"))
            kept.with_suffix(".part").rename(kept)
        shutil.copyfile(kept, file)


class Templates:
    """Migrated databases, made once, to be copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"template_{uuid4().hex[:12]}"  # another folder's tests may share the server
        self.count = 0
        self._postgres: set[int] = set()

    def sqlite_template(self) -> Path:
        """Return the migrated SQLite file from which the others are copied."""
        template = self.folder / "template.sqlite3"
        if not template.exists():
            copy_of_kept(template)
        return template

    def sqlite(self) -> Database:
        """Return a new migrated SQLite database."""
        self.count += 1
        file = self.folder / f"test-{self.count}.sqlite3"
        shutil.copyfile(self.sqlite_template(), file)
        return Database("sqlite", f"sqlite:///{file}", sqlite_settings(file))

    def postgres(self, server: Postgres) -> Database:
        """Return a new migrated database of a server."""
        if server.port not in self._postgres:
            server.execute(f"CREATE DATABASE {self.name}")
            migrate(server.settings(self.name))
            self._postgres.add(server.port)
        self.count += 1
        name = f"{self.name}_{self.count}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE {self.name}")
        return Database("postgresql", server.url(name), server.settings(name))
