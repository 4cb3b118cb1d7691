"""What an emergency leaves of the answers, header by header, under WSGI and ASGI."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from corsadmin.engine import Reason
from corsadmin.models import Emergency, Tenant
from tests.asserts import PREFLIGHT_VARY, assert_cors
from tests.conformance.case import get, options
from tests.conformance.recorder import RAN, REASON
from tests.conformance.site import APP
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import Ask, ask_asgi, ask_wsgi
from tests.factories import make_site

pytestmark = pytest.mark.django_db

EVIL, SITE = "https://evil.com", "http://t.example.net"
ALLOWED = {"origin": APP, "credentials": True}
RULE = {"credentials": True, "methods": ["GET"], "request_headers": [], "max_age": 600}
OPEN = {"path": "/api/", "any_origin": True, "methods": ["GET"], "request_headers": []}
SPOKEN = {"methods": "GET", "max_age": "600", "vary": PREFLIGHT_VARY}
UNLISTED, REFUSED = {"vary": "Origin"}, {"vary": PREFLIGHT_VARY}


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    with override_settings(
        ROOT_URLCONF="tests.conformance.urls_sync",
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=MIDDLEWARE,
    ):
        yield


def check(ask: Ask, reason: str, status: int, cors: dict[str, Any]) -> None:
    """Assert what WSGI and ASGI answer, and whether the view ran."""
    for seen in (ask_wsgi(ask), ask_asgi(ask)):
        assert (seen.headers[REASON.lower()], seen.status) == (reason, status)
        assert_cors(seen.headers, **cors)
        assert seen.headers[RAN.lower()] == ("view" if status == 200 else "")


# For each ask: the rule, then (reason, status, headers) without, with `credentials` and with `all`.
CASES = {
    "a call": (
        get(),
        RULE,
        ("allowed", 200, ALLOWED),
        ("allowed", 200, {"origin": APP}),
        ("emergency", 200, UNLISTED),
    ),
    "a call of a stranger": (
        get(origin=EVIL),
        RULE,
        ("origin-not-listed", 200, UNLISTED),
        ("origin-not-listed", 200, UNLISTED),
        ("emergency", 200, UNLISTED),
    ),
    "a preflight": (
        options("GET"),
        RULE,
        ("allowed", 204, {**ALLOWED, **SPOKEN}),
        ("allowed", 204, {"origin": APP, **SPOKEN}),
        ("emergency", 403, REFUSED),
    ),
    "a call where the rule refuses": (
        get(),
        {**RULE, "refuse_unlisted": True},
        ("allowed", 200, ALLOWED),
        ("allowed", 200, {"origin": APP}),
        ("emergency", 403, UNLISTED),
    ),
    "the site's own call where the rule refuses": (
        get(origin=SITE),
        {**RULE, "refuse_unlisted": True},
        ("same-origin", 200, UNLISTED),
        ("same-origin", 200, UNLISTED),
        ("same-origin", 200, UNLISTED),
    ),
    "any origin": (
        get(origin=EVIL),
        OPEN,
        ("allowed", 200, {"origin": "*", "vary": None}),
        ("allowed", 200, {"origin": "*", "vary": None}),
        ("emergency", 200, UNLISTED),
    ),
    "any origin, without an Origin": (
        get(origin=None),
        OPEN,
        ("not-cors", 200, {"origin": "*", "vary": None}),
        ("not-cors", 200, {"origin": "*", "vary": None}),
        ("not-cors", 200, UNLISTED),
    ),
    "a path without a rule": (
        get("/health/plain"),
        RULE,
        ("no-rule", 200, {"vary": None}),
        ("no-rule", 200, {"vary": None}),
        ("no-rule", 200, {"vary": None}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "rule", "calm", "careful", "stopped"), CASES.values(), ids=CASES)
def test_an_emergency_takes_away_what_it_says(
    ask: Ask, rule: dict[str, Any], calm: Any, careful: Any, stopped: Any
) -> None:
    tenant = make_site("t", origins=[{"pattern": APP, "credentials": True}], paths=[rule])
    platform = Tenant.objects.platform()

    check(ask, *calm)
    row = Emergency.objects.create(tenant=tenant, level="credentials", reason="x")
    check(ask, *careful)
    Emergency.objects.create(tenant=platform, reason="x")
    check(ask, *stopped)
    Emergency.objects.filter(tenant=platform).delete()
    check(ask, *careful)
    row.delete()
    check(ask, *calm)


def test_the_clock_alone_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is written and nothing is read again, and what was decided before is not remembered."""
    end = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    now = end.timestamp() - 1
    monkeypatch.setattr("corsadmin.serving.decision_cache.time", lambda: now)
    tenant = make_site("t", origins=[APP])
    Emergency.objects.create(tenant=tenant, reason="x", until=end)

    for moment, reason in (
        (-1, "emergency"),
        (-0.001, "emergency"),
        (0, "allowed"),
        (9, "allowed"),
    ):
        now = end.timestamp() + moment
        for _again in range(3):
            assert ask_wsgi(get()).headers[REASON.lower()] == reason
    now = end.timestamp() - 5

    assert ask_wsgi(get()).headers[REASON.lower()] == Reason.EMERGENCY
