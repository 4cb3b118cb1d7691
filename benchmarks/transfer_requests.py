"""What requests notice of a large import beside them, and when the workers follow it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.lines import Line
from benchmarks.propagation import end
from benchmarks.rows import Row

ROOT: Final = Path(__file__).resolve().parents[1]
WORKERS: Final = 2
PROMISED_MS: Final = 2_000.0  # twice the REFRESH_SECONDS of the settings
BUDGET_MS: Final = 2.0  # of the p99.9, as beside a reload
SECONDS: Final = 600.0  # within which an import is over


def rows(database: str, url: str, path: Path, origins: int) -> Iterator[Row]:
    """Import a file beside processes that ask their middleware, and yield what those notice."""
    env = {**os.environ, "DATABASE_URL": url}
    with ExitStack() as stack:
        writer = _start(stack, env, "writer", str(path))
        assert writer.read() == "ready"
        workers = [_start(stack, env, "worker", str(path)) for _ in range(WORKERS)]
        assert {worker.read() for worker in workers} == {"ready"}
        alone = _ask(workers, "alone")
        for worker in workers:
            worker.tell("import")
        writer.tell("import")
        committed = float(writer.read())
        beside = [worker.read().split() for worker in workers]
    section = f"requests beside an import of {origins:,} origins"
    for name, found, budget in (("without it", alone, None), ("beside it", beside, BUDGET_MS)):
        p999, slowest = (max(float(answer[place]) for answer in found) for place in (0, 1))
        yield Row(section, f"{database}, {name}: p99.9 in the middleware", p999, "ms", budget)
        yield Row(section, f"{database}, {name}: slowest", slowest, "ms")
    span = max(float(answer[2]) for answer in beside) - committed
    name = f"{database}: from its commit to all {WORKERS} workers"
    yield Row(section, name, max(span, 0.0) * 1_000, "ms", PROMISED_MS)


def _ask(workers: list[Line], what: str) -> list[list[str]]:
    for worker in workers:
        worker.tell(what)
    return [worker.read().split() for worker in workers]


def _start(stack: ExitStack, env: dict[str, str], role: str, path: str) -> Line:
    """Start a process that talks on a socket; it ends with the stack."""
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.transfer_requests_worker"),
                *(role, path, str(number)),
            ],
            cwd=ROOT, env=env, pass_fds=[number], process_group=0,
        )  # fmt: skip
    stack.callback(end, process)
    return Line(ours, SECONDS)
