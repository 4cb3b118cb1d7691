"""Each decision is counted once, by its reason."""

import sys
import threading
from collections import Counter
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from prometheus_client import REGISTRY

from corsadmin.engine import Reason
from corsadmin.metrics import Metrics
from tests.serving.metrics.figures import STRANGER, figure
from tests.serving.test_processes import APP


def decisions() -> Counter[str]:
    """Return how often each reason was given in this process, as a scrape finds it."""
    return Counter({
        reason.value: int(figure(REGISTRY, "decisions_total", reason=reason) or 0)
        for reason in Reason
    })  # fmt: skip


PREFLIGHT = {"access-control-request-method": "DELETE"}
REQUESTS = [
    pytest.param("get", {}, Reason.NOT_CORS, id="no Origin"),
    pytest.param("get", {"origin": APP}, Reason.ALLOWED, id="allowed"),
    pytest.param("get", {"origin": STRANGER}, Reason.ORIGIN_NOT_LISTED, id="refused"),
    pytest.param(
        "options", {"origin": APP, **PREFLIGHT}, Reason.METHOD_NOT_ALLOWED,
        id="a preflight, which no view sees",
    ),
]  # fmt: skip


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("method", "headers", "reason"), REQUESTS)
def test_each_request_is_counted_by_its_reason(
    method: str, headers: dict[str, str], reason: Reason
) -> None:
    before = decisions()

    getattr(Client(), method)("/api/none", headers=headers)

    assert decisions() - before == {reason: 1}


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("method", "headers", "reason"), REQUESTS)
def test_so_it_is_in_an_event_loop(method: str, headers: dict[str, str], reason: Reason) -> None:
    before = decisions()

    async_to_sync(getattr(AsyncClient(), method))("/api/none", headers=headers)

    assert decisions() - before == {reason: 1}


def test_no_thread_takes_a_count_from_another(make_store: Any) -> None:
    counts = Metrics(make_store()).counts
    interval = sys.getswitchinterval()

    def count() -> None:
        for _ in range(20_000):
            counts[Reason.ALLOWED] += 1

    threads = [threading.Thread(target=count) for _ in range(8)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)

    assert counts[Reason.ALLOWED] == 160_000
