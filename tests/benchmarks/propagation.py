"""From a commit to its enforcement in the last of four workers, on PostgreSQL."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.rows import Row
from tests.databases import Postgres, folder_for

ROOT: Final = Path(__file__).resolve().parents[2]
WORKERS: Final = 4  # two machines with two each, for all they know of one another
REFRESH: Final = 1.0
CASES: Final[dict[str, tuple[dict[str, str], float, float]]] = {
    # environment of the workers, budget of the p99 in ms, budget of the slowest in ms
    "push, idle": ({"LOAD": "0"}, 30.0, 2_000.0 * REFRESH),
    "push, full CPU load": ({"LOAD": "1"}, 100.0, 2_000.0 * REFRESH),
    "every hint lost, idle": ({"LOAD": "0", "PUSH": "off"}, 2_000.0, 2_000.0 * REFRESH),
}


def rows(rounds: int) -> Iterator[Row]:
    """Yield p50, p99 and the slowest of many changes, with hints and without."""
    for name, (environment, budget, bound) in CASES.items():
        count = rounds // 2 if "lost" in name else rounds * 5
        spans = sorted(measure(environment, count))
        section = "commit to enforced in all of 4 workers"
        yield Row(section, f"{name}: p50", spans[len(spans) // 2] * 1_000, "ms")
        yield Row(section, f"{name}: p99", spans[int(len(spans) * 0.99)] * 1_000, "ms", budget)
        yield Row(section, f"{name}: slowest", spans[-1] * 1_000, "ms", bound)


def measure(environment: dict[str, str], count: int) -> list[float]:
    """Commit so many changes of all kinds; return how long the last worker took for each."""
    with ExitStack() as stack:
        server = stack.enter_context(Postgres(stack.enter_context(folder_for("propagation"))))
        server.execute("CREATE DATABASE propagation")
        env = {**os.environ, "DATABASE_URL": server.url("propagation"), **environment}
        writer = start(env, "writer")
        stack.callback(writer.kill)
        assert read(writer) == "ready"
        workers = [start(env, "worker") for _ in range(WORKERS)]
        for worker in workers:
            stack.callback(worker.kill)
        assert {read(worker) for worker in workers} == {"ready"}
        spans = []
        for number in range(count):
            for worker in workers:
                tell(worker, str(number))
            tell(writer, str(number))
            committed = float(read(writer))
            spans.append(max(float(read(worker)) for worker in workers) - committed)
        return spans


def start(env: dict[str, str], role: str) -> subprocess.Popen[str]:
    """Start a process that reads lines and answers with lines."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.propagation_worker", role],
        cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def tell(process: Any, line: str) -> None:
    """Send a line."""
    process.stdin.write(line + "\n")
    process.stdin.flush()


def read(process: Any) -> str:
    """Return the next line. An allow that outlives its promise by far ends the run."""
    started = time.monotonic()
    line: str = process.stdout.readline().strip()
    if not line or time.monotonic() - started > 60:
        message = "a worker went away or never heard of a change"
        raise RuntimeError(message)
    return line
