"""Fixtures of databases for one test each: copies of one that is migrated once in a run."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from pytest_django import DjangoDbBlocker

from tests.databases import Postgres, folder_for
from tests.serving.databases import Database, Templates, alias_leads_to

IN_MEMORY: Final = "file:memorydb_default?mode=memory&cache=shared"  # Django's test database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    templates: Templates,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Fill the test database before Django does: it finds nothing left to migrate."""
    with django_db_blocker.unblock():
        template = templates.sqlite_template()
    with closing(sqlite3.connect(IN_MEMORY, uri=True)) as memory:
        with closing(sqlite3.connect(template)) as source:
            source.backup(memory)
        yield


@pytest.fixture(scope="session")
def templates() -> Iterator[Templates]:
    """What the others are copied from: of the whole run, for to migrate takes seconds."""
    with folder_for("templates") as folder:
        yield Templates(Path(folder))


@pytest.fixture(scope="module")
def migrated_file(templates: Templates, django_db_blocker: DjangoDbBlocker) -> Path:
    """An SQLite file for processes of their own, which would take seconds to migrate one."""
    with django_db_blocker.unblock():
        return Path(templates.sqlite().settings["NAME"])


def open_database(found: Database, blocker: DjangoDbBlocker) -> Iterator[Database]:
    with blocker.unblock(), alias_leads_to(found.settings):
        yield found


@pytest.fixture
def sqlite(templates: Templates, django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    """An SQLite file behind the default alias; nothing is rolled back."""
    with django_db_blocker.unblock():
        found = templates.sqlite()
    yield from open_database(found, django_db_blocker)


@pytest.fixture
def postgresql(
    templates: Templates, postgres: Postgres, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """A PostgreSQL database behind the default alias; nothing is rolled back."""
    with django_db_blocker.unblock():
        found = templates.postgres(postgres)
    yield from open_database(found, django_db_blocker)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)],
)
def database(request: pytest.FixtureRequest) -> Database:
    """Each database that the app is promised for, one after the other."""
    found: Database = request.getfixturevalue(request.param)
    return found
