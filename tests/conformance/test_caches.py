"""A cache between the middleware and the view holds nobody's answer to give it to another."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import override_settings

from tests.asserts import assert_cors, assert_no_cors
from tests.conformance.case import get
from tests.conformance.recorder import RAN
from tests.conformance.site import APP, T_ACTUAL, make_tenants
from tests.conformance.wire import Ask, Seen, ask_asgi, ask_wsgi

MIDDLEWARE = [
    "tests.conformance.recorder.record",
    "corsadmin.middleware.CorsMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
]
OTHER = "https://foo.example.org"
EVIL = "https://evil.com"


@pytest.fixture(params=[pytest.param(ask_wsgi, id="WSGI"), pytest.param(ask_asgi, id="ASGI")])
def ask(request: pytest.FixtureRequest, db: None) -> Callable[[Ask], Seen]:
    way: Callable[[Ask], Seen] = request.param
    return way


@override_settings(
    ROOT_URLCONF="tests.conformance.urls_sync",
    ALLOWED_HOSTS=[".example.net"],
    MIDDLEWARE=MIDDLEWARE,
)
@pytest.mark.parametrize(
    "callers",
    [
        pytest.param([APP, OTHER, EVIL, None], id="P37 the first caller is allowed"),
        pytest.param([EVIL, None, OTHER, APP], id="P37 the first caller is a stranger"),
        pytest.param([None, APP, EVIL, OTHER], id="P37 the first caller has no origin"),
    ],
)
def test_each_caller_gets_headers_of_its_own(
    callers: list[str | None], ask: Callable[[Ask], Seen]
) -> None:
    make_tenants()
    cache.clear()

    first, *others = [(origin, ask(get(origin=origin))) for origin in callers]

    assert first[1].headers[RAN.lower()] == "view"
    assert {seen.headers[RAN.lower()] for _, seen in others} == {""}
    for origin, seen in (first, *others):
        assert seen.body == b"fine"
        if origin in {APP, OTHER}:
            assert_cors(seen.headers, origin=origin, **T_ACTUAL)
        else:
            assert_no_cors(seen.headers)


@override_settings(
    ROOT_URLCONF="tests.conformance.urls_sync",
    ALLOWED_HOSTS=[".example.net"],
    MIDDLEWARE=MIDDLEWARE,
)
@pytest.mark.parametrize(
    "origin", [pytest.param(APP, id="P28 allowed"), pytest.param(EVIL, id="P28 refused")]
)
def test_a_304_has_the_headers_of_its_own_caller(origin: str, ask: Callable[[Ask], Seen]) -> None:
    make_tenants()
    cache.clear()
    tag = ask(get(origin=OTHER)).headers["etag"]

    seen = ask(get(origin=origin, more=[("If-None-Match", tag)]))

    assert (seen.status, seen.body) == (304, b"")
    if origin == APP:
        assert_cors(seen.headers, origin=origin, **T_ACTUAL)
    else:
        assert_no_cors(seen.headers)
