"""What is lost when a process is killed, and what an outage of the database costs requests: on PostgreSQL."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic, sleep
from typing import Final, NamedTuple

from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from benchmarks.rows import Row
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, Traffic
from tests.databases import Postgres, folder_for, wait_until
from tests.servers import ROOT
from tests.serving.databases import alias_leads_to

ALLOWED: Final = "https://app.acme.dev"
PROCESSES: Final = 8
FIRST_KILL, LAST_KILL = 80, 240  # seconds
MAX_LOST: Final = 75  # seconds
OUTAGE: Final = 600  # seconds
BEFORE: Final = 70  # seconds: at least one flush
RECOVERED: Final = 90  # seconds: a flush, and what it takes to connect
MEGABYTES: Final = 1.0
_SHORT: Final = 10  # rounds below which a short run was asked for


class Tick(NamedTuple):
    """What a worker says of itself, several times a second."""

    at: float  # by the clock that all processes share
    sent: int
    middle: float  # µs, of the calls since the last tick
    slowest: float
    megabytes: float


class Worker:
    """A process that calls the middleware all the while, for a tenant of its own."""

    def __init__(self, number: int, url: str, folder: Path) -> None:
        self.slug = f"t{number}"
        self._file = folder / f"{self.slug}.jsonl"
        command = [sys.executable, "-m", "benchmarks.losses_worker", self.slug]
        with self._file.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=output
            )

    def ticks(self) -> list[Tick]:
        """Return what the worker said so far."""
        lines = self._file.read_text().splitlines(keepends=True)
        return [Tick(*json.loads(line)) for line in lines if line.endswith("\n")]

    def kill(self) -> None:
        """End it as a lack of memory does."""
        self.process.kill()
        self.process.wait()

    @property
    def counted(self) -> int:
        """How many calls the database has of it."""
        rows = Traffic.objects.filter(tenant__slug=self.slug)
        return rows.aggregate(sum=Sum("calls"))["sum"] or 0


def rows(rounds: int) -> Iterator[Row]:
    """Yield what was lost of killed processes, and what an outage did."""
    is_short = rounds < _SHORT
    with folder_for("losses") as folder, ExitStack() as stack:
        servers = {}
        for kind in ("stopped", "suspended"):
            (folder / kind).mkdir(mode=0o755)
            servers[kind] = stack.enter_context(Postgres(folder / kind))
            servers[kind].execute("CREATE DATABASE losses")
        server = servers["stopped"]
        with alias_leads_to(server.settings("losses")):
            _fill()
            yield from _killed(server.url("losses"), folder, 2 if is_short else PROCESSES)
        for kind, server in servers.items():
            with alias_leads_to(server.settings("losses")):
                _fill()
                yield from _without(server, kind, folder, 70 if is_short else OUTAGE)


def _fill() -> None:
    call_command("migrate", verbosity=0)
    for number in range(PROCESSES):
        tenant, is_new = Tenant.objects.get_or_create(slug=f"t{number}")
        if is_new:
            TenantHost.objects.create(tenant=tenant, host=f"t{number}.example.net")
            PathRule.objects.create(tenant=tenant, path="/api/")
            Origin.objects.create(tenant=tenant, pattern=ALLOWED)


def _killed(url: str, folder: Path, count: int) -> Iterator[Row]:
    random = Random(1)
    started = monotonic()
    workers = [Worker(number, url, folder) for number in range(count)]
    kills = sorted(random.uniform(FIRST_KILL, LAST_KILL) for _ in workers)
    lost, above = [], 0
    for worker, moment in zip(workers, kills, strict=True):
        sleep(max(0.0, started + moment - monotonic()))
        killed = monotonic()
        worker.kill()
        counted, ticks = worker.counted, worker.ticks()
        # The call after those that are counted was sent no earlier than the tick before it.
        begun = max(tick.at for tick in ticks if tick.sent <= counted)
        lost.append(killed - begun)
        above += counted > ticks[-1].sent + 100  # calls after the last tick
    section = f"{count} processes killed, PostgreSQL"
    yield Row(section, "seconds lost at most", max(lost), "s", MAX_LOST)
    yield Row(section, "seconds lost, median", median(lost), "s")
    yield Row(section, "processes of which more is counted than was sent", above, "", 0)


def _without(server: Postgres, kind: str, folder: Path, seconds: int) -> Iterator[Row]:
    worker = Worker(PROCESSES - 1, server.url("losses"), folder)
    sleep(BEFORE + 20)
    down = monotonic()
    counted = worker.counted
    connection.close()
    (server.stop if kind == "stopped" else server.pause)()
    sleep(seconds)
    up = monotonic()
    (server.start if kind == "stopped" else server.resume)()
    wait_until(lambda: worker.counted > counted, RECOVERED * 2)
    recovered = monotonic()
    sleep(5)
    worker.kill()
    ticks = worker.ticks()
    section = f"a database that is {kind} for {seconds} s, PostgreSQL"
    spans: dict[str, list[Tick]] = {
        "before": [tick for tick in ticks if down - BEFORE < tick.at < down],
        "meanwhile": [tick for tick in ticks if down < tick.at < up],
    }
    for name, some in spans.items():
        yield Row(section, f"a request {name}, median", median(one.middle for one in some), "µs")
        slowest = sorted(one.slowest for one in some)
        share = slowest[len(slowest) * 99 // 100]
        yield Row(section, f"slowest of 50 requests {name}, 99 of 100", share, "µs")
        yield Row(section, f"slowest request {name}", slowest[-1] / 1_000, "ms")
    grown = spans["meanwhile"][-1].megabytes - spans["before"][-1].megabytes
    yield Row(section, "memory that the process gained meanwhile", grown, "MB", MEGABYTES)
    yield Row(section, "seconds until sightings are written again", recovered - up, "s", RECOVERED)
