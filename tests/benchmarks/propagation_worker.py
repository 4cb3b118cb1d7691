"""One process of the propagation harness: the writer, or a worker that serves all the while."""

import os
import sys
import threading
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"

import django
from django.conf import settings

django.setup()
settings.CORSADMIN = {"REFRESH_SECONDS": 1.0, "PUSH": os.environ.get("PUSH", "auto")}

from django.core.management import call_command  # noqa: E402

from corsadmin.models import Origin, PathRule, Tenant, TenantHost  # noqa: E402
from tests.benchmarks import traffic  # noqa: E402
from tests.benchmarks.rivals import MIDDLEWARES, View  # noqa: E402

KINDS = 5


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def change(number: int) -> None:
    """Commit a change of one of five kinds: allow, take away, bulk, by queryset, by rule."""
    acme = Tenant.objects.get(slug="acme")
    kind, origin = number % KINDS, f"https://n{number // KINDS}.example.com"
    if kind == 0:
        Origin.objects.create(tenant=acme, pattern=origin)
    elif kind == 1:
        Origin.objects.get(tenant=acme, pattern=origin).delete()
    elif kind == 2:
        Origin.objects.bulk_create([Origin(tenant=acme, pattern=origin)])
    elif kind == 3:
        acme.paths.update(enabled=False)
    else:
        acme.origins.all().delete()
        rule = acme.paths.get()
        rule.enabled = True
        rule.save()


def expected(number: int) -> tuple[bool, bool]:
    """Return whether the origin is allowed, and whether the path is covered, after a change."""
    return (number % KINDS in {0, 2}, number % KINDS != 3)


def write() -> None:
    call_command("migrate", verbosity=0)
    acme = Tenant.objects.create(slug="acme")
    TenantHost.objects.create(tenant=acme, host="acme.example.net")
    PathRule.objects.create(tenant=acme, path="/api/")
    say("ready")
    for line in sys.stdin:
        time.sleep(0.02)  # the workers are watching by now
        change(int(line))
        say(repr(time.monotonic()))


def watch(watched: list[int]) -> None:
    for line in sys.stdin:
        watched.append(int(line))  # noqa: PERF401 (each at once, not all in the end)


def work() -> None:
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)
    watched: list[int] = []
    lines = threading.Thread(target=watch, args=(watched,), daemon=True)

    def ask(number: int) -> tuple[bool, bool]:
        view.prepare(1)
        origin = f"https://n{number // KINDS}.example.com"
        request = traffic.fresh_requests(lambda _: traffic.environ(traffic.get(origin)), 1)[0]
        headers = middleware(request).headers
        return "Access-Control-Allow-Origin" in headers, "Vary" in headers

    ask(0)
    lines.start()
    say("ready")
    loaded = os.environ.get("LOAD") == "1"
    done = 0
    while True:
        if done < len(watched) and ask(watched[done]) == expected(watched[done]):
            say(repr(time.monotonic()))
            done += 1
        if loaded:
            ask(0)
        else:
            time.sleep(0.0005)


if __name__ == "__main__":
    (write if sys.argv[1] == "writer" else work)()
