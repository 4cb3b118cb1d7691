"""What pages may read, in two real browsers: the answer's headers decide, and the browser obeys."""

import json
from itertools import count
from typing import Any, NamedTuple

import pytest

from tests.browsers.conftest import API, Api
from tests.browsers.engines import Engine
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL, CALL_FROM_SANDBOX, CALL_FROM_WORKER, CALL_TWICE
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

APP = "https://app.example.com"
PLAIN = "https://plain.example.com"
INSIDE = "https://inside.example.com"
EVIL = "https://evil.example.com"
BELOW = "https://a.b.example.org"
OTHER = "https://other.example.net"
PREVIEWS = ".preview.example"
JSON = {"Content-Type": "application/json"}
INCLUDE = {"credentials": "include"}

numbers = count()


class Row(NamedTuple):
    """One call of a page: `status` is what it may read, None where it is blocked."""

    name: str
    page: str
    path: str
    options: dict[str, Any]
    status: int | None
    preflights: int
    arrives: bool = True  # whether the call itself reaches the API


ROWS = [
    Row("a simple GET", APP, "/api/echo", {}, 200, 0),
    Row("a simple GET of a stranger", EVIL, "/api/echo", {}, None, 0),
    Row("a simple POST", APP, "/api/echo", {"method": "POST", "body": "x"}, 200, 0),
    Row("a simple POST of a stranger", EVIL, "/api/echo", {"method": "POST", "body": "x"}, None, 0),
    Row("HEAD", APP, "/api/echo", {"method": "HEAD"}, 200, 0),
    Row(
        "a JSON body", APP, "/api/echo", {"method": "POST", "headers": JSON, "body": "{}"}, 200, 1
    ),
    Row(
        "a stranger's JSON body",
        EVIL,
        "/api/echo",
        {"method": "POST", "headers": JSON, "body": "{}"},
        None,
        1,
        arrives=False,
    ),
    Row("PUT", APP, "/api/echo", {"method": "PUT"}, 200, 1),
    Row("P07 put, which browsers upper-case", APP, "/api/echo", {"method": "put"}, 200, 1),
    Row("DELETE", APP, "/api/echo", {"method": "DELETE"}, 200, 1),
    Row("PATCH, not listed", APP, "/api/echo", {"method": "PATCH"}, None, 1, arrives=False),
    Row("P08 patch, as written", APP, "/api/echo", {"method": "patch"}, None, 1, arrives=False),
    Row("a listed header", APP, "/api/echo", {"headers": {"X-A": "1"}}, 200, 1),
    Row(
        "P13 two listed headers",
        APP,
        "/api/echo",
        {"method": "POST", "headers": {**JSON, "X-A": "1"}, "body": "{}"},
        200,
        1,
    ),
    Row(
        "a header that is not listed", APP, "/api/echo", {"headers": {"X-B": "1"}}, None, 1,
        arrives=False,
    ),
    Row(
        "authorization, not listed",
        APP,
        "/api/echo",
        {"headers": {"Authorization": "Bearer x"}},
        None,
        1,
        arrives=False,
    ),
    Row("a name below a wildcard", BELOW, "/api/echo", {"method": "PUT"}, 200, 1),
    Row("a name that fits a label", f"https://pr-7{PREVIEWS}", "/api/echo", {"method": "PUT"}, 200, 1),
    Row("cookies of a name that fits a label", f"https://pr-a_b{PREVIEWS}", "/api/echo", INCLUDE, 200, 0),
    Row("a name with a dot in a label", f"https://pr-7.x{PREVIEWS}", "/api/echo", {}, None, 0),
    Row("a name with nothing in a label", f"https://pr-{PREVIEWS}", "/api/echo", {}, None, 0),
    Row("a name whose label begins otherwise", f"https://xpr-7{PREVIEWS}", "/api/echo", {}, None, 0),
    Row("the apex of a wildcard", "https://example.org", "/api/echo", {}, None, 0),
    Row("V02 a longer label", "https://evilexample.org", "/api/echo", {}, None, 0),
    Row("the same name by plain http", "http://app.example.com", "/api/echo", {}, None, 0),
    Row("the same name by another port", f"{APP}:8443", "/api/echo", {}, None, 0),
    Row("credentials granted", APP, "/api/echo", INCLUDE, 200, 0),
    Row("credentials granted, asked first", APP, "/api/echo", {**INCLUDE, "method": "PUT"}, 200, 1),
    Row("credentials not granted", PLAIN, "/api/echo", INCLUDE, None, 0),
    Row("no credentials where none are granted", PLAIN, "/api/echo", {}, 200, 0),
    Row(
        "credentials not granted, asked first",
        PLAIN,
        "/api/echo",
        {**INCLUDE, "method": "PUT"},
        None,
        1,
        arrives=False,
    ),
    *(
        Row(f"P19 {what}, with credentials", page, "/echo/x", {**INCLUDE, **options}, *seen)
        for what, page, options, seen in (
            ("a header that is not listed", APP, {"headers": {"X-Any": "1"}}, (200, 1)),
            ("authorization, not listed", APP, {"headers": {"Authorization": "Bearer x"}}, (200, 1)),
            ("a method that is not listed", APP, {"method": "PATCH"}, (200, 1)),
            ("two headers and a method", APP,
             {"method": "PUT", "headers": {**JSON, "X-Any": "1"}, "body": "{}"}, (200, 1)),
            ("a stranger's header", EVIL, {"headers": {"X-Any": "1"}}, (None, 1, False)),
            ("no cookies for the entry", PLAIN, {"headers": {"X-Any": "1"}}, (None, 1, False)),
        )
    ),
    Row(
        "P18 authorization, not listed, for an entry without credentials", PLAIN, "/echo/x",
        {"headers": {"Authorization": "Bearer x"}}, 200, 1,
    ),
    *(
        Row(f"an exclusive path: {what}", page, path, options, *seen)
        for what, page, path, options, seen in (
            ("who is scoped to it", INSIDE, "/echo/inside/x", {}, (200, 0)),
            ("who is scoped to it asks first", INSIDE, "/echo/inside/x", {"method": "PUT"}, (200, 1)),
            ("who is allowed around it", APP, "/echo/inside/x", {}, (None, 0)),
            ("who is allowed around it asks first", APP, "/echo/inside/x", {"method": "PUT"},
             (None, 1, False)),
            ("who is scoped to it, elsewhere", INSIDE, "/echo/x", {}, (None, 0)),
            ("an ordinary path below it", APP, "/echo/inside/alone/", {"method": "PUT"}, (200, 1)),
            ("below the slash of that one", APP, "/echo/inside/alone/x", {"method": "PUT"},
             (None, 1, False)),
        )
    ),
    Row("any origin", EVIL, "/open/x", {}, 200, 0),
    Row("any origin, asked first", EVIL, "/open/x", {"method": "PUT"}, 200, 1),
    Row("P20 any origin with credentials", EVIL, "/open/x", INCLUDE, None, 0),
    Row("P27 400", APP, "/api/status/400", {}, 400, 0),
    Row("P27 404", APP, "/api/no-such-view", {}, 404, 0),
    Row("P27 413", APP, "/api/status/413", {"method": "POST", "body": "x"}, 413, 0),
    Row("P27 429", APP, "/api/status/429", {}, 429, 0),
    Row("P27 500", APP, "/api/broken", {}, 500, 0),
    Row("a stranger learns no error", EVIL, "/api/status/400", {}, None, 0),
    Row("a redirect to the same API", APP, "/api/redirect?to=/api/echo", {}, 200, 0),
    Row("P32 a redirect elsewhere is null's", APP, f"/api/redirect?to={OTHER}/api/echo", {}, None, 0),
    Row("P32 null where all are allowed", APP, f"/api/redirect?to={OTHER}/open/x", {}, 200, 0),
]  # fmt: skip


