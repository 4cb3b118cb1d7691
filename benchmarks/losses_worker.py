"""A process that calls the middleware all the while, and says how it fares: `TENANT`."""

import json
import os
import sys
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import Final

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

import django

django.setup()

from benchmarks import traffic  # noqa: E402
from benchmarks.losses import ALLOWED  # noqa: E402
from benchmarks.rivals import MIDDLEWARES, View  # noqa: E402
from benchmarks.scale_worker import resident  # noqa: E402

CALLS: Final = 50  # between two ticks; every fifth is refused
SECONDS: Final = 0.25


def main() -> None:
    """Call until somebody kills this process."""
    host = f"{sys.argv[1]}.example.net"
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)
    sent, due = 0, monotonic()
    while True:
        line = [monotonic(), sent]
        view.prepare(CALLS)
        spent = []
        for number in range(CALLS):
            origin = ALLOWED if number % 5 else f"https://h{sent + number}.hostile.example"
            environ = traffic.environ(traffic.get(origin), host)
            [request] = traffic.fresh_requests({0: environ}.__getitem__, 1)
            started = perf_counter()
            middleware(request)
            spent.append(perf_counter() - started)
        sent += CALLS
        line += [median(spent) * 1e6, max(spent) * 1e6, resident()]
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        due += SECONDS
        sleep(max(0.0, due - monotonic()))


if __name__ == "__main__":
    main()
