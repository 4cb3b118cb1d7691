"""Test suites of users' projects, run as users run them: nothing of ours is left behind."""

import re
from pathlib import Path
from typing import Final

import psycopg
import pytest

from tests.databases import Postgres
from tests.projects import Project, sqlite
from tests.servers import ROOT
from tests.suites.users import POLICY, PYTEST, PYTEST_INI, SUITE

pytestmark = pytest.mark.slow

NAME: Final = "users_own"
DJANGO: Final = ["-m", "django", "test"]
PARALLEL: Final = [*DJANGO, "--parallel", "2"]
PYTEST_DJANGO: Final = [
    *("-W", "error", "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider")
]
# In parallel, Django makes and drops the database that one process would use, and its copies.
# What a project has set for production must not matter to its tests.
OWN_PACE: Final = 'CORSADMIN = {**CORSADMIN, "REFRESH_SECONDS": 2.0}\n'


@pytest.mark.parametrize(
    ("command", "kind", "settings"),
    [
        pytest.param(PARALLEL, "postgres", "", id="PostgreSQL in parallel"),
        pytest.param(PYTEST_DJANGO, "postgres", OWN_PACE, id="PostgreSQL, pytest-django, own pace"),
        pytest.param(DJANGO, "sqlite", OWN_PACE, id="SQLite in memory"),
        pytest.param(PYTEST_DJANGO, "sqlite", "", id="SQLite and pytest-django"),
    ],
)
def test_a_suite_passes_and_its_database_is_dropped(
    command: list[str], kind: str, settings: str, tmp_path: Path, postgres: Postgres
) -> None:
    database = sqlite(tmp_path) if kind == "sqlite" else postgres.settings(NAME)
    project = Project(tmp_path, {"default": database}, settings)
    project.write("policy.py", POLICY)
    project.write("tests.py", SUITE)
    project.write("test_with_pytest.py", PYTEST)
    project.write("test_as_documented.py", documented())
    project.write("pytest.ini", PYTEST_INI)

    printed = project.python(*command)

    assert "passed" in printed or "OK\n" in printed
    assert "being accessed by other users" not in printed
    assert databases(postgres) == []


def documented() -> str:
    """Return the test that docs/settings.md shows."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    (found,) = re.findall(
        r"^```python\n(from django\.test .*?)^```", page, re.DOTALL | re.MULTILINE
    )
    return str(found)


def databases(server: Postgres) -> list[str]:
    """Return the databases of users' tests that are still there."""
    where = f"host=127.0.0.1 port={server.port} user=cors dbname=postgres"
    with psycopg.connect(where) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"test_{NAME}"]
        )
        return [name for (name,) in rows]
