"""One process of a flood: `NUMBER PROCESSES SHARE IS_ON`. Sends its part of it, and says what it kept."""

import gc
import json
import os
import sys
from collections.abc import Iterator
from random import Random
from time import monotonic, sleep
from typing import Any, Final

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402

from benchmarks import traffic  # noqa: E402
from benchmarks.flood import ALLOWED, ALLOWED_CALLS, CALLS, SECONDS, true_callers  # noqa: E402
from benchmarks.rivals import MIDDLEWARES, View  # noqa: E402
from benchmarks.scale_worker import resident  # noqa: E402
from corsadmin.sightings import pacing  # noqa: E402
from corsadmin.sightings.pacing import MAX_LOOKS  # noqa: E402
from corsadmin.sightings.process import process_sightings  # noqa: E402
from corsadmin.sightings.ring import process_ring  # noqa: E402

STEP: Final = 100  # calls between two looks at the clock
FLUSHES: Final = 5
Call = tuple[str, str]  # tenant and origin


def flood(number: int, processes: int, share: float) -> Iterator[Call]:
    """Yield this process's part of all calls, in an order of chance."""
    random = Random(1)
    hostile = int(CALLS * share)
    calls: list[Call | int] = [*range(hostile)]
    for caller, times in true_callers().items():
        calls += [caller] * times
    calls += [("acme", ALLOWED)] * int(ALLOWED_CALLS * share)
    random.shuffle(calls)
    for call in calls[number::processes]:
        yield ("acme", f"https://h{call}.hostile.example") if isinstance(call, int) else call


def send(middleware: Any, view: View, calls: list[Call], seconds: float) -> float:
    """Send all calls in so many seconds, or as fast as it goes; return what it took.

    If it goes more slowly, fewer calls are examined in a second, so that their share is the same.
    """
    started = monotonic()
    for first in range(0, len(calls), STEP):
        some = calls[first : first + STEP]
        view.prepare(len(some))
        for slug, origin in some:
            environ = traffic.environ(traffic.get(origin), f"{slug}.example.net")
            middleware(traffic.fresh_requests({0: environ}.__getitem__, 1)[0])
        planned, spent = seconds * first / len(calls), monotonic() - started
        if planned > spent:
            sleep(planned - spent)
        vars(pacing)["MAX_LOOKS"] = max(1, round(MAX_LOOKS * min(1.0, planned / spent)))
    return monotonic() - started


def main() -> None:
    """Flood, flush as in the minutes that follow, and print the figures."""
    number, processes = map(int, sys.argv[1:3])
    share, is_on = float(sys.argv[3]), sys.argv[4] == "1"
    site: Any = settings
    site.CORSADMIN = {**site.CORSADMIN, "SIGHTINGS": is_on}
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)
    calls = list(flood(number, processes, share))
    gc.collect()
    gc.freeze()
    before = resident()
    seconds = send(middleware, view, calls, SECONDS * share)
    gc.collect()
    after = resident()
    process_sightings.close()  # the first flush of what is left; the others follow each minute
    for _flush in range(FLUSHES - 1):
        process_sightings.drain()
        process_sightings.write("default")
    lists = process_sightings._drain._lists
    found = {
        "seconds": seconds,
        "megabytes": after - before,
        "sent": len(calls),
        "allowed": sum(origin == ALLOWED for _slug, origin in calls),
        "refused": sum(origin != ALLOWED for _slug, origin in calls),
        "recorded": process_sightings.tally.recorded,
        "looked_at": process_sightings.tally.looked_at,
        "ring_full": process_sightings.tally.ring_full,
        "left": len(process_ring.drain()),
        "listed": [(one[0], one[2]) for _lane, places in lists.items() for one in places],
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
