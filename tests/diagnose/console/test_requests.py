"""Requests as DevTools and HAR give them, and issues of the protocol."""

import json

import pytest

from corsadmin.diagnose.console import BlockKind, Reading, read
from tests.diagnose.console.corpus import API, PAGE, fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f'fetch("{API}");', Reading(url=API, method="GET", headers=()), id="a bare fetch"
        ),
        pytest.param(f'fetch("{API}', Reading(fix_here=False), id="a URL that is cut"),
        pytest.param(
            f'fetch("{API}", {{"method": "PU', Reading(url=API), id="options that are cut"
        ),
        pytest.param(
            f'fetch("{API}", {{"method": 7, "headers": [], "referrer": null}})',
            Reading(url=API, headers=()),
            id="options of other types",
        ),
        pytest.param(
            f'fetch("{API}", {{"headers": {{"pragma": "no-cache", "cache-control": "no-cache", '
            '"x-b": "1", "x-a": "1", "priority": "u=1", "x": 1}, "method": "POST"})',
            Reading(url=API, method="POST", headers=("x-a", "x-b")),
            id="headers of the page, and of the browser",
        ),
        pytest.param(
            f"curl '{API}' -I -b 'a=1' -H 'Origin: null'",
            Reading(url=API, method="HEAD", page="null", credentials=True, headers=()),
            id="a HEAD with cookies from a file",
        ),
        pytest.param(
            f'curl --url {API} --request "a b" -d "x\\"y" -o out',
            Reading(url=API, headers=()),
            id="not a method",
        ),
        pytest.param(
            "curl 'https://api'.globex.example/x",
            Reading(method="GET", headers=()),
            id="a host that is put together",
        ),
        pytest.param(f"curl '{API}' -H 'x-a: 1", Reading(url=API), id="a quote that is open"),
        pytest.param(
            f"curl '{API}' \\\n -X PUT \\", Reading(url=API, method="PUT"), id="a line that is open"
        ),
    ],
)
def test_copied_requests(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    ("code", "parameter", "expected"),
    [
        pytest.param(
            "MethodDisallowedByPreflightResponse",
            "PUT",
            (BlockKind.METHOD, "PUT", None),
            id="method",
        ),
        pytest.param(
            "HeaderDisallowedByPreflightResponse",
            "X-A",
            (BlockKind.HEADER, None, "x-a"),
            id="header",
        ),
        pytest.param(
            "MethodDisallowedByPreflightResponse", "?", (BlockKind.METHOD, None, None), id="no"
        ),
        pytest.param(
            "LocalNetworkAccessPermissionDenied", "", (BlockKind.LNA, None, None), id="LNA"
        ),
        pytest.param("DisallowedByMode", "", (BlockKind.UNKNOWN, None, None), id="another"),
    ],
)
def test_issues_of_the_protocol(code, parameter, expected):
    issue = {"corsErrorStatus": {"corsError": code, "failedParameter": parameter}}

    assert fields(json.dumps(issue), "kind", "method", "header") == expected


