"""Chromium itself: it asks first when we say so, and its console says what we say it does.

In one thing it is laxer: it lets a `*` in Access-Control-Allow-Headers cover `authorization`. The
Fetch standard does not, so neither do we.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from corsadmin.engine.browser import (
    FetchRequest,
    blocked,
    check_access,
    check_preflight_response,
    fetch_request,
)
from tests.scripted import Script, scripted_server

pytestmark = pytest.mark.slow

CALL = """
async ([url, options]) => {
  try {
    await fetch(url, options);
    return "";
  } catch (error) {
    return error.message;
  }
}
"""
# The browser puts the page's own origin in the place of this.
PAGE = "PAGE"
ORIGIN = ("Access-Control-Allow-Origin", PAGE)
CREDENTIALS = ("Access-Control-Allow-Credentials", "true")
METHODS = "Access-Control-Allow-Methods"
HEADERS = "Access-Control-Allow-Headers"
JSON = {"Content-Type": "application/json"}

numbers = count()
Headers = list[tuple[str, str]]


@pytest.fixture(scope="module")
def page(chrome: Browser) -> Iterator[Page]:
    with chrome.new_context() as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Any, Any]]:
    """A server for the page, and one for what it calls."""
    with scripted_server() as front, scripted_server() as api:
        front.script = {"GET": (200, [])}
        yield front, api


@pytest.mark.parametrize(
    ("options", "preflight", "request_"),
    [
        pytest.param({}, (204, []), (200, [ORIGIN]), id="allowed"),
        pytest.param({}, (204, []), (200, [("Access-Control-Allow-Origin", "*")]), id="star"),
        pytest.param({}, (204, []), (200, []), id="no header"),
        pytest.param({}, (204, []), (500, []), id="an error without header"),
        pytest.param(
            {}, (204, []), (200, [("Access-Control-Allow-Origin", "https://b.example")]), id="other"
        ),
        pytest.param({}, (204, []), (200, [ORIGIN, ORIGIN]), id="twice"),
        pytest.param(
            {"credentials": "include"}, (204, []), (200, [ORIGIN, CREDENTIALS]), id="cookies"
        ),
        pytest.param({"credentials": "include"}, (204, []), (200, [ORIGIN]), id="cookies refused"),
        pytest.param(
            {"credentials": "include"},
            (204, []),
            (200, [("Access-Control-Allow-Origin", "*"), CREDENTIALS]),
            id="star and cookies",
        ),
        pytest.param(
            {"method": "put"}, (204, [ORIGIN, (METHODS, "PUT")]), (200, [ORIGIN]), id="PUT"
        ),
        pytest.param({"method": "PUT"}, (403, []), (200, [ORIGIN]), id="PUT refused with 403"),
        pytest.param({"method": "PUT"}, (404, [ORIGIN]), (200, [ORIGIN]), id="preflight is a 404"),
        pytest.param({"method": "PUT"}, (204, [ORIGIN]), (200, [ORIGIN]), id="PUT not listed"),
        pytest.param(
            {"method": "PUT"},
            (302, [ORIGIN, ("Location", "/elsewhere")]),
            (200, [ORIGIN]),
            id="preflight redirected",
        ),
        pytest.param(
            {"method": "PUT"}, (204, [ORIGIN, (METHODS, "*")]), (200, [ORIGIN]), id="any method"
        ),
        pytest.param(
            {"method": "PUT", "credentials": "include"},
            (204, [ORIGIN, CREDENTIALS, (METHODS, "*")]),
            (200, [ORIGIN, CREDENTIALS]),
            id="any method is none with cookies",
        ),
        pytest.param(
            {"method": "patch"},
            (204, [ORIGIN, (METHODS, "PATCH")]),
            (200, [ORIGIN]),
            id="patch is not PATCH",
        ),
        pytest.param(
            {"method": "POST", "headers": JSON},
            (204, [ORIGIN, (HEADERS, "Content-Type")]),
            (200, [ORIGIN]),
            id="JSON",
        ),
        pytest.param(
            {"method": "POST", "headers": JSON}, (204, [ORIGIN]), (200, [ORIGIN]), id="JSON refused"
        ),
        pytest.param(
            {"method": "POST", "headers": {"Content-Type": "text/plain"}},
            (204, []),
            (200, [ORIGIN]),
            id="plain text",
        ),
        pytest.param(
            {"headers": {"X-B": "1", "X-A": "1"}},
            (204, [ORIGIN, (HEADERS, "x-a")]),
            (200, [ORIGIN]),
            id="one header of two",
        ),
        pytest.param(
            {"headers": {"Accept-Language": "de_CH"}},
            (204, [ORIGIN]),
            (200, [ORIGIN]),
            id="an odd language",
        ),
        pytest.param(
            {"headers": {"Range": "bytes=0-10"}}, (204, []), (200, [ORIGIN]), id="a simple range"
        ),
    ],
)
def test_chromium_says_the_same(
    page: Page,
    servers: tuple[Any, Any],
    options: dict[str, Any],
    preflight: tuple[int, Headers],
    request_: tuple[int, Headers],
) -> None:
    front, api = servers
    origin = f"http://localhost:{front.server_address[1]}"
    # Chromium remembers preflights by URL.
    url = f"http://localhost:{api.server_address[1]}/{next(numbers)}"
    asked = fetch_request(origin, options.get("method", "GET"), options.get("headers", {}))
    api.asked = []
    api.script = {
        "OPTIONS": (preflight[0], filled(preflight[1], origin)),
        asked.method: (request_[0], filled(request_[1], origin)),
    }
    fault = expected_fault(asked, api.script, options.get("credentials") == "include")
    page.goto(origin)

    if fault:
        with page.expect_console_message(lambda message: "CORS" in message.text) as line:
            assert page.evaluate(CALL, [url, options]) == "Failed to fetch"
        assert line.value.text == blocked(url, origin, fault)
    else:
        assert page.evaluate(CALL, [url, options]) == ""

    method, _path, sent = api.asked[0]
    assert (method == "OPTIONS") is asked.needs_preflight
    if asked.needs_preflight:
        assert sent["Access-Control-Request-Method"] == asked.method
        assert sent.get("Access-Control-Request-Headers", "") == ",".join(asked.unsafe)


def expected_fault(asked: FetchRequest, script: Script, credentials: bool) -> str:
    """Return what we say of the answers."""
    fault = ""
    if asked.needs_preflight:
        status, headers = script["OPTIONS"]
        fault = check_preflight_response(status, joined(headers), asked, credentials=credentials)
    answer = joined(script[asked.method][1])
    return fault or check_access(answer, asked.origin, credentials=credentials)


def filled(headers: Headers, origin: str) -> Headers:
    return [(name, origin if value == PAGE else value) for name, value in headers]


def joined(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
