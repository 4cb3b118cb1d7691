"""What the evaluator alone costs, and what each thing that is remembered saves."""

from collections.abc import Iterator
from itertools import count
from statistics import median
from time import time
from typing import Any, Final

from django.http import HttpRequest

from benchmarks import cost, traffic
from benchmarks.rows import Row
from benchmarks.timing import Side, side_by_side
from corsadmin.engine import Decision, TenantPolicy, decide
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.request import cors_request
from corsadmin.serving.store import View, process_store
from corsadmin.tenants import resolver

ORIGINS: Final = [f"https://app-{number}.example.com" for number in range(10)]
BATCH: Final = 400
FIXED: Final = "/api/orders"


class NoDecisions(DecisionCache):
    """Remembers compiled policies and decides each request anew."""

    def decide(
        self, policy: TenantPolicy, request: HttpRequest, vary: tuple[str, ...] = ()
    ) -> Decision:
        return decide(policy, cors_request(request), time())


class Nothing(NoDecisions):
    """Remembers nothing: each request has its tenant compiled."""

    def policy(self, slug: str) -> TenantPolicy | None:
        return self.snapshot.policy(slug)

    def policy_of_host(self, host: str) -> TenantPolicy | None:
        return self.snapshot.policy_of_host(host)


KINDS: Final = {
    "with the cache": DecisionCache,
    "no decision remembered": NoDecisions,
    "nothing remembered": Nothing,
}


def rows(rounds: int) -> Iterator[Row]:
    """Yield what a decision costs, on a path that comes again and on paths that never do."""
    cost.make_tenant()
    cost.store(ORIGINS)
    numbers = count()
    for paths in ("one path", "paths that never repeat"):
        section = f"the evaluator alone, 10 origins, {paths}, µs a decision"
        for name, shape in cost.SHAPES.items():
            sides = {kind: side(kind, shape, numbers, paths) for kind in KINDS}
            figures = side_by_side(sides, rounds)
            for kind in KINDS:
                yield Row(section, f"{name}: {kind}", median(figures[kind]), "µs")
    section = "the evaluator alone, 10 origins, origins that never repeat, µs a decision"
    sides = {kind: side(kind, {}, numbers, "origins that never repeat") for kind in KINDS}
    figures = side_by_side(sides, rounds)
    for kind in KINDS:
        yield Row(section, f"refused GET: {kind}", median(figures[kind]), "µs")


def side(kind: str, shape: traffic.Shape, numbers: Iterator[int], what: str) -> Side:
    """Return the evaluator with a cache of this kind, and what makes a batch of requests."""
    snapshot = process_store.current().snapshot
    assert snapshot is not None
    view, find = View(KINDS[kind](snapshot), None), resolver()

    def environ(_number: int) -> traffic.Shape:
        number = next(numbers)
        path = f"{FIXED}/{number}" if what == "paths that never repeat" else FIXED
        strange = traffic.get(f"https://app-{number}.stranger.example")
        return traffic.environ(strange if what == "origins that never repeat" else shape, path=path)

    def call(request: Any) -> Decision:
        return evaluate(request, view, find)

    return call, lambda: traffic.fresh_requests(environ, BATCH)
