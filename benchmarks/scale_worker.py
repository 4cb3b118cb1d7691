"""One measurement of scale, in a process of its own: prints its figures as JSON."""

import gc
import json
import os
import sys
import threading
from collections.abc import Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import dataset, traffic  # noqa: E402
from benchmarks.rivals import MIDDLEWARES, View  # noqa: E402
from benchmarks.scale import popular, shuffled  # noqa: E402
from benchmarks.timing import Side, added, side_by_side  # noqa: E402
from corsadmin.models import Origin, Tenant, generation  # noqa: E402
from corsadmin.models.counter import current_generation  # noqa: E402
from corsadmin.serving import loader  # noqa: E402
from corsadmin.serving.store import process_store  # noqa: E402

SECONDS = 6.0


def resident() -> float:
    """Return this process's memory in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1_000
    raise AssertionError


def fill(tenants: str) -> None:
    call_command("migrate", verbosity=0)
    dataset.fill(int(tenants), 10)


def rules() -> None:
    dataset.add_rules()


def load() -> dict[str, float]:
    """Measure the first load, the memory it adds, and incremental loads."""
    current_generation("default")
    gc.collect()
    before = resident()
    started = perf_counter()
    held = loader.load("default")
    spent = perf_counter() - started
    gc.collect()
    found = {"first load": spent, "memory added": resident() - before}
    key = Tenant.objects.get(slug="tenant-77").pk
    spans = []
    for number in range(21):
        pattern = f"https://new-{number}-{os.getpid()}.example.com"
        Origin.objects.create(tenant_id=key, pattern=pattern)
        started = perf_counter()
        held = loader.load("default", held)
        spans.append(perf_counter() - started)
    found["one tenant's change applied"] = median(spans) * 1_000
    with generation.change() as change:
        change.touch(*range(dataset.FIRST_KEY + 5_000, dataset.FIRST_KEY + 15_000))
    started = perf_counter()
    held = loader.load("default", held)
    found["10,000 tenants' changes applied"] = (perf_counter() - started) * 1_000
    started = perf_counter()
    for _ in range(100):
        loader.load("default", held)
    found["poll when nothing changed"] = (perf_counter() - started) * 10
    return found


def requests(tenants: str, rounds: str) -> dict[str, float]:
    """Measure requests to one tenant, to random ones, and to some more often than to others."""
    count = int(tenants)
    process_store.current()
    warm(range(count))
    found: dict[str, float] = {}
    for kind in ("hot", "random", "Zipf"):
        if kind == "Zipf":
            warm(popular(50_000, count))
        for name in ("no Origin", "allowed GET", "refused GET"):
            sides = {who: side(who, kind, name, count) for who in ("nothing", "corsadmin")}
            figures = side_by_side(sides, int(rounds))
            found[f"{kind} {name}"] = added(figures, "corsadmin")
    return found


def warm(numbers: Sequence[int]) -> None:
    """Send a request to each of these tenants.

    Django looks more closely at a host that it has not seen, and corsadmin keeps the policies of
    the tenants that are called often.
    """
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)
    for first in range(0, len(numbers), 1_000):
        batch = numbers[first : first + 1_000]
        view.prepare(len(batch))
        for request in traffic.fresh_requests(partial(_plain, batch), len(batch)):
            middleware(request)


def _plain(numbers: Sequence[int], place: int) -> traffic.Shape:
    return environ(numbers[place], "no Origin")


def environ(tenant: int, name: str) -> traffic.Shape:
    """Return a request to a tenant, from one of its origins or from a stranger."""
    own = f"https://app-3.c{tenant}.example.com"
    origins = {"no Origin": "", "allowed GET": own, "refused GET": "https://app.stranger.example"}
    shape = traffic.get(origins[name]) if origins[name] else traffic.NO_ORIGIN
    return traffic.environ(shape, host=f"t{tenant}.example.net")


def side(who: str, kind: str, name: str, tenants: int) -> Side:
    """Return a middleware and what makes a batch of fresh requests for it."""
    view = View()
    middleware = MIDDLEWARES[who](view)
    # As many for all kinds: a larger batch falls out of the processor's caches with its own requests.
    batch = 400
    choose = {"random": shuffled, "Zipf": popular}.get(kind)
    chosen = choose and iter(choose(batch * 200, tenants))

    def prepare() -> list[Any]:
        view.prepare(batch)
        return traffic.fresh_requests(
            lambda _number: environ(next(chosen) if chosen else 0, name), batch
        )

    return middleware, prepare


def requests_beside() -> dict[str, float]:
    """Measure single requests while another thread loads everything again and again."""
    process_store.current()
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)
    loads: list[float] = []
    stop = threading.Event()

    def reload() -> None:
        while not stop.is_set():
            started = perf_counter()
            process_store.reload()
            loads.append(perf_counter() - started)
            sleep(0.1)
        connection.close()

    thread = threading.Thread(target=reload)
    thread.start()
    spans: list[float] = []
    deadline = perf_counter() + SECONDS
    tenants = cycle(shuffled(100_000, 1_000))
    while perf_counter() < deadline or not loads:
        view.prepare(200)
        batch = traffic.fresh_requests(lambda _number: environ(next(tenants), "allowed GET"), 200)
        for request in batch:
            started = perf_counter()
            middleware(request)
            spans.append(perf_counter() - started)
    stop.set()
    thread.join()
    spans.sort()
    return {
        "p99.9": spans[int(len(spans) * 0.999)] * 1_000,
        "max": spans[-1] * 1_000,
        "load": max(loads),
    }


COMMANDS: dict[str, Any] = {
    "fill": fill,
    "rules": rules,
    "load": load,
    "requests": requests,
    "traffic": requests_beside,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:]) or {}))
