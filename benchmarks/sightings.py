"""What recording costs: on the request, in the thread beside it, and in memory."""

import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from statistics import median
from threading import Thread
from time import perf_counter, sleep, thread_time, thread_time_ns, time
from typing import Any, Final

from django.conf import settings

from benchmarks import cost, traffic
from benchmarks.rivals import View
from benchmarks.rows import Row
from benchmarks.timing import Side, side_by_side
from corsadmin import middleware
from corsadmin.engine import Decision, Reason
from corsadmin.serving.store import process_store
from corsadmin.sightings.drain import Drain
from corsadmin.sightings.pacing import LookBudget, Wait
from corsadmin.sightings.process import process_sightings
from corsadmin.sightings.ring import MAX_ITEMS, Recorder, Ring
from corsadmin.sightings.tally import Tally
from corsadmin.tenants import resolver

site: Any = settings
ORIGINS: Final = [f"https://app-{number}.example.com" for number in range(10)]
BATCH: Final = 400
ADDED: Final = "recording, µs added per request"
BESIDE: Final = "the drain beside a thread that never waits"
HOSTILE: Final = "recording, hostile headers"
# "Off, again" is what the method finds where there is no difference.
SIDES: Final = {"off": False, "off, again": False, "on": True}
BUDGETS: Final = {
    "allowed GET": 0.15,
    "refused GET": 0.3,
}
RATE: Final = 20_000  # requests a second
ADAPTING: Final = 2.0  # seconds that the drain is given to find its wait
REFUSED: Final = Decision(Reason.ORIGIN_NOT_LISTED, "acme", "/api/")
HEADERS: Final = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}
Record = Callable[[int], None]  # records the call with this number


def rows(rounds: int) -> Iterator[Row]:
    """Yield what a request pays, what the thread takes, and what a process holds."""
    cost.make_tenant()
    cost.store(ORIGINS)
    yield from on_requests(rounds)
    yield from beside(rounds)
    yield from memory()


def on_requests(rounds: int) -> Iterator[Row]:
    """Yield what each kind of request pays: the middleware with decisions that are made already.

    What is looked for is less than what deciding varies by. It is the processor's time, and the best
    of all rounds, because other programs take more.
    """
    names = vars(middleware)
    decide, names["evaluate"] = names["evaluate"], decided
    try:
        for name, (shape, decision) in kinds(decide).items():
            sides = {who: side(is_on, shape, decision) for who, is_on in SIDES.items()}
            found = side_by_side(sides, 3 * rounds, thread_time_ns)
            best = {who: min(figures) for who, figures in found.items()}
            yield Row(ADDED, name, best["on"] - best["off"], "µs", BUDGETS.get(name))
            yield Row(ADDED, f"{name}: off, again", best["off, again"] - best["off"], "µs")
    finally:
        names["evaluate"] = decide


def decided(request: Any, _view: object, _resolver: object) -> Any:
    """Return the decision that a request brings along.

    To decide is to read the method and look the origin up, so both are in the processor's caches then.
    """
    hash(request.META.get("HTTP_ORIGIN"))
    return request.decided if request.method else None


def kinds(decide: Any) -> dict[str, tuple[traffic.Shape, Decision]]:
    """Return each kind of request with the decision that the cache has for it."""
    found = {}
    for name, shape in cost.SHAPES.items():
        for request in traffic.fresh_requests(partial(fresh, shape), 3):
            found[name] = shape, decide(request, process_store.current(), resolver())
    return found


def fresh(shape: traffic.Shape, _number: int) -> traffic.Shape:
    """Return the environ of another request of the same shape."""
    return traffic.environ(shape)


def side(is_on: bool, shape: traffic.Shape, decision: Decision) -> Side:
    """Return a middleware that records or does not, and what makes a batch of requests for it."""
    view = View()
    given = site.CORSADMIN
    site.CORSADMIN = {**given, "SIGHTINGS": is_on}
    made = middleware.CorsMiddleware(view)
    site.CORSADMIN = given

    def prepare() -> list[Any]:
        process_sightings.close()  # the refresher will start it anew, but seldom meanwhile
        view.prepare(BATCH)
        requests = traffic.fresh_requests(partial(fresh, shape), BATCH)
        for request in requests:
            request.decided = decision  # type: ignore[attr-defined]
        return requests

    return made, prepare


