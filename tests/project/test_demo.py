"""The demo as a newcomer starts it: the front end's server, the log-in, and the whole story."""

import http.client
import io
import os
import re
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from corsadmin.models import Tenant
from project.frontend_server import FOLDER, make_server
from project.management.commands.demo import SAMPLE, check_port, import_sample, make_login
from tests.databases import free_port
from tests.messages.screens import assert_says

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@pytest.fixture(scope="module")
def front_port() -> Iterator[int]:
    """The front end's server for all that ask it: to end it takes half a second."""
    with make_server(0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def ask(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/", 200, id="the page"),
        pytest.param("/?api=http://localhost:8001", 200, id="the page, for another API"),
        *[pytest.param(f"/{file.name}", 200, id=file.name) for file in sorted(FOLDER.iterdir())],
        pytest.param("/missing.js", 404, id="no such file"),
        pytest.param("/../settings.py", 404, id="above the folder"),
        pytest.param("/%2e%2e/settings.py", 404, id="above the folder, encoded"),
    ],
)
def test_the_front_end_serves_its_folder_and_nothing_else(
    front_port: int, path: str, status: int
) -> None:
    response = ask(front_port, path)

    assert response.status == status
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_front_end_lists_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").touch()
    monkeypatch.setattr("project.frontend_server.FOLDER", tmp_path)
    with make_server(0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        assert ask(server.server_port, "/").status == 404

        server.shutdown()


def test_the_page_keeps_to_its_own_content_security_policy() -> None:
    page = (FOLDER / "index.html").read_text(encoding="utf-8")

    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page) == []


def test_a_taken_port_is_named_with_a_way_out(front_port: int) -> None:
    with pytest.raises(CommandError, match=f"make demo API_PORT={front_port + 1}"):
        check_port("API_PORT", front_port)


def test_a_port_that_cannot_be_is_named_with_a_way_out() -> None:
    with pytest.raises(CommandError, match=r" 70000 .* make demo FRONT_PORT="):
        check_port("FRONT_PORT", 70000)


@pytest.mark.django_db
def test_the_sample_is_imported_once_and_later_edits_stay() -> None:
    assert import_sample() is True
    acme = Tenant.objects.get(slug="acme")
    acme.origins.all().delete()

    assert import_sample() is False
    assert not acme.origins.exists()


@pytest.mark.django_db
def test_the_sample_file_says_what_is_stored_after_it_is_imported() -> None:
    import_sample()
    report = io.StringIO()

    call_command("cors_import", str(SAMPLE), dry_run=True, stdout=report)

    assert_says(report.getvalue(), "command-nothing-to-change")


@pytest.mark.django_db
def test_the_log_in_is_the_same_at_every_start() -> None:
    first = make_login()

    assert make_login() == first
    password = first.rpartition(" ")[2]
    assert User.objects.get(username="demo").check_password(password)


@pytest.mark.django_db
def test_a_password_somebody_chose_is_kept() -> None:
    User.objects.create_superuser("demo", password="my own")

    assert "its own password" in make_login()
    assert User.objects.get(username="demo").check_password("my own")


def read_until(process: subprocess.Popen[bytes], text: str) -> str:
    """Return what the process printed up to a text; fail if it does not come in time."""
    assert process.stdout
    printed = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while text.encode() not in printed:
            assert selector.select(START_SECONDS), printed
            chunk = os.read(process.stdout.fileno(), 65536)
            assert chunk, printed.decode()
            printed += chunk
    return printed.decode()


@pytest.mark.slow
def test_the_demo_starts_answers_a_preflight_and_stops(tmp_path: Path) -> None:
    api, front = free_port(), free_port()
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/demo.sqlite3"}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "manage.py", "demo"]
    with subprocess.Popen(
        [*command, "--api-port", str(api), "--front-port", str(front)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as demo:
        try:
            printed = read_until(demo, "/greet\n")
            statuses = {
                (host, origin): ask(api, "/greet", "OPTIONS", preflight(host, origin))
                for host, origin in (
                    ("acme.localhost", "https://app.acme.example"),
                    ("acme.localhost", "https://app.acme.example.evil.example"),
                    ("globex.localhost", "https://app.acme.example"),
                    ("localhost", f"http://localhost:{front}"),
                )
            }
            page = ask(front, "/")
        finally:
            # As a terminal does on Ctrl-C: to the whole group.
            os.killpg(demo.pid, signal.SIGINT)
            demo.wait(timeout=20)

    assert f"http://localhost:{front}/?api=http://localhost:{api}" in printed
    assert [response.status for response in statuses.values()] == [204, 403, 403, 403]
    assert page.status == 200
    assert demo.returncode == 0
    for port in (api, front):
        check_port("PORT", port)


def preflight(host: str, origin: str) -> dict[str, str]:
    return {
        "Host": host,
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