@pytest.fixture(scope="module")
def logged_in(browser: Engine, routed: Proxy) -> None:
    """A browser that holds the API's cookie, from the first test that needs it on."""
    browser.visit(f"{API}/api/login")


def open_page(browser: Engine, origin: str) -> None:
    """Show a page of an origin, unless the browser does already: calls leave nothing in a page."""
    if browser.run("return location.origin;") != origin:
        browser.visit(f"{origin}/page")


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_a_page_calls_the_api(row: Row, browser: Engine, called: Proxy, logged_in: None) -> None:
    mark = f"row{next(numbers)}"
    open_page(browser, row.page)
    url = f"{API}{row.path}{'&' if '?' in row.path else '?'}{mark}"

    answer = browser.run(CALL, url, row.options)

    assert answer.get("status") == row.status, answer
    assert called.count("OPTIONS", mark) == row.preflights
    method = row.options.get("method", "GET").upper()
    assert called.count(method, mark) + called.count("patch", mark) == row.arrives
    if row.status is None:
        assert answer == {"error": "TypeError"}


def test_cookies_travel_only_where_they_are_granted(
    browser: Engine, called: Proxy, logged_in: None
) -> None:
    open_page(browser, APP)

    included = browser.run(CALL, f"{API}/api/echo", INCLUDE)
    omitted = browser.run(CALL, f"{API}/api/echo", {"credentials": "omit"})

    assert json.loads(included["body"])["cookie"] == "yes"
    assert json.loads(omitted["body"])["cookie"] is None