class Beside:
    """A drain in a thread of its own, and the processor's time that it takes."""

    def __init__(self) -> None:
        self.ring = Ring()
        self.drain = Drain(Tally())
        self.spent = 0.0
        self.is_done = False
        self._thread = Thread(target=self._run)
        self._thread.start()

    def so_far(self) -> tuple[float, int]:
        """Return the processor's time that the thread took, and the calls that it drained."""
        return self.spent, self.drain.tally.recorded

    def stop(self) -> None:
        self.is_done = True
        self._thread.join()

    def _run(self) -> None:
        wait, budget = Wait(), LookBudget(perf_counter())
        started = thread_time()
        while not self.is_done:
            sleep(wait.seconds)
            items = self.ring.drain()
            found = len(items)
            looks = self.drain.take_in(items, time(), max_looks=budget.available(perf_counter()))
            budget.spend(looks)
            wait.adapt(found, MAX_ITEMS)
            self.spent = thread_time() - started


def beside(rounds: int) -> Iterator[Row]:
    """Yield what the drain takes of a core, and what it does to requests."""
    seconds = min(10.0, rounds / 4)
    for kind, record in RECORDED.items():
        shares, drained, early, longest = [], [], [], []
        for _ in range(3):
            running = Beside()
            _spans, sent = offered(record(running.ring), ADAPTING)
            spent, recorded = running.so_far()
            early.append(100 * recorded / sent)
            spans, sent = offered(record(running.ring), seconds)
            running.stop()
            shares.append(100 * (running.spent - spent) / seconds)
            drained.append(100 * (running.drain.tally.recorded - recorded) / sent)
            longest.append(1_000 * max(spans))
        name = f"{RATE:,} calls a second, {kind}"
        yield Row(BESIDE, f"{name}: of a core", median(shares), "%", 1.5)
        yield Row(BESIDE, f"{name}: drained", median(drained), "%")
        yield Row(BESIDE, f"{name}: drained of the first {ADAPTING:g} s", median(early), "%")
        yield Row(BESIDE, f"{name}: longest record", median(longest), "ms", 5.0)
    alone, _sent = offered(refused_calls(Ring()), seconds)
    yield Row(BESIDE, "longest record without a drain", 1_000 * max(alone), "ms")


def refused_calls(ring: Ring) -> Record:
    """Return what records refused calls, each of another origin."""
    recorder = Recorder(ring, lambda _request: "", lambda _request: False)
    [request] = traffic.fresh_requests(partial(fresh, traffic.NO_ORIGIN), 1)

    def record(number: int) -> None:
        request.META["HTTP_ORIGIN"] = f"https://a{number}.stranger.example"
        recorder.record(REFUSED, REFUSED.reason, request)

    return record


def allowed_calls(ring: Ring) -> Record:
    """Return what records allowed calls, of ten origins of each of twenty tenants."""
    decisions = [
        Decision(Reason.ALLOWED, f"tenant-{number}", "/api/", entry=origin, allow_origin=origin)
        for number in range(20)
        for origin in ORIGINS
    ]

    def record(number: int) -> None:
        ring.append(decisions[number * 89 % len(decisions)])

    return record


RECORDED: Final = {
    "refused, each of another origin": refused_calls,
    "allowed, of 200 origins": allowed_calls,
}


def offered(record: Record, seconds: float) -> tuple[list[float], int]:
    """Record calls at RATE, by a thread that never waits; return what each took, and their number."""
    spans, sent = [], 0
    started = perf_counter()
    while (now := perf_counter()) - started < seconds:
        if sent >= (now - started) * RATE:
            continue
        before = perf_counter()
        record(sent)
        spans.append(perf_counter() - before)
        sent += 1
    return spans, sent


def memory() -> Iterator[Row]:
    """Yield what a process holds at most while callers fill everything with long texts."""
    numbers = count()
    request = traffic.fresh_requests(partial(fresh, traffic.NO_ORIGIN), 1)[0]
    request.method = "OPTIONS"
    for size, (origin, names) in {"8 kB": (8_000, 8_000), "600 characters": (250, 260)}.items():
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        ring, drain = Ring(), Drain(Tally())
        recorder = Recorder(ring, lambda _request: "", lambda _request: False)
        for _ in range(12):
            for _ in range(MAX_ITEMS):
                number = next(numbers)
                label = "a" * 50
                host = f"{number}.{label}.{label}.{label}.{label}.{'a' * (origin - 230)}"
                request.META.update({
                    **HEADERS,
                    "HTTP_ORIGIN": f"https://{host}.example"[:origin],
                    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": f"x-{number},{'x-a,' * 99}"[:names],
                })  # fmt: skip
                tenant = REFUSED._replace(tenant=f"tenant-{number % 8}")
                recorder.record(tenant, tenant.reason, request)
            drain.take_in(ring.drain(), time(), max_looks=MAX_ITEMS)
            drain.take()
        most = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        yield Row(HOSTILE, f"texts of {size}: memory at most", most / 1_000_000, "MB", 4.0)
