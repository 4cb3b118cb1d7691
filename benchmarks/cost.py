"""What one request costs in the middleware, beside django-cors-headers."""

from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

import corsadmin
from benchmarks import traffic
from benchmarks.rivals import MIDDLEWARES, View
from benchmarks.rows import Row
from benchmarks.timing import added, side_by_side
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

site: Any = settings  # with the names of django-cors-headers
SIZES: Final = (1, 10, 100, 1_000)
BATCH: Final = 400
ALLOWED: Final = "https://app-0.example.com"
REFUSED: Final = "https://app.stranger.example"
SHAPES: Final = {
    "no Origin": traffic.NO_ORIGIN,
    "allowed GET": traffic.get(ALLOWED),
    "refused GET": traffic.get(REFUSED),
    "preflight allowed": traffic.preflight(ALLOWED),
    "preflight refused": traffic.preflight(REFUSED),
}
BUDGETS: Final = {
    "no Origin": 2.5,
    "allowed GET": 3.5,
    "refused GET": 2.5,
    "preflight allowed": 9.0,
}


def rows(rounds: int) -> Iterator[Row]:
    """Yield the rows for small snapshots: one tenant with few or many origins."""
    make_tenant()
    for size in SIZES:
        store([f"https://app-{number}.example.com" for number in range(size)])
        yield from compare(f"{size:,} origins, µs added per request", rounds, size)
    store(
        [f"https://*.team-{number}.example.com" for number in range(9)] + ["https://*.example.com"]
    )
    site.CORS_ALLOWED_ORIGINS = []
    site.CORS_ALLOWED_ORIGIN_REGEXES = [
        rf"^https://[^.]+\.team-{number}\.example\.com$" for number in range(9)
    ] + [r"^https://[^.]+\.example\.com$"]
    yield from compare("10 wildcards (dch: regexes), µs added per request", rounds, 10)
    site.CORS_ALLOWED_ORIGIN_REGEXES = []
    yield from queries()


def make_tenant() -> None:
    """Add the tenant whose requests are measured, unless it is there."""
    acme, is_new = Tenant.objects.get_or_create(slug="acme")
    if is_new:
        PathRule.objects.create(
            tenant=acme,
            path="/api/",
            methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            request_headers=["authorization", "content-type", "x-csrftoken"],
            credentials=True,
            max_age=600,
        )
        TenantHost.objects.create(tenant=acme, host="acme.example.net")


def queries() -> Iterator[Row]:
    """Yield how many queries warm requests make."""
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)
    for name, shape in SHAPES.items():
        view.prepare(BATCH)
        with CaptureQueriesContext(connection) as captured:
            for request in traffic.fresh_requests(partial(_environ, shape), BATCH):
                middleware(request)
        yield Row(f"database queries of {BATCH} warm requests", name, len(captured), "", 0.0)


def store(patterns: list[str]) -> None:
    """Make these the origins that both middlewares allow."""
    tenant = Tenant.objects.get(slug="acme")
    tenant.origins.all().delete()
    Origin.objects.bulk_create(
        Origin(tenant=tenant, pattern=pattern, credentials=True) for pattern in patterns
    )
    site.CORS_ALLOWED_ORIGINS = patterns
    corsadmin.refresh()


def compare(section: str, rounds: int, size: int) -> Iterator[Row]:
    """Yield what each kind of request costs here and there."""
    for name, shape in SHAPES.items():
        figures = side_by_side({who: side(who, shape) for who in MIDDLEWARES}, rounds)
        least: float | None
        if name.startswith("preflight"):
            ours, theirs = median(figures["corsadmin"]), median(figures["dch"])
            least, label = 6.0, f"{name}, whole"
        else:
            ours, theirs = added(figures, "corsadmin"), added(figures, "dch")
            least, label = 10.0, name
        if size == SIZES[-1]:
            least = 500.0 if name in {"allowed GET", "refused GET"} else None
        listed = "wildcards" not in section  # the budgets are for plain origins
        yield Row(section, f"{label}: corsadmin", ours, "µs", BUDGETS.get(name) if listed else None)
        yield Row(section, f"{label}: django-cors-headers", theirs, "µs")
        budget = least if size in {10, SIZES[-1]} and listed else None
        yield Row(section, f"{label}: times cheaper", theirs / ours, "times", budget, at_least=True)


def side(who: str, shape: traffic.Shape) -> Any:
    """Return a middleware and what makes a batch of fresh requests for it."""
    view = View()
    middleware = MIDDLEWARES[who](view)
    # With 1,000 origins django-cors-headers takes milliseconds.
    slow = who == "dch" and len(site.CORS_ALLOWED_ORIGINS) >= 1_000
    batch = BATCH // 20 if slow else BATCH
    expected = middleware_speaks(who, shape)

    def prepare() -> list[Any]:
        view.prepare(batch + 1)
        probe = middleware(traffic.fresh_requests(lambda _: traffic.environ(shape), 1)[0])
        if ("Access-Control-Allow-Origin" in probe.headers) is not expected:
            message = f"{who} answered {shape} with {dict(probe.headers)}"
            raise AssertionError(message)
        return traffic.fresh_requests(partial(_environ, shape), batch)

    return middleware, prepare


def middleware_speaks(who: str, shape: traffic.Shape) -> bool:
    """Report whether this middleware must allow this request."""
    return who != "nothing" and shape.get("HTTP_ORIGIN") == ALLOWED


def _environ(shape: traffic.Shape, _number: int) -> traffic.Shape:
    return traffic.environ(shape)
