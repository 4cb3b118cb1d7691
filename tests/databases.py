"""Real servers for the tests: PostgreSQL and Redis on free loopback ports, from Debian's packages.

Each is a process of its own with a folder of its own: nothing of the machine's is touched.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import randbelow
from typing import Any, Self

import psycopg
import pytest
import redis

START_SECONDS = 30.0
PORTS = range(10_000, 32_000)
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


def free_port() -> int:
    """Return a port of the loopback device that nobody listens on.

    The kernel gives ports of this range to no connection, so a server that starts later, or again,
    does not find one of them in its place.
    """
    port = PORTS[randbelow(len(PORTS))]  # not random's: pytest-randomly seeds that
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:  # pragma: no cover (somebody has it)
            return free_port()
    return port


def wait_until(true: Callable[[], object], seconds: float = START_SECONDS, what: str = "") -> None:
    """Return as soon as a condition holds; raise TimeoutError when it does not come to hold."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while not true():
        if time.monotonic() > deadline:  # pragma: no cover (a test fails)
            message = f"not within {seconds} s: {what or true}"
            raise TimeoutError(message)
        time.sleep(pause)
        pause = min(pause * 1.2, 0.02)  # who waits long takes less time from what is waited for


class Server(ABC):
    """A server process in a folder of its own that can be stopped, killed and suspended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.resume()
        self.stop()  # a server that is killed leaves its shared memory behind

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Report whether the server answers."""

    def options(self) -> dict[str, Any]:
        return {}

    def start(self) -> None:
        """Start the server, again on the same port, and wait until it answers."""
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command(), stdout=output, stderr=output, cwd=self.folder, **self.options()
            )
        wait_until(self.is_ready, what=f"{self.command()[0]} answers, see {log}")

    def stop(self) -> None:
        """End the server in good order."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server and all its processes at once, as a loss of power does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Suspend every process: connections stay open and nothing is answered any more."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let suspended processes go on."""
        self._signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:  # pragma: no branch (a test may have ended it)
            self._signal(number)
            self.process.wait(START_SECONDS)
            self.process = None

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        # PostgreSQL's processes are each a group of their own.
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        pids = [self.process.pid, *map(int, children.split())]
        for pid in pids[:1] if number is signal.SIGINT else pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class Postgres(Server):
    """A PostgreSQL server whose data is as safe as a test's has to be."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.programs = _postgres_programs()
        self.datadir = folder / "cluster"
        if os.geteuid() == 0:  # pragma: no cover (an ordinary user runs it as itself)
            shutil.chown(folder, ACCOUNT)
        subprocess.run(
            [
                *(self.programs / "initdb", "-D", self.datadir, "-U", "cors", "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            **self.options(),
        )

    def command(self) -> list[str]:
        # Nothing lives long enough to be vacuumed, and a launcher would look into each database.
        settings = ["fsync=off", "autovacuum=off", "max_connections=300"]
        settings.append("unix_socket_directories=")
        flags = [part for setting in settings for part in ("-c", setting)]
        place = ["-D", str(self.datadir), "-h", "127.0.0.1", "-p", str(self.port)]
        return [str(self.programs / "postgres"), *place, *flags]

    def options(self) -> dict[str, Any]:
        return {"user": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}

    def is_ready(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, name: str) -> str:
        """Return what DATABASE_URL must be for a database of this server."""
        return f"postgres://cors@127.0.0.1:{self.port}/{name}"

    def settings(self, name: str) -> dict[str, Any]:
        """Return what Django's DATABASES must hold for a database of this server."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": "cors",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }

    def execute(self, statement: str, name: str = "postgres") -> None:
        """Execute a statement in autocommit, with a connection of its own."""
        where = f"host=127.0.0.1 port={self.port} user=cors dbname={name} connect_timeout=10"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement)


class Redis(Server):
    """A Redis server that keeps nothing."""

    def command(self) -> list[str]:
        quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        return ["redis-server", "--port", str(self.port), *quiet]

    def is_ready(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:  # pragma: no cover (unless it is up at once)
                return False

    @property
    def url(self) -> str:
        """What PUSH must be for this server."""
        return f"redis://127.0.0.1:{self.port}/0"


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = str(found[-1]) if found else shutil.which("initdb")
    if program is None:  # pragma: no cover (make test installs it)
        message = "PostgreSQL is not installed: scripts/install-system-packages"
        raise FileNotFoundError(message)
    return Path(program).parent


@contextlib.contextmanager
def folder_for(name: str) -> Iterator[Path]:
    """Yield a folder that PostgreSQL's account may enter, and remove it afterwards."""
    # Not pytest's: those can only be entered by their owner.
    folder = Path(tempfile.mkdtemp(prefix=f"corsadmin-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for the whole run. A test that stops it starts one of its own."""
    with folder_for("postgres") as folder, Postgres(folder) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """One Redis server for the whole run. A test that stops it starts one of its own."""
    with folder_for("redis") as folder, Redis(folder) as server:
        yield server
