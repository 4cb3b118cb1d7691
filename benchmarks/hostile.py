"""What the most laborious requests cost: each must stay below a millisecond."""

from collections.abc import Iterator
from statistics import median
from typing import Any, Final

import corsadmin
from benchmarks import traffic
from benchmarks.rivals import MIDDLEWARES, View
from benchmarks.rows import Row
from benchmarks.timing import side_by_side
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

SECTION: Final = "hostile requests, µs for the whole request"
BUDGET: Final = 1_000.0
BATCH: Final = 50
HOST: Final = "hostile.example.net"
ORIGIN: Final = "https://app.example.com"


def preflight(method: str, names: str, origin: str = ORIGIN) -> traffic.Shape:
    """Return a preflight with what a client made up."""
    return {
        "REQUEST_METHOD": "OPTIONS",
        "HTTP_ORIGIN": origin,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": method,
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": names,
    }


SHAPES: Final = {
    "an ordinary preflight": preflight("PUT", "content-type"),
    "8,000 commas": preflight("PUT", "," * 8_000),
    "4,096 commas": preflight("PUT", "," * 4_096),
    "8,000 spaces": preflight("PUT", "b" + " " * 8_000 + "x"),
    "5,000 header lines, joined": preflight("PUT", ",".join(["x-a"] * 5_000)),
    "4,096 characters of names": preflight("PUT", "a," * 2_048),
    "a method of 8 kB": preflight("P" * 8_000, ""),
    "an origin of 16 kB": preflight("PUT", "", "https://" + "a." * 8_000 + "example.org"),
    "an origin with 125 labels": preflight("PUT", "", "https://" + "a." * 120 + "example.org"),
    "300 colons in brackets": preflight("PUT", "", "http://[" + ":" * 300 + "]"),
    "a path of 8 kB": {**traffic.get(ORIGIN), "PATH_INFO": "/api" + "/a" * 4_000},
}


def rows(rounds: int) -> Iterator[Row]:
    """Yield the median cost of each hostile request."""
    tenant = Tenant.objects.create(slug="hostile")
    TenantHost.objects.create(tenant=tenant, host=HOST)
    PathRule.objects.create(tenant=tenant, path="/api/", methods=["PUT"])
    PathRule.objects.create(tenant=tenant, path="/*/*/*/deep", methods=["PUT"])
    for pattern in (ORIGIN, "https://*.example.org", "http://localhost:*"):
        Origin.objects.create(tenant=tenant, pattern=pattern)
    corsadmin.refresh()
    for name, shape in SHAPES.items():
        figures = side_by_side({name: _side(shape)}, rounds)
        yield Row(SECTION, name, median(figures[name]), "µs", BUDGET)


def _side(shape: traffic.Shape) -> Any:
    view = View()
    middleware = MIDDLEWARES["corsadmin"](view)

    def prepare() -> list[Any]:
        view.prepare(BATCH)
        return traffic.fresh_requests(lambda _number: traffic.environ(shape, HOST), BATCH)

    return middleware, prepare
