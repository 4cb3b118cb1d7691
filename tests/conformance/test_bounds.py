"""What a hostile request can cost: bounded work, bounded memory, one quiet line in the log."""

import gc
import logging
import sys
import tracemalloc
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from corsadmin.engine import CorsRequest, Reason, Snapshot, decide
from corsadmin.middleware import CorsMiddleware
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.loader import load
from corsadmin.serving.store import View
from corsadmin.tenants import HostCheck, by_host
from tests.conformance.case import get, options
from tests.conformance.site import APP
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import Ask, ask_asgi, ask_wsgi
from tests.serving.databases import Database

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def snapshot(tenants: Database) -> Snapshot:
    return load("default")


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of Python a piece of work runs: no clock, so never a flaky limit."""
    count = 0

    # No tracer sees itself, so coverage cannot either.
    def tracer(_frame: Any, event: str, _argument: Any) -> Any:  # pragma: no cover
        nonlocal count
        count += event == "line"
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def preflight(**fields: Any) -> CorsRequest:
    plain = CorsRequest("/api/plain", "OPTIONS", APP, "PUT", None, "")
    return plain._replace(**fields)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({}, Reason.ALLOWED, id="an ordinary preflight"),
        pytest.param({"requested_headers": "," * 8000}, Reason.HEADER_NOT_ALLOWED, id="V42 commas"),
        pytest.param(
            {"requested_headers": ",".join(f"x-{number}" for number in range(5000))},
            Reason.HEADER_NOT_ALLOWED,
            id="V42 names",
        ),
        pytest.param(
            {"requested_headers": "," * 4096}, Reason.HEADER_NOT_ALLOWED, id="V42 4 kB of commas"
        ),
        pytest.param(
            {"requested_headers": "a," * 2048}, Reason.HEADER_NOT_ALLOWED, id="V42 4 kB of names"
        ),
        pytest.param(
            {"requested_headers": "b" + " " * 8000 + "x"},
            Reason.HEADER_NOT_ALLOWED,
            id="V43 spaces",
        ),
        pytest.param(
            {"requested_headers": "b" + " " * 4000 + "x"},
            Reason.HEADER_NOT_ALLOWED,
            id="V43 4 kB of spaces",
        ),
        pytest.param(
            {"requested_headers": " , " * 1300}, Reason.HEADER_NOT_ALLOWED, id="V43 both in turn"
        ),
        pytest.param(
            {"requested_method": "P" * 16_000}, Reason.METHOD_NOT_ALLOWED, id="P11 a long method"
        ),
        pytest.param(
            {"origin": "https://" + "a." * 8000 + "example.org"},
            Reason.ORIGIN_MALFORMED,
            id="an origin of 16 kB",
        ),
        pytest.param(
            {"origin": "https://" + "a." * 120 + "example.org"},
            Reason.ALLOWED,
            id="an origin with as many labels as there can be",
        ),
        pytest.param(
            {"origin": "http://[" + ":" * 300 + "]"}, Reason.ORIGIN_MALFORMED, id="V11 colons"
        ),
    ],
)
def test_a_hostile_preflight_takes_bounded_work(
    snapshot: Snapshot, fields: dict[str, Any], reason: Reason
) -> None:
    policy = snapshot.policy("t")
    request = preflight(**fields)
    decide(policy, request, 0.0)  # what is done once only does not count

    assert decide(policy, request, 0.0).reason is reason
    # An ordinary preflight takes about 60 lines; the elements of a bounded list take the most.
    assert steps(lambda: decide(policy, request, 0.0)) < 3000


def test_a_path_of_8_kb_takes_bounded_work(snapshot: Snapshot) -> None:
    deep, starred = snapshot.policy("t"), snapshot.policy("ways")
    path = "/api" + "/a" * 4000

    assert steps(lambda: decide(deep, preflight(path=path), 0.0)) < 3000
    assert steps(lambda: decide(starred, preflight(path=path), 0.0)) < 3000


def test_v55_ten_thousand_requests_leave_nothing_behind(snapshot: Snapshot) -> None:
    """Receivers, objects and memory stay what they were."""
    signals = (request_started, request_finished, post_save, post_delete)
    middleware = CorsMiddleware(lambda request: HttpResponse())
    view = View(DecisionCache(snapshot), None)
    requests = [
        RequestFactory().get("/api/plain", headers={"host": "t.example.net", "origin": origin})
        for origin in (APP, "https://evil.com")
    ]

    def serve(count: int) -> None:
        for number in range(count):
            request = requests[number % 2]
            decision = evaluate(request, view, middleware.resolver)
            assert decision.tenant == "t"

    with override_settings(ALLOWED_HOSTS=[".example.net"]):
        serve(100)
        gc.collect()
        before = [len(signal.receivers) for signal in signals], len(gc.get_objects())
        serve(10_000)
        gc.collect()
        after = [len(signal.receivers) for signal in signals], len(gc.get_objects())

    assert after[0] == before[0]
    assert after[1] - before[1] < 100


@pytest.mark.slow
@pytest.mark.parametrize("allowed_hosts", [[".example.net"], ["*"]], ids=["V56 ours", "V56 any"])
def test_distinct_origins_and_hosts_fill_no_memory(
    snapshot: Snapshot, allowed_hosts: list[str]
) -> None:
    view = View(DecisionCache(snapshot), None)
    factory = RequestFactory()

    def serve(numbers: range) -> None:
        for number in numbers:
            # Long, for what is kept of a name is at least the name.
            host = "a" * 4000 + f"{number}.example.net"
            origin = f"https://a{number}.example.org"
            request = factory.get("/api/plain", headers={"host": host, "origin": origin})
            evaluate(request, view, by_host)
            request.META["HTTP_HOST"] = "t.example.net"
            evaluate(request, view, by_host)

    with override_settings(ALLOWED_HOSTS=allowed_hosts):
        serve(range(200))
        gc.collect()
        tracemalloc.start()
        try:
            serve(range(200, 1700))
            gc.collect()
            kept, _peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    # Fifteen hundred names of 4 kB are 6 MB.
    assert kept < MEGABYTE


@pytest.mark.parametrize("below", [True, False], ids=["V56 any host", "V56 hosts that are listed"])
def test_the_memory_of_hosts_has_a_limit(below: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (HostCheck.MAX_ACCEPTED, HostCheck.MAX_BELOW) == (100_000, 1_024)
    monkeypatch.setattr(HostCheck, "MAX_ACCEPTED", 50)
    monkeypatch.setattr(HostCheck, "MAX_BELOW", 50)
    hosts = [f"h{number}.example.net" for number in range(60)]
    check = HostCheck()
    request = HttpRequest()
    most = 0

    with override_settings(ALLOWED_HOSTS=["*"] if below else hosts):
        for host in hosts:
            request.META["HTTP_HOST"] = host
            check.accept(request)
            most = max(most, len(check.below if below else check.accepted))

    assert most == 50


@pytest.mark.parametrize("way", [ask_wsgi, ask_asgi], ids=["V52 WSGI", "V52 ASGI"])
def test_hostile_text_stays_one_line_in_the_log(
    way: Callable[[Ask], Any], tenants: Database, caplog: pytest.LogCaptureFixture
) -> None:
    path = "/api/x%0d%0aFAKE%1b%5b31m"
    origin = "https://evil\x85FAKE"
    caplog.set_level(logging.DEBUG, logger="corsadmin")
    caplog.set_level(logging.DEBUG, logger="django.request")

    with override_settings(
        ROOT_URLCONF="tests.conformance.urls_sync",
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=MIDDLEWARE,
    ):
        way(get(path, origin=origin))
        way(get(path, origin=origin, host="strict.example.net"))
        way(options("P\x85UT\x1b", "x-a\x85y", path=path, origin=origin))
        way(get(path, origin=origin, host="evil\x85host"))

    assert caplog.messages
    for message in caplog.messages:
        assert all(
            unicodedata.category(character) not in {"Cc", "Zl", "Zp"} for character in message
        )
