"""The site behind real servers: each a process of its own, on a free port of the loopback device.

The test opens the listening socket and the server inherits it. So no port can be lost to somebody
else, and there is nothing to wait for: who connects early waits in the socket's queue.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 30.0  # for one answer, on a busy machine
REFRESH_SECONDS = 0.5
PROMISED_SECONDS = 2 * REFRESH_SECONDS  # within which a change governs every process
BUSY_SECONDS = 5.0  # for whatever else the machine does meanwhile
COMMANDS: dict[str, list[str]] = {
    "gunicorn sync": [
        "gunicorn",
        "project.wsgi:application",
        "--bind",
        "fd://{fd}",
        "--no-control-socket",
    ],
    "gunicorn gthread": [
        *("gunicorn", "project.wsgi:application", "--bind", "fd://{fd}", "--no-control-socket"),
        *("--worker-class", "gthread", "--threads", "4"),
    ],
    "uvicorn h11": ["uvicorn", "project.asgi:application", "--fd", "{fd}", "--http", "h11"],
    "uvicorn httptools": [
        *("uvicorn", "project.asgi:application", "--fd", "{fd}", "--http", "httptools")
    ],
    "daphne": ["daphne", "--fd", "{fd}", "project.asgi:application"],
}

Value = TypeVar("Value")


class Answer(NamedTuple):
    """What a server answered: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Site(NamedTuple):
    """A site that is served at a port of 127.0.0.1, by a process and its children."""

    port: int
    pid: int = 0

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:  # fmt: skip
        """Return the answer to one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            lines = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, lines, response.read())
        finally:
            connection.close()


@contextmanager
def serve(kind: str, folder: Path, env: Mapping[str, str]) -> Iterator[Site]:
    """Serve the site with a server of COMMANDS; its log goes to a file in the folder."""
    command = [sys.executable, "-m", *COMMANDS[kind]]
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        fd = listener.fileno()
        with (folder / f"{kind} {port}.log").open("wb") as log:
            process = subprocess.Popen(
                [part.format(fd=fd) for part in command],
                cwd=ROOT, env={**os.environ, **env}, stdout=log, stderr=log, pass_fds=[fd],
            )  # fmt: skip
    # Only the server listens now: if it dies, connections are refused instead of waiting.
    try:
        yield Site(port, process.pid)
    finally:
        stop(process)


def stop(process: subprocess.Popen[Any]) -> None:
    """End a process that this one started, politely at first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:  # pragma: no cover (servers end when they are asked to)
        process.kill()
        process.wait()


def environment(database: Path, **more: str) -> dict[str, str]:
    """Return the environment of a site on an SQLite file, with the demo's settings."""
    return {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": "only-for-the-tests",
        "DEBUG": "1",
        "CORSADMIN_REFRESH_SECONDS": str(REFRESH_SECONDS),
        "PYTHONWARNINGS": "default",
        **more,
    }


def manage(env: Mapping[str, str], *arguments: str) -> str:
    """Run a management command in a process of its own; return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def eventually(
    ask: Callable[[], Value], wanted: Callable[[Value], object], seconds: float
) -> Value:
    """Return the first answer that is the wanted one; assert that it comes in time."""
    deadline = time.monotonic() + seconds + BUSY_SECONDS
    while True:
        asked = time.monotonic()
        answer = ask()
        if wanted(answer):
            return answer

        assert asked < deadline, answer
        # The pace of asking, not a wait for something to be over.
        time.sleep(0.01)
