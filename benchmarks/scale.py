"""A million origins: what one request costs among them, loading, incremental refresh, memory."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.rows import Row
from tests.databases import Postgres, folder_for

ROOT: Final = Path(__file__).resolve().parents[1]
SIZES: Final = ((1, 10), (1_000, 10), (100_000, 10))  # tenants, origins of each
KINDS: Final = {"random": "random tenant", "Zipf": "tenants by Zipf's law"}
BUDGETS: Final = {
    "first load": ("s", 3.0),
    "memory added": ("MB", 80.0),
    "one tenant's change applied": ("ms", 5.0),
    "10,000 tenants' changes applied": ("ms", 500.0),
    "poll when nothing changed": ("ms", None),
    "the same with a rule of its own for every tenant: first load": ("s", 3.0),
    "the same with a rule of its own for every tenant: memory added": ("MB", None),
}


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Yield the URLs of an empty SQLite file and of an empty PostgreSQL database."""
    with folder_for("scale") as folder, Postgres(folder) as server:
        server.execute("CREATE DATABASE scale")
        yield {"SQLite": f"sqlite:///{folder}/scale.sqlite3", "PostgreSQL": server.url("scale")}


def rows(rounds: int) -> Iterator[Row]:
    """Yield the rows for both databases, each figure from a process of its own."""
    with databases() as urls:
        for vendor, url in urls.items():
            worker(url, "fill", "100000")
            figures = worker(url, "load")
            if vendor == "SQLite":
                yield from growth(rounds, url)
            figures |= {
                f"the same with a rule of its own for every tenant: {name}": value
                for name, value in (worker(url, "rules") or worker(url, "load")).items()
                if name in {"first load", "memory added"}
            }
            section = f"1,000,000 origins in 100,000 tenants, {vendor}"
            for name, (unit, budget) in BUDGETS.items():
                yield Row(section, name, figures[name], unit, budget)
            yield from beside_traffic(url, section)


def beside_traffic(url: str, section: str) -> Iterator[Row]:
    """Yield how slow requests are while everything is loaded again and again beside them."""
    found = worker(url, "traffic")
    name = "in the middleware, everything reloaded beside it"
    yield Row(section, f"slowest of 1,000 requests {name} (p99.9)", found["p99.9"], "ms", 2.0)
    yield Row(section, f"slowest of all {name}", found["max"], "ms")
    yield Row(section, "a full load beside a thread that never waits", found["load"], "s")


def growth(rounds: int, big: str) -> Iterator[Row]:
    """Yield what a request costs among few and many tenants, a hot one and a random one."""
    section = "growth, µs added per request"
    hot: dict[str, float] = {}
    with folder_for("growth") as folder:
        for tenants, each in SIZES:
            url = big if tenants == SIZES[-1][0] else f"sqlite:///{folder}/{tenants}.sqlite3"
            if url != big:
                worker(url, "fill", str(tenants))
            found = worker(url, "requests", str(tenants), str(rounds))
            size = f"{tenants * each:,} origins"
            for shape in ("no Origin", "allowed GET", "refused GET"):
                first = hot.setdefault(shape, found[f"hot {shape}"])
                ratio = found[f"hot {shape}"] / first
                yield Row(section, f"{size}, same tenant, {shape}", found[f"hot {shape}"], "µs")
                if tenants > 1:
                    name = f"{size}, same tenant, {shape}: against 10 origins"
                    yield Row(section, name, ratio, "times", 1.2)
                    for kind, label in KINDS.items():
                        name = f"{size}, {label}, {shape}"
                        yield Row(section, name, found[f"{kind} {shape}"], "µs")
                        times = found[f"{kind} {shape}"] / first
                        yield Row(section, f"{name}: against 10 origins", times, "times", 3.0)


def worker(url: str, *arguments: str) -> dict[str, float]:
    """Run one measurement in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale_worker", *arguments],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    return found


def shuffled(count: int, tenants: int) -> list[int]:
    """Return so many tenants at random, the same at every run."""
    return random.Random(7).choices(range(tenants), k=count)


def popular(count: int, tenants: int) -> list[int]:
    """Return so many tenants by Zipf's law: the tenth gets a tenth of what the first one gets."""
    random_ = random.Random(7)
    names = random_.sample(range(tenants), tenants)
    return random_.choices(names, weights=[1 / place for place in range(1, tenants + 1)], k=count)
