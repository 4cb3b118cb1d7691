"""From a commit to its enforcement in the last of four workers, on PostgreSQL.

Two machines with two workers each, for all they know of one another. Every process reads the same
clock, and each says itself when it decides by the change, so nothing is sampled from outside.
"""

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import propagation_changes
from benchmarks.lines import Line
from benchmarks.rows import Row
from tests.databases import Postgres, Redis, folder_for

ROOT: Final = Path(__file__).resolve().parents[1]
MACHINES: Final = 2
WORKERS: Final = 2  # on each
STOPS: Final = 10  # every so many changes the database is stopped


class Case(NamedTuple):
    """One way to hear of changes. The budget of the p99 is in milliseconds."""

    name: str
    load: bool
    push: str = "auto"
    refresh: float = 1.0
    stops: bool = False
    share: int = 5  # changes per round
    p99: float | None = None

    @property
    def promise(self) -> float:
        """How long a change may take however it is heard of, in seconds."""
        return 2 * self.refresh


CASES: Final = (
    Case("push, idle", load=False, p99=30.0),
    Case("push, full CPU load", load=True, p99=100.0),
    Case("Redis push, idle", load=False, push="redis", share=2),
    Case("Redis push, full CPU load", load=True, push="redis", share=2),
    Case("every hint lost, REFRESH_SECONDS 0.5, full CPU load", True, "off", 0.5),
    Case("PostgreSQL stopped and resumed, the same", True, "auto", 0.5, stops=True),
)


class Heard(NamedTuple):
    """How long the last worker took, the slowest request, and what the machine is to blame for.

    That is how long a thread of each worker that does nothing else needs to be woken twice, as it
    must be for a hint and for the answer of the database. In seconds.
    """

    span: float
    slowest: float
    bare: float


def rows(rounds: int) -> Iterator[Row]:
    """Yield p50, p99 and the slowest of many changes, however they are heard of."""
    for case in CASES:
        heard = measure(case, case.share * rounds)
        spans = sorted(one.span * 1_000 for one in heard)
        section = "commit to enforced in all of 4 workers"
        yield Row(section, f"{case.name}: p50", percentile(spans, 0.5), "ms")
        yield Row(section, f"{case.name}: p99", percentile(spans, 0.99), "ms", case.p99)
        yield Row(section, f"{case.name}: slowest", spans[-1], "ms", 1_000 * case.promise)
        bare = sorted(one.bare * 1_000 for one in heard)
        name = f"{case.name}: for comparison, a thread woken twice in each worker: p99"
        yield Row(section, name, percentile(bare, 0.99), "ms")
        if case.stops:
            slowest = max(one.slowest for one in heard) * 1_000
            yield Row(section, f"{case.name}: slowest request in all the time", slowest, "ms")


def percentile(spans: list[float], part: float) -> float:
    """Return a percentile of sorted figures."""
    return spans[min(int(len(spans) * part), len(spans) - 1)]


def measure(case: Case, count: int) -> list[Heard]:
    """Commit so many changes of all kinds; return how long the last worker took for each.

    Raises RuntimeError when an origin is still allowed somewhere after the promised time.
    """
    with ExitStack() as stack:
        server = stack.enter_context(Postgres(stack.enter_context(folder_for("propagation"))))
        server.execute("CREATE DATABASE propagation")
        push = case.push
        if push == "redis":
            push = stack.enter_context(Redis(stack.enter_context(folder_for("redis")))).url
        env = {
            **os.environ,
            "DATABASE_URL": server.url("propagation"),
            "REFRESH": str(case.refresh),
            "PUSH": push,
            "LOAD": "1" if case.load else "0",
        }
        (writer,) = start(stack, env, "writer", 1)
        assert writer.read() == "ready"
        workers = [line for _ in range(MACHINES) for line in start(stack, env, "machine", WORKERS)]
        assert {worker.read() for worker in workers} == {"ready"}
        return [change(case, server, writer, workers, number) for number in range(count)]


def change(case: Case, server: Postgres, writer: Line, workers: list[Line], number: int) -> Heard:
    """Commit one change and wait for all workers."""
    name, allows, _commit = propagation_changes.CHANGES[number % len(propagation_changes.CHANGES)]
    bare = wake_twice(workers)
    for worker in workers:
        worker.tell(f"{propagation_changes.origin_of(number)} {allows}")
    assert {worker.read() for worker in workers} == {"watching"}
    stop = case.stops and number % STOPS == 0
    before = stop and number % (2 * STOPS) == 0
    time.sleep(random.uniform(0, 0.02))  # not in step with anything
    resumed = 0.0
    if before:
        server.pause()
        threading.Timer(2.5 * case.refresh, server.resume).start()  # the commit waits for it
    writer.tell(str(number))
    committed = float(writer.read())
    if stop and not before:
        server.pause()
        time.sleep(2.5 * case.refresh)
        server.resume()
        resumed = time.monotonic()
    answers = [worker.read().split() for worker in workers]
    # What nobody could read yet is not late: the promise begins when the database answers again.
    span = max(float(enforced) for enforced, _slowest in answers) - max(committed, resumed)
    if not allows and span > case.promise:
        message = f"an allow outlived its promise: {span:.3f} s after {name}"
        raise RuntimeError(message)
    return Heard(max(span, 0.0), max(float(slowest) for _enforced, slowest in answers), bare)


def wake_twice(workers: list[Line]) -> float:
    """Return how long it takes until a thread in each worker has been woken two times in a row."""
    started = done = time.monotonic()
    for _ in range(2):
        for worker in workers:
            worker.tell("ping -")
        done = max(float(worker.read()) for worker in workers)
    return done - started


def start(stack: ExitStack, env: dict[str, str], role: str, count: int) -> list[Line]:
    """Start a process that talks on so many sockets; it ends with the stack."""
    pairs = [socket.socketpair() for _ in range(count)]
    theirs = [their for _ours, their in pairs]
    # A group of its own, to end the workers too, but no session of its own: Linux shares the
    # processors among sessions first, and then these would get two shares beside everybody else's.
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "benchmarks.propagation_worker", role),
            *(str(their.fileno()) for their in theirs),
        ],
        cwd=ROOT, env=env, pass_fds=[their.fileno() for their in theirs], process_group=0,
    )  # fmt: skip
    stack.callback(end, process)
    for their in theirs:
        their.close()
    return [Line(ours) for ours, _their in pairs]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and the workers it forked."""
    os.killpg(process.pid, 9)
    process.wait()
