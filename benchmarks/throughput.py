"""Requests a second behind gunicorn and uvicorn, with each middleware and without any."""

import os
import random
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from benchmarks import cost, site_urls, traffic
from benchmarks.rows import Row

ROOT: Final = Path(__file__).resolve().parents[1]
SECONDS: Final = 0.5  # of load on one server, before it is another's turn
MOST_ROUNDS: Final = 20
STARTS: Final = 5  # of each server: where its memory happens to lie makes some percent, for life
CONNECTIONS: Final = 4
ORIGINS: Final = 10
HOST: Final = "acme.example.net"
DCH: Final = "corsheaders.middleware.CorsMiddleware"
SITES: Final = {
    # middleware, origins
    "no CORS": ("", 0),
    "the three headers, set by hand": ("benchmarks.site_urls.by_hand", 0),
    "corsadmin": ("corsadmin.middleware.CorsMiddleware", ORIGINS),
    "django-cors-headers": (DCH, ORIGINS),
    "django-cors-headers, 1,000 origins": (DCH, 1_000),
}
_GUNICORN: Final = ("gunicorn", "project.wsgi", "--bind=fd://{fd}", "--no-control-socket")
# Where connections stay open there is one worker: the other core is for who asks.
SERVERS: Final = {
    # gunicorn as it is: each worker answers one request at a time, and closes the connection.
    "gunicorn, 2 workers": ([*_GUNICORN, "--workers=2"], "/api/orders"),
    "gunicorn, 2 threads": ([*_GUNICORN, "--threads=2", "--keep-alive=75"], "/api/orders"),
    "uvicorn": (
        [
            *("uvicorn", "project.asgi:application", "--fd={fd}", "--log-level=error"),
            *("--no-access-log", "--timeout-keep-alive=75"),
        ],
        "/api/async",
    ),
}


class Rate(NamedTuple):
    """What came of one turn: requests a second, and the server's processor time for each."""

    requests: float
    microseconds: float


class Load(NamedTuple):
    """Open connections to a site, and the request that is sent on them again and again.

    Without `stays` the site closes each after its answer, and another is opened.
    """

    pid: int
    address: tuple[str, int]
    request: bytes
    speaks: bool
    stays: bool
    connections: list[socket.socket]

    def read(self, connection: socket.socket) -> None:
        """Read the whole of one answer."""
        answer = b""
        while not answer.endswith(site_urls.BODY):
            part = connection.recv(4_096)
            assert part, answer
            answer += part
        # A fast answer that is wrong is no rival.
        assert (b"ccess-control-allow-origin" in answer.lower()) is self.speaks, answer

    def rate(self, seconds: float) -> Rate:
        """Ask for so long, so that the server never has to wait for a request."""
        count, before = 0, processor_seconds(self.pid)
        with selectors.DefaultSelector() as selector:
            waiting = {self.ask(selector) for _ in range(CONNECTIONS)}
            started = time.perf_counter()
            while time.perf_counter() - started < seconds:
                for key, _ in selector.select(10):
                    waiting.remove(key.fileobj)  # type: ignore[arg-type]
                    self.take(selector, key.fileobj)  # type: ignore[arg-type]
                    waiting.add(self.ask(selector))
                    count += 1
            spent = time.perf_counter() - started
            for connection in waiting:
                self.take(selector, connection)
        used = processor_seconds(self.pid) - before
        return Rate(count / spent, used / (count + CONNECTIONS) * 1e6)

    def ask(self, selector: selectors.BaseSelector) -> socket.socket:
        """Send the request on a connection that is free, or on a new one."""
        connection = (
            self.connections.pop()
            if self.connections
            else socket.create_connection(self.address, timeout=60)
        )
        connection.sendall(self.request)
        selector.register(connection, selectors.EVENT_READ)
        return connection

    def take(self, selector: selectors.BaseSelector, connection: socket.socket) -> None:
        """Read the answer, and keep the connection if the site does."""
        self.read(connection)
        selector.unregister(connection)
        if self.stays:
            self.connections.append(connection)
        else:
            connection.close()


def processor_seconds(pid: int) -> float:
    """Return the time that a process and its children have been running, all threads together."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    # Linux's number for the clock of all threads of a process, those that ended too: CPUCLOCK_SCHED.
    clocks = [(~number << 3) | 2 for number in (pid, *map(int, children))]
    return sum(time.clock_gettime(clock) for clock in clocks)


def rows(rounds: int) -> Iterator[Row]:
    """Yield the share of the throughput without CORS, an allowed GET from one client."""
    cost.make_tenant()
    cost.store([f"https://app-{number}.example.com" for number in range(ORIGINS)])
    for server, (command, path) in SERVERS.items():
        section = f"throughput behind {server}, allowed GET, trivial view"
        figures = measure(command, path, min(rounds, MOST_ROUNDS))
        base = figures["no CORS"]
        for name, rates in figures.items():
            yield Row(section, name, median(rate.requests for rate in rates), "requests/s")
            used = median(rate.microseconds for rate in rates)
            yield Row(section, f"{name}: processor time of a request", used, "µs")
            if rates is base:
                continue
            budget = 95.0 if name == "corsadmin" else None
            pairs = list(zip(rates, base, strict=True))
            share = 100 * median(one.requests / other.requests for one, other in pairs)
            yield Row(section, f"{name}: of no CORS", share, "%", budget, at_least=True)
            share = 100 * median(other.microseconds / one.microseconds for one, other in pairs)
            label = f"{name}: of no CORS, by processor time"
            yield Row(section, label, share, "%", budget, at_least=True)


def measure(command: list[str], path: str, rounds: int) -> dict[str, list[Rate]]:
    """Return the rates of each site, one of each round, in a new order each."""
    figures: dict[str, list[Rate]] = {name: [] for name in SITES}
    names = list(SITES)
    for _ in range(STARTS):
        with ExitStack() as stack:
            loads = {name: serve(stack, name, command, path) for name in names}
            for load in loads.values():
                load.rate(SECONDS)  # warms up
            for _ in range(max(1, rounds // STARTS)):
                random.shuffle(names)
                for name in names:
                    figures[name].append(loads[name].rate(SECONDS))
    return figures


def serve(stack: ExitStack, name: str, command: list[str], path: str) -> Load:
    """Start a site behind a server, until the stack is left."""
    middleware, origins = SITES[name]
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.site_settings",
        "SITE_CORS": middleware,
        "SITE_ORIGINS": str(origins),
    }
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Otherwise a second part of an answer waits for the first to be acknowledged: 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        address, fd = listener.getsockname(), listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", *(part.format(fd=fd) for part in command)],
            cwd=ROOT, env=env, pass_fds=[fd], stderr=subprocess.DEVNULL,
        )  # fmt: skip
    stack.callback(process.wait)
    stack.callback(process.terminate)
    stays = any("keep-alive" in part for part in command)
    connections: list[socket.socket] = []
    stack.callback(_close, connections)
    return Load(process.pid, address, request(path), bool(middleware), stays, connections)


def _close(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.close()


def request(path: str) -> bytes:
    """Return a browser's request for a path."""
    environ = traffic.environ(traffic.get(cost.ALLOWED), HOST)
    lines = [f"GET {path}?{environ['QUERY_STRING']} HTTP/1.1"]
    lines += [
        f"{name[5:].replace('_', '-').title()}: {value}"
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    return "\r\n".join([*lines, "", ""]).encode()