TAB = f"""Request URL:
{API}
Request Method:
OPTIONS
Status Code:
403 Forbidden
Access-Control-Request-Headers: content-type,x-a
Access-Control-Request-Method: PUT
Origin: {PAGE}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TAB, (PAGE, API, "PUT", ("content-type", "x-a"), 403, True), id="a preflight"),
        pytest.param(
            f"Request URL: {API} Request Method: DELETE origin: null",
            ("null", API, "DELETE", None, None, None),
            id="a request",
        ),
        pytest.param(
            f"Request URL: {API} Request Method: OPTIONS",
            (None, API, None, None, None, None),
            id="OPTIONS that may be the page's",
        ),
        pytest.param(
            TAB.replace("Access-Control-Request-Headers", "X"),
            (PAGE, API, "PUT", (), 403, True),
            id="a preflight for the method alone",
        ),
        pytest.param(
            "Request URL: none Request Method: GET", (None,) * 2 + ("GET",) + (None,) * 3, id="no"
        ),
    ],
)
def test_the_headers_tab(text, expected):
    names = ("page", "url", "method", "headers", "status", "proves_preflight")

    assert fields(text, *names) == expected


def har(*entries: object, creator: str = "WebInspector") -> str:
    return json.dumps({"log": {"creator": {"name": creator}, "entries": entries}})


def entry(method="GET", asked=None, status=200, answered=None, **more):
    def listed(headers):
        return [{"name": name, "value": value} for name, value in (headers or {}).items()]

    return {
        "request": {
            "method": method,
            "url": API,
            "headers": listed({"Origin": PAGE, **(asked or {})}),
        },
        "response": {"status": status, "headers": listed(answered)},
        **more,
    }


PREFLIGHT = {
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "content-type,x-a",
}
ALLOWED = {"Access-Control-Allow-Origin": PAGE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            har(
                entry("OPTIONS", PREFLIGHT, 204, {**ALLOWED, "Access-Control-Allow-Methods": "PUT"})
            ),
            (BlockKind.HEADER, "PUT", "content-type", ("content-type", "x-a"), 204, True),
            id="a preflight that lacks the headers",
        ),
        pytest.param(
            har(entry("OPTIONS", PREFLIGHT, 302, ALLOWED)),
            (BlockKind.PREFLIGHT_REDIRECT, "PUT", None, ("content-type", "x-a"), 302, True),
            id="a preflight that is redirected",
        ),
        pytest.param(
            har(entry(answered=ALLOWED), entry("POST", {"Cookie": "a=1"}, 200, ALLOWED)),
            (BlockKind.ACAC_MISSING, "POST", None, (), 200, None),
            id="the first that is refused",
        ),
        pytest.param(
            har(entry("PUT", status=0, _error="net::ERR_CONNECTION_REFUSED")),
            (BlockKind.NOT_CORS_NETWORK, "PUT", None, (), None, None),
            id="no answer",
        ),
        pytest.param(
            har(entry("PUT", status=0, _error="net::ERR_FAILED")),
            (BlockKind.UNKNOWN, "PUT", None, (), None, None),
            id="an answer that Chromium keeps back",
        ),
        pytest.param(
            har(entry("PUT", status=404, _error="net::ERR_FAILED")),
            (BlockKind.NO_ACAO, "PUT", None, (), 404, None),
            id="an answer that Chromium blocked",
        ),
        pytest.param(
            har(entry(answered={**ALLOWED, "access-control-allow-origin": "*"})),
            (BlockKind.MULTIPLE_ACAO, "GET", None, (), 200, None),
            id="a header twice",
        ),
        pytest.param(
            har(entry(), 7, {"request": []})[:-3] + ",",
            (BlockKind.NO_ACAO, "GET", None, (), 200, None),
            id="a HAR that is cut",
        ),
    ],
)
def test_entries_of_a_har_are_judged_as_by_a_browser(text, expected):
    assert (
        fields(text, "kind", "method", "header", "headers", "status", "proves_preflight")
        == expected
    )
    assert fields(text, "page", "url", "engine") == (PAGE, API, "chromium")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(har(entry(answered=ALLOWED)), id="everything is allowed"),
        pytest.param(har(entry(asked={"Origin": "https://api.globex.example"})), id="same origin"),
        pytest.param(har(entry(asked={"Origin": ""})), id="no Origin"),
        pytest.param(har(entry(status="200")), id="no status and no error"),
        pytest.param(
            har({"request": {"headers": ["x", {"name": 1}]}}), id="headers of other types"
        ),
        pytest.param('"entries" and no list', id="no list"),
        pytest.param('{"entries": [' + "1," * 300, id="more entries than are looked at"),
        pytest.param('{"entries": [' + "[" * 8000, id="lists without an end"),
    ],
)
def test_a_har_without_a_blocked_call_says_nothing(text):
    assert read(text) == Reading()


def test_a_request_that_is_given_whole_lacks_nothing():
    assert read(f'fetch("{API}")').missing == ("page", "credentials")
    assert read(har(entry(asked={"Cookie": "a=1"}))).missing == ()