def test_only_exposed_headers_are_readable(browser: Engine, called: Proxy) -> None:
    open_page(browser, APP)

    listed = browser.run(CALL, f"{API}/api/echo")["headers"]
    all_of_them = browser.run(CALL, f"{API}/open/x")["headers"]

    assert listed["x-total-count"] == "3"
    assert "x-hidden" not in listed
    assert all_of_them["x-hidden"] == "yes"


@pytest.mark.parametrize(
    ("age", "preflights"),
    [
        pytest.param("0", 2, id="P23 max-age 0: each call asks"),
        pytest.param("none", 1, id="P23 no max-age: remembered for five seconds"),
        pytest.param("60", 1, id="P23 max-age 60: remembered"),
    ],
)
def test_browsers_remember_a_preflight(
    age: str, preflights: int, browser: Engine, called: Proxy
) -> None:
    open_page(browser, APP)
    url = f"{API}/age/{age}/{next(numbers)}"

    answers = browser.run(CALL_TWICE, url, {"method": "PUT"})

    assert [answer["status"] for answer in answers] == [200, 200]
    assert called.count("PUT", url) == 2
    assert called.count("OPTIONS", url) == preflights


def test_p32_a_sandboxed_frame_is_null(browser: Engine, called: Proxy) -> None:
    open_page(browser, APP)

    closed = browser.run(CALL_FROM_SANDBOX, f"{API}/api/echo?sandbox")
    open_to_all = browser.run(CALL_FROM_SANDBOX, f"{API}/open/sandbox")

    assert closed == {"error": "TypeError"}
    assert called.count("GET", "/api/echo?sandbox") == 1
    assert json.loads(open_to_all["body"])["origin"] == "null"


@pytest.mark.parametrize(("page", "status"), [(APP, 200), (EVIL, None)], ids=["allowed", "refused"])
def test_a_worker_has_the_origin_of_its_page(
    page: str, status: int | None, browser: Engine, called: Proxy
) -> None:
    open_page(browser, page)

    assert browser.run(CALL_FROM_WORKER, f"{API}/api/echo").get("status") == status


def test_a_change_of_the_policy_governs_the_next_call(
    browser: Engine, called: Proxy, api: Api
) -> None:
    open_page(browser, PLAIN)
    switch = (
        "from corsadmin.models import *; Origin.objects.filter(pattern='%s').update(enabled=%s)"
    )

    def call() -> Any:
        return browser.run(CALL, f"{API}/api/echo?{next(numbers)}").get("status")

    assert call() == 200
    api.run(switch % (PLAIN, False))
    eventually(call, lambda status: status is None, PROMISED_SECONDS)
    api.run(switch % (PLAIN, True))
    eventually(call, lambda status: status == 200, PROMISED_SECONDS)


def test_v45_a_shared_cache_keeps_the_answers_apart(browser: Engine, called: Proxy) -> None:
    url = f"https://cache.example.net/cached/{next(numbers)}"
    pages = [APP, BELOW, EVIL, BELOW, APP, EVIL]
    answers = []
    for page in pages:
        open_page(browser, page)
        answers.append(browser.run(CALL, url, {"cache": "no-store"}).get("status"))

    assert answers == [200, 200, None, 200, 200, None]
    # Six calls, and the API was asked once for each origin.
    assert called.count("GET", url) == 6
    assert len(called.stored[url]) == 3
