"""Real servers and many requests at once: who asks the database, and who waits (R31, R36)."""

import asyncio
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections

from tests.databases import Postgres, wait_until
from tests.factories import make_site
from tests.servers import ROOT, Site, stop
from tests.serving.databases import Database, locked_table
from tests.serving.test_processes import WORKERS, environment, every_worker, gunicorn

APP = "https://app.example.com"
TASKS = 1_000
SECONDS = 0.5

pytestmark = pytest.mark.slow


@contextmanager
def uvicorn(env: dict[str, str]) -> Iterator[Site]:
    """Serve the site with one process and one event loop."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * TASKS) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "project.asgi:application"),
                *("--fd", str(fd), "--log-level", "error", "--backlog", str(2 * TASKS)),
            ],
            cwd=ROOT, env=env, pass_fds=[fd],
        )  # fmt: skip
    try:
        yield Site(port)
    finally:
        stop(process)


async def ask_at_once(site: Site, count: int) -> list[bytes]:
    """Send so many requests, each on a connection of its own, and return the answers."""
    request = (
        f"GET /api/none HTTP/1.1\r\nHost: acme.example.net\r\nOrigin: {APP}\r\n"
        "Connection: close\r\n\r\n"
    )

    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(request.encode())
        answer = await reader.read()
        writer.close()
        return answer

    return await asyncio.gather(*(ask() for _ in range(count)))


def is_allowed(answer: bytes) -> bool:
    return f"\naccess-control-allow-origin: {APP}\r".encode() in answer.lower()


class Statements:
    """What a database is asked from now on by those who connect to it, as its server logs it."""

    def __init__(self, server: Postgres, name: str) -> None:
        self._log: Path = server.folder / "server.log"
        self._start = self._log.stat().st_size
        server.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")

    def count(self, start: str = "") -> int:
        """Return how many of them begin like this."""
        with self._log.open("rb") as log:
            log.seek(self._start)
            return log.read().count(b"LOG:  statement: " + start.encode())


@pytest.fixture
def statements(postgresql: Database, postgres: Postgres) -> Statements:
    make_site(origins=[APP])
    connections.close_all()
    return Statements(postgres, postgresql.settings["NAME"])


def test_r31_warm_requests_ask_the_database_nothing_in_any_process(
    postgresql: Database, statements: Statements
) -> None:
    with gunicorn(environment(postgresql, CORSADMIN_REFRESH_SECONDS="60")) as site:
        assert all(every_worker(site, APP).values())
        # The last thing at the start: each worker listens, and looks once more.
        wait_until(lambda: statements.count("SELECT value, rebuild, mark, (") == WORKERS)
        before = statements.count()

        answers = asyncio.run(ask_at_once(site, 400))

        assert all(map(is_allowed, answers))
        assert statements.count() == before


def test_r31_polls_are_as_few_however_many_ask(
    postgresql: Database, statements: Statements
) -> None:
    with gunicorn(environment(postgresql, CORSADMIN_REFRESH_SECONDS=str(SECONDS))) as site:
        assert all(every_worker(site, APP).values())
        wait_until(lambda: statements.count("SELECT value, rebuild, mark, (") == WORKERS)
        before, started, answers = statements.count(), time.monotonic(), []
        while time.monotonic() - started < 4 * SECONDS:
            answers += asyncio.run(ask_at_once(site, 50))
        asked, spent = statements.count() - before, time.monotonic() - started

    assert all(map(is_allowed, answers))
    # A poll is one statement, and no two of a process are nearer than that.
    assert 0 < asked <= WORKERS * (spent / (0.85 * SECONDS) + 1)


def established(port: int) -> int:
    """Return how many connections a server has, accepted or in its queue."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return sum(line[1].endswith(f":{port:04X}") and line[3] == "01" for line in lines)


def clients_of_the_database(condition: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            f" AND pid <> pg_backend_pid() AND {condition}"
        )
        (count,) = cursor.fetchone()
    return int(count)


@pytest.fixture
def many_files() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_r36_a_thousand_requests_at_start_wait_together_for_one_load(
    postgresql: Database, many_files: None
) -> None:
    make_site(origins=[APP])
    with uvicorn(environment(postgresql)) as site, ThreadPoolExecutor(1) as pool:
        with locked_table():
            asking = pool.submit(asyncio.run, ask_at_once(site, TASKS))
            wait_until(lambda: established(site.port) == TASKS)
            wait_until(lambda: clients_of_the_database("wait_event_type = 'Lock'"))
            # One more holds the lock. Whatever it is that so many wait for, it is one connection.
            assert clients_of_the_database() == 1 + 1
        answers = asking.result(60)

    assert {answer.split(b" ", 2)[1] for answer in answers} == {b"404"}
    assert all(map(is_allowed, answers))
