"""A process that has answered much answers as one that has just begun: nothing sticks."""

import random
from collections.abc import Iterator
from time import time

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import override_settings

from corsadmin.engine import Reason, Snapshot, TenantPolicy, decide
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.loader import load
from corsadmin.serving.request import cors_request
from corsadmin.serving.store import View
from corsadmin.tenants import by_host, host_check
from tests.conformance.case import get
from tests.conformance.site import make_tenants
from tests.conformance.tables import CASES
from tests.conformance.wire import Ask, wsgi_environ

pytestmark = pytest.mark.django_db

ROUNDS = 3


@pytest.fixture
def snapshot() -> Iterator[Snapshot]:
    make_tenants()
    with override_settings(ALLOWED_HOSTS=[".example.net"]):
        yield load("default")


def fresh_policy(request: WSGIRequest) -> TenantPolicy | None:
    """Return the tenant's policy from a snapshot that nobody has asked yet."""
    host_check.forget()
    try:
        return by_host(request, load("default"))
    finally:
        host_check.forget()


@pytest.mark.slow
def test_each_case_is_decided_the_same_in_whatever_order(snapshot: Snapshot) -> None:
    requests = [WSGIRequest(wsgi_environ(case.ask)) for case in CASES if not case.settings]
    fresh = {
        id(request): decide(fresh_policy(request), cors_request(request), time())
        for request in requests
    }
    order = requests * ROUNDS
    view = View(DecisionCache(snapshot), None)
    random.Random(7).shuffle(order)

    for request in order:
        assert evaluate(request, view, by_host) == fresh[id(request)], request


def test_v26_an_host_check_is_not_taken_from_a_forwarded_header(snapshot: Snapshot) -> None:
    view = View(DecisionCache(snapshot), None)
    origin = "https://app.rival.example"
    asks = [
        get(origin=origin, host="rival.example.net"),
        get(origin=origin, more=[("X-Forwarded-Host", "rival.example.net")]),
    ]

    reasons = [decided(ask, view) for ask in asks]

    assert reasons == [Reason.ALLOWED, Reason.ORIGIN_NOT_LISTED]


def decided(ask: Ask, view: View) -> Reason:
    return evaluate(WSGIRequest(wsgi_environ(ask)), view, by_host).reason
