"""A worker of a real server that is stopped and goes on, with requests that wait for it meanwhile."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.databases import wait_until
from tests.servers import Site

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SERVERS = ("gunicorn sync", "gunicorn gthread", "uvicorn h11")


class Answered(NamedTuple):
    """What one request got: whether its origin was allowed, and after how many seconds."""

    origin: str
    is_allowed: bool
    seconds: float


def worker_of(site: Site) -> int:
    """Return the process that answers: a child of gunicorn's master, or uvicorn itself."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()
    return int(children[0]) if children else site.pid


@contextmanager
def stopped(pid: int) -> Iterator[Callable[[], None]]:
    """Stop a process; yield what lets it go on."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    try:
        yield lambda: os.kill(pid, signal.SIGCONT)
    finally:
        os.kill(pid, signal.SIGCONT)


async def ask_together(
    site: Site, origins: list[str], go_on: Callable[[], None] = lambda: None
) -> list[Answered]:
    """Send one request for each origin, let the server go on, and return what each one got."""
    lines = [await asyncio.open_connection("127.0.0.1", site.port) for _ in origins]
    for origin, (_, writer) in zip(origins, lines, strict=True):
        writer.write(
            f"GET /api/none HTTP/1.1\r\nHost: acme.example.net\r\nOrigin: {origin}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
    go_on()
    started = time.monotonic()

    async def answer(origin: str, line: Line) -> Answered:
        head = (await line[0].read()).lower()
        seconds = time.monotonic() - started
        line[1].close()  # gunicorn lingers for it, and a sync worker answers nobody meanwhile
        assert head.startswith(b"http/1.1 404")
        is_allowed = f"\naccess-control-allow-origin: {origin}\r".encode() in head
        return Answered(origin, is_allowed, seconds)

    return await asyncio.gather(*map(answer, origins, lines))
