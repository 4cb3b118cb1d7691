"""The ways in and out, walked as the pages describe them, in a project of their own."""

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from tests.messages.screens import assert_says, text
from tests.projects import Project, sqlite
from tests.servers import ROOT

pytestmark = pytest.mark.slow

OLD: Final = "https://old.example.com"
NEW: Final = "https://new.example.com"
CORS_HEADERS: Final = f"""
INSTALLED_APPS = ["corsheaders", *INSTALLED_APPS[2:]]
MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *MIDDLEWARE[1:-1]]
CORS_ALLOWED_ORIGINS = [{OLD!r}]
CORS_ALLOW_METHODS = ["GET", "PUT"]
"""
ASK: Final = """
import sys
import django
django.setup()
from django.test import Client
old, new, *paths = sys.argv[1:]
for path in paths:
    for origin in (old, new):
        client = Client(headers={"host": "localhost", "origin": origin})
        preflight = {"access-control-request-method": "PUT"}
        for answer in (client.get(path), client.options(path, headers=preflight)):
            print("allowed:", answer.headers.get("Access-Control-Allow-Origin"))
"""
BEFORE: Final = "0012"  # the migration before the last
LEFT: Final = """
import django
django.setup()
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'corsadmin'")
    (applied,) = cursor.fetchone()
names = ("corsadmin", "simple_history")
print(
    sum(name.startswith("corsadmin") for name in connection.introspection.table_names()),
    ContentType.objects.filter(app_label__in=names).count(),
    Permission.objects.filter(content_type__app_label__in=names).count(),
    applied,
)
"""


def page(name: str, heading: str) -> tuple[list[str], list[list[str]]]:
    """Return the Python blocks of a section, and the arguments of its commands."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^ *```(python|console)\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)
    python = [dedent(block) for kind, block in blocks if kind == "python"]
    console = [
        line.strip().removeprefix("$ python manage.py ").split()
        for kind, block in blocks
        if kind == "console"
        for line in block.splitlines()
    ]
    return python, console


def assert_answers(project: Project, allowed_origins: Mapping[str, set[str]]) -> None:
    """Assert whom a GET and a preflight allow on each path, the old origin and then the new one."""
    printed = project.python("-c", ASK, OLD, NEW, *allowed_origins)
    expected = [
        origin if origin in allowed else "None"
        for allowed in allowed_origins.values()
        for origin in (OLD, OLD, NEW, NEW)
    ]
    assert re.findall(r"^allowed: (.+)$", printed, re.MULTILINE) == expected


def test_in_path_by_path(tmp_path: Path) -> None:
    (settings,), commands = page("moving-in/django-cors-headers.md", "Move path by path")
    project = Project(tmp_path, {"default": sqlite(tmp_path)}, CORS_HEADERS)
    project.add_settings(settings)
    *before, load = commands

    printed = project.manage_all(*before)

    assert "corsadmin.W008" in printed
    assert "corsadmin.E" not in printed
    assert_answers(project, {"/api/orders": {OLD}})

    file = tmp_path / "policies.json"
    converted = file.read_text(encoding="utf-8")
    assert '"path": "/"' in converted
    project.write(
        "policies.json", converted.replace('"path": "/"', '"path": "/api/"').replace(OLD, NEW)
    )
    project.manage(*load)

    assert_answers(project, {"/api/orders": {NEW}, "/old/orders": {OLD}})
    assert "corsadmin.E003" in project.manage("check", "--deploy", status=1)

    project.add_settings(
        'INSTALLED_APPS.remove("corsheaders")\n'
        'MIDDLEWARE.remove("corsheaders.middleware.CorsMiddleware")\n'
    )
    found = re.findall(r"corsadmin\.\w+", project.manage("check", "--deploy"))
    assert set(found) <= {"corsadmin.W010"}  # it is about the Python that runs the tests
    assert_answers(project, {"/api/orders": {NEW}, "/old/orders": set()})


def test_out(tmp_path: Path, migrated_file: Path) -> None:
    _python, (zero, remove) = page("operations/deploying.md", "Removing corsadmin")
    project = Project(tmp_path, {"default": sqlite(tmp_path, migrated_file)})
    tables, types, permissions, applied = map(int, project.python("-c", LEFT).split())
    assert min(tables, types, permissions, applied) > 0

    project.manage(*zero)
    assert_answers(project, {"/api/orders": set()})
    project.add_settings(
        "INSTALLED_APPS = INSTALLED_APPS[2:]\nMIDDLEWARE = MIDDLEWARE[1:-1]\ndel CORSADMIN\n"
    )

    left = project.python("-c", LEFT)
    assert left.split() == ["0", str(types), str(permissions), "0"]
    project.manage(*remove)
    assert project.python("-c", LEFT).split() == ["0", "0", "0", "0"]
    assert "no issues" in project.manage_all(["check"], ["migrate"])
    assert_answers(project, {"/api/orders": set()})


def test_out_in_the_wrong_order_is_only_a_warning(tmp_path: Path, migrated_file: Path) -> None:
    """The middleware first: every command still runs. One migration stands for all."""
    database = sqlite(tmp_path, migrated_file)
    project = Project(tmp_path, {"default": database}, "MIDDLEWARE = MIDDLEWARE[1:]\n")

    assert "corsadmin.W007" in project.manage_all(["check"], ["migrate", "corsadmin", BEFORE])


GUNICORN: Final = [
    *("-m", "gunicorn", "-b", "127.0.0.1:0"),
    "django.core.wsgi:get_wsgi_application()",
]
UVICORN: Final = [
    *("-m", "uvicorn", "--port", "0"),
    *("--factory", "django.core.asgi:get_asgi_application"),
]


@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param(GUNICORN, 3, id="gunicorn"),
        pytest.param([*GUNICORN, "--preload"], 1, id="gunicorn that loads before it forks"),
        pytest.param(UVICORN, 1, id="uvicorn"),
        pytest.param(["-m", "django", "runserver", "--noreload", "0"], 1, id="Django's server"),
        pytest.param(["-m", "django", "check"], 1, id="the checks, with the admin"),
    ],
)
def test_without_the_app_nothing_starts_and_the_setting_is_named(
    command: list[str], status: int, tmp_path: Path
) -> None:
    project = Project(
        tmp_path, {"default": sqlite(tmp_path)}, 'INSTALLED_APPS.remove("corsadmin")\n'
    )

    printed = project.python(*command, status=status)

    said = text("check-not-installed")
    assert f"django.core.exceptions.ImproperlyConfigured: {said}" in printed


def test_without_any_app_that_looks_at_middleware_djangos_server_says_it(tmp_path: Path) -> None:
    """No check imports the middleware then: the server does."""
    project = Project(
        tmp_path,
        {"default": sqlite(tmp_path)},
        'INSTALLED_APPS = []\nMIDDLEWARE = MIDDLEWARE[:1]\nROOT_URLCONF = "empty"\n',
    )
    project.write("empty.py", "urlpatterns = []\n")

    project.manage("check")

    printed = project.manage("runserver", "--noreload", "0", status=1)
    assert_says(printed, "check-not-installed")
