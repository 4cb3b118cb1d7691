"""Thousands of requests to this middleware and to django-cors-headers: each difference has a name."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest
from corsheaders.middleware import CorsMiddleware as TheirMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from corsadmin.middleware import CorsMiddleware
from corsadmin.models import Tenant
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.loader import load
from corsadmin.serving.store import Store, View
from tests.asserts import cors_headers
from tests.conformance.differences import DIFFERENCES, Call, Outcome
from tests.factories import make_site

pytestmark = pytest.mark.django_db

REQUESTS_FOR_A_POLICY = 600
LISTED = ["https://app.example.com", "http://localhost:3000", "https://xn--bcher-kva.example"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH"]
HEADERS = ["authorization", "content-type", "x-a"]

ORIGINS = [
    *(None, "", "null", *LISTED, "https://a.example.org", "https://a.b.example.org"),
    *("https://example.org", "https://evil.com", "https://app.example.com.evil.com"),
    *("https://evilexample.org", "https://a.example.org.evil.com", "http://localhost:3001"),
    *("HTTPS://app.example.com", "https://app.example.com/path", "https://app.example.com?x#y"),
    *("https://app.example\t.com", "https://APP.example.com", "https://app.example.com:443"),
    *(
        "http://[::1",
        "https://a_b.example.org",
        "*",
        "https://*.example.org",
        "https://-.example.org",
    ),
    "https://app.example.com,https://evil.com",
]
REQUESTED_METHODS = [None, "", "GET", "PUT", "PATCH", "patch", "DELETE", "TRACE"]
REQUESTED_HEADERS = [None, "", "x-a", "X-A, content-type", "x-b", "authorization", "x-a,,", "*"]
PATHS = ["/api/plain", "/api/", "/other", "/API/x", "/api/own"]


class Policy(NamedTuple):
    """A policy that both can express."""

    any_origin: bool
    credentials: bool
    exposed: list[str]
    max_age: int | None

    @property
    def theirs(self) -> dict[str, Any]:
        """The settings of django-cors-headers."""
        return {
            "CORS_ALLOW_ALL_ORIGINS": self.any_origin,
            "CORS_ALLOWED_ORIGINS": [] if self.any_origin else LISTED,
            "CORS_ALLOWED_ORIGIN_REGEXES": (
                [] if self.any_origin else [r"^https://([a-z0-9_-]+\.)+example\.org\Z"]
            ),
            "CORS_ALLOW_CREDENTIALS": self.credentials,
            "CORS_EXPOSE_HEADERS": self.exposed,
            "CORS_ALLOW_METHODS": METHODS,
            "CORS_ALLOW_HEADERS": HEADERS,
            "CORS_PREFLIGHT_MAX_AGE": self.max_age or 0,
            "CORS_URLS_REGEX": r"^/api/",
        }

    def store_ours(self) -> None:
        """Store the same as rows."""
        origins = [] if self.any_origin else [*LISTED, "https://*.example.org"]
        rule = {
            "any_origin": self.any_origin,
            "credentials": self.credentials,
            "exposed_headers": self.exposed,
            "max_age": self.max_age,
            "methods": METHODS,
            "request_headers": HEADERS,
        }
        entries = [{"pattern": origin, "credentials": self.credentials} for origin in origins]
        make_site("t", origins=entries, paths=[rule])


POLICIES = [
    Policy(any_origin, credentials, exposed, max_age)
    for any_origin, credentials, exposed, max_age in product(
        (False, True), (False, True), ([], ["x-total-count"]), (None, 0, 600)
    )
    if not (any_origin and credentials)  # theirs reflects any origin then; ours has no such thing
]


class StillStore(Store):
    """A store that holds what was stored when it was made."""

    def __init__(self) -> None:
        super().__init__()
        self.view = View(DecisionCache(load("default")), None)

    def current(self) -> View:
        return self.view


def make_requests(chosen: random.Random) -> Iterator[HttpRequest]:
    """Yield requests made of every kind of part, at random."""
    factory = RequestFactory()
    for _ in range(REQUESTS_FOR_A_POLICY):
        headers = {
            "Host": "t.example.net",
            "Origin": chosen.choice(ORIGINS),
            "Access-Control-Request-Method": chosen.choice(REQUESTED_METHODS),
            "Access-Control-Request-Headers": chosen.choice(REQUESTED_HEADERS),
        }
        method = chosen.choice(["GET", "POST", "PUT", "OPTIONS", "OPTIONS", "OPTIONS"])
        yield factory.generic(
            method,
            chosen.choice(PATHS),
            headers={name: value for name, value in headers.items() if value is not None},
        )


def outcome(
    middleware: Callable[[Callable[[HttpRequest], HttpResponse]], Any], request: HttpRequest
) -> Outcome:
    """Return what a middleware does to a request and to what its view answers."""
    ran = []

    def view(request: HttpRequest) -> HttpResponse:
        ran.append(request)
        response = HttpResponse(b"fine")
        if request.path_info == "/api/own":
            response["Access-Control-Allow-Origin"] = "*"
        return response

    response = middleware(view)(request)
    headers = cors_headers(response.headers)
    if "vary" in headers:  # names of headers have no case
        headers["vary"] = headers["vary"].lower()
    return Outcome(response.status_code, bool(ran), headers)


@pytest.mark.slow
def test_every_difference_has_a_name_and_a_reason() -> None:
    chosen = random.Random(20_260_702)
    seen: Counter[str] = Counter()
    same = total = 0
    for policy in POLICIES:
        policy.store_ours()
        store = StillStore()
        with override_settings(
            ALLOWED_HOSTS=[".example.net"],
            **policy.theirs,
        ):

            def ours_of(view: Any, store: Store = store) -> CorsMiddleware:
                middleware = CorsMiddleware(view)
                middleware.current = store.current
                return middleware

            for request in make_requests(chosen):
                theirs, ours = outcome(TheirMiddleware, request), outcome(ours_of, request)
                names = explain(call_of(request, policy), theirs, ours)
                seen.update(names)
                total += 1
                same += not names
        Tenant.objects.filter(slug="t").delete()

    assert total == REQUESTS_FOR_A_POLICY * len(POLICIES) > 5000
    assert same > total / 4
    assert seen.keys() == {difference.name for difference in DIFFERENCES}


def explain(call: Call, theirs: Outcome, ours: Outcome) -> set[str]:
    """Return the names of all differences; assert that each field that differs has one."""
    names = set()
    for field in sorted(theirs.fields | ours.fields):
        if theirs.field(field) == ours.field(field):
            continue
        found = [item.name for item in DIFFERENCES if item.covers(call, field, theirs, ours)]

        assert found, (call, field, theirs, ours)
        names.add(found[0])
    return names


def call_of(request: HttpRequest, policy: Policy) -> Call:
    meta = request.META
    return Call(
        request.method or "",
        meta.get("HTTP_ORIGIN"),
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        policy.any_origin,
        policy.max_age,
    )
