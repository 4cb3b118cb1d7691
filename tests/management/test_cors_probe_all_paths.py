"""`cors_probe --all-paths`: a table for people, JSON for programs, one exit status for all calls."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from corsadmin.management.commands.cors_probe import MAX_TEXT
from tests.messages.screens import filled, pattern, text
from tests.scripted import scripted_server

APP = "https://app.example.com"
ALLOWED = ("Access-Control-Allow-Origin", APP)
CALLS = "/orders\nPUT /orders\n/admin/\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def site() -> Iterator[str]:
    with scripted_server() as server:
        server.script = {
            "GET /orders": (200, [ALLOWED]),
            "OPTIONS /orders": (204, [ALLOWED, ("Access-Control-Allow-Methods", "PUT")]),
        }
        yield f"http://127.0.0.1:{server.server_address[1]}"


def survey(site: str, file: Path | str, *options: str) -> int:
    """Run the command; return its exit status."""
    try:
        call_command(
            "cors_probe",
            site,
            f"--origin={APP}",
            "--allow-private",
            f"--all-paths={file}",
            *options,
        )
    except SystemExit as end:
        return int(str(end.code))
    return 0


@pytest.mark.parametrize(
    ("calls", "status"),
    [
        pytest.param("/orders", 0, id="all allowed"),
        pytest.param(CALLS, 1, id="one blocked"),
        pytest.param("/orders\nPUT /orders", 2, id="one undecided"),
    ],
)
def test_exit_statuses(site: str, tmp_path: Path, calls: str, status: int) -> None:
    file = tmp_path / "paths.txt"
    file.write_text(calls, "utf-8")

    assert survey(site, file) == status


def test_the_table(site: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "paths.txt"
    file.write_text(CALLS, "utf-8")

    survey(site, file)

    not_sent = filled("probe-preflight-allowed", method="PUT") + " " + text("command-add-send")
    hidden = filled("probe-hidden", method="GET", status=404)
    assert capsys.readouterr().out == (
        f"""\
{site} from {APP}

verdict    method  path     status   what was seen
allowed    GET     /orders  200
undecided  PUT     /orders  204      {not_sent}
blocked    GET     /admin/  404      {hidden} [error-without-headers]

3 calls: 1 allowed, 1 blocked, 1 undecided
"""
    )


def test_json(site: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "paths.txt"
    file.write_text(CALLS, "utf-8")

    status = survey(site, file, "--format=json")

    printed = json.loads(capsys.readouterr().out)
    assert (status, printed["url"], printed["verdict"]) == (1, site, "blocked")
    assert [(call["method"], call["path"], call["allowed"]) for call in printed["calls"]] == [
        ("GET", "/orders", True),
        ("PUT", "/orders", None),
        ("GET", "/admin/", False),
    ]


def test_standard_input(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"/orders\n")))

    assert survey(site, "-") == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "No such file", id="no file"),
        pytest.param(b"/\xff", "UTF-8", id="not UTF-8"),
        pytest.param(
            b"/a\n" * MAX_TEXT, pattern("probe-too-many-characters", count=MAX_TEXT), id="too long"
        ),
        pytest.param(b"orders", "Line 1", id="not a path"),
    ],
)
def test_files_that_are_refused(
    site: str, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "paths.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=reason) as caught:
        survey(site, file)

    assert caught.value.returncode == 2
