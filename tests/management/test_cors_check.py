"""`cors_check`: exit status, text for people, JSON for programs."""

import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import make_site

pytestmark = pytest.mark.django_db

APP = "https://app.example.com"


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


def run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Run the command; return its exit status and what it printed."""
    status = 0
    try:
        call_command("cors_check", *options)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, capsys.readouterr().out


def test_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP])

    assert run(capsys) == (0, "errors: 0, warnings: 0, notes: 0\n")


def test_problems_tenant_by_tenant(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP], paths=[])
    make_site(
        "rival", origins=[APP, *({"pattern": APP, "scope": scope} for scope in ("/api/", "/"))]
    )

    status, text = run(capsys)

    assert status == 1
    assert re.sub(r": .*(?= \()", "", text) == (
        "acme\n"
        "  error    tenant acme (tenant-without-rule)\n"
        "rival\n"
        "  warning  origin https://app.example.com (/) (redundant-origin)\n"
        "  warning  origin https://app.example.com (/api/) (redundant-origin)\n"
        "errors: 1, warnings: 2, notes: 0\n"
    )


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param([], 1, id="warnings count"),
        pytest.param(["--fail-level=error"], 0, id="unless asked not to"),
    ],
)
def test_the_lowest_level_that_fails(
    capsys: pytest.CaptureFixture[str], options: list[str], status: int
) -> None:
    make_site(origins=[APP, {"pattern": APP, "scope": "/api/"}])

    assert run(capsys, *options)[0] == status


def test_errors_always_fail(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP], paths=[])

    assert run(capsys, "--fail-level=error")[0] == 1


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP], paths=[])

    status, text = run(capsys, "--format=json", "--tenant=acme")

    assert status == 1
    found = json.loads(text)
    (problem,) = found.pop("problems")
    assert found == {"errors": 1, "warnings": 0, "notes": 0}
    assert problem.pop("message").endswith(".")
    assert problem == {
        "tenant": "acme",
        "kind": "tenant",
        "name": "acme",
        "code": "tenant-without-rule",
        "level": "error",
    }


def test_an_unknown_tenant_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(is_active=False)

    with pytest.raises(CommandError, match="'acme'") as caught:
        run(capsys, "--tenant=acme")

    assert caught.value.returncode == 2


def test_missing_tables_are_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_tenant RENAME TO gone")

    with pytest.raises(CommandError, match="corsadmin_tenant") as caught:
        run(capsys)

    assert caught.value.returncode == 2
