"""The browser's half of CORS, as the Fetch standard has it."""

import pytest

from corsadmin.engine.browser import (
    FetchRequest,
    blocked,
    check_access,
    check_preflight_response,
    fetch_request,
    is_sendable,
)

APP = "https://app.example.com"
ORIGIN = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
METHODS = "Access-Control-Allow-Methods"
HEADERS = "Access-Control-Allow-Headers"
PREFLIGHT = "Response to preflight request doesn't pass access control check: "


@pytest.mark.parametrize(
    ("method", "sent"),
    [("get", "GET"), ("Put", "PUT"), ("delete", "DELETE"), ("patch", "patch"), ("PATCH", "PATCH")],
)
def test_six_methods_are_upper_cased_and_no_other(method: str, sent: str) -> None:
    assert fetch_request(APP, method, {}).method == sent


@pytest.mark.parametrize(("method", "expected"), [("GET", True), ("trace", False), ("Foo", True)])
def test_forbidden_methods_cannot_be_sent(method: str, expected: bool) -> None:
    assert is_sendable(method) is expected


@pytest.mark.parametrize(
    ("headers", "unsafe"),
    [
        pytest.param({}, (), id="none"),
        pytest.param({"X-B": "1", "x-a": "2"}, ("x-a", "x-b"), id="sorted, lower case"),
        pytest.param({"Cookie": "a=b", "Sec-Fetch-Mode": "cors"}, (), id="the browser's own"),
        pytest.param({"Authorization": "Bearer x"}, ("authorization",), id="authorization"),
        pytest.param({"Accept": "text/html, */*;q=0.8"}, (), id="accept"),
        pytest.param({"Accept": "a(b)"}, ("accept",), id="accept with an unsafe byte"),
        pytest.param({"Accept": "a\tb"}, (), id="accept with a tab"),
        pytest.param({"Accept": "a" * 129}, ("accept",), id="a value too long"),
        pytest.param({"Accept-Language": "de-CH, de;q=0.9"}, (), id="language"),
        pytest.param({"Accept-Language": "de_CH"}, ("accept-language",), id="no language"),
        pytest.param({"Content-Language": "fr"}, (), id="content language"),
        pytest.param({"Content-Type": "text/plain;charset=UTF-8"}, (), id="plain text"),
        pytest.param({"Content-Type": "Multipart/Form-Data; boundary=x"}, (), id="form"),
        pytest.param({"Content-Type": "application/json"}, ("content-type",), id="JSON"),
        pytest.param({"Content-Type": "text/plain; a=[]"}, ("content-type",), id="odd parameter"),
        pytest.param({"Content-Type": ""}, ("content-type",), id="no type"),
        pytest.param({"Range": "bytes=0-499"}, (), id="range"),
        pytest.param({"Range": "bytes=500-"}, (), id="open range"),
        pytest.param({"Range": "bytes=-500"}, ("range",), id="range from the end"),
        pytest.param({"Range": "bytes=5-1"}, ("range",), id="range backwards"),
        pytest.param({"Range": "bytes=0-1,3-4"}, ("range",), id="two ranges"),
        pytest.param({"Range": "items=0-1"}, ("range",), id="another unit"),
        pytest.param({"Range": "bytes=0"}, ("range",), id="no range"),
        pytest.param({"Range": "bytes=٣-"}, ("range",), id="other digits"),
    ],
)
def test_headers_that_need_a_permission(headers: dict[str, str], unsafe: tuple[str, ...]) -> None:
    asked = fetch_request(APP, "GET", headers)

    assert asked.unsafe == unsafe
    assert asked.needs_preflight is (unsafe != ())


@pytest.mark.parametrize(("method", "expected"), [("GET", False), ("POST", False), ("PUT", True)])
def test_methods_that_need_a_preflight(method: str, expected: bool) -> None:
    assert fetch_request(APP, method, {}).needs_preflight is expected


@pytest.mark.parametrize(
    ("headers", "credentials", "fault"),
    [
        pytest.param({ORIGIN: APP}, False, "", id="allowed"),
        pytest.param({ORIGIN.lower(): APP}, False, "", id="names without case"),
        pytest.param({ORIGIN: "*"}, False, "", id="any origin"),
        pytest.param({ORIGIN: APP, CREDENTIALS: "true"}, True, "", id="with credentials"),
        pytest.param({}, False, "No 'Access-Control-Allow-Origin' header is present", id="absent"),
        pytest.param({ORIGIN: "*"}, True, "must not be the wildcard '*'", id="star and cookies"),
        pytest.param({ORIGIN: f"{APP}, {APP}"}, False, "contains multiple values", id="twice"),
        pytest.param({ORIGIN: "https://b.example"}, False, "not equal to the supplied", id="other"),
        pytest.param({ORIGIN: APP}, True, "is '' which must be 'true'", id="no credentials"),
        pytest.param(
            {ORIGIN: APP, CREDENTIALS: "True"}, True, "is 'True' which must", id="another case"
        ),
    ],
)
def test_cors_check(headers: dict[str, str], credentials: bool, fault: str) -> None:
    found = check_access(headers, APP, credentials=credentials)

    assert fault in found
    assert bool(found) is bool(fault)


@pytest.mark.parametrize(
    ("status", "headers", "asked", "credentials", "fault"),
    [
        pytest.param(204, {}, ("POST", ()), False, "", id="a safelisted method"),
        pytest.param(204, {METHODS: "GET, PUT"}, ("PUT", ()), False, "", id="a listed method"),
        pytest.param(200, {METHODS: "*"}, ("PUT", ()), False, "", id="any method"),
        pytest.param(204, {HEADERS: "X-A"}, ("GET", ("x-a",)), False, "", id="a listed header"),
        pytest.param(204, {HEADERS: "*"}, ("GET", ("x-a",)), False, "", id="any header"),
        pytest.param(
            403, {}, ("PUT", ()), False, f"{PREFLIGHT}It does not have HTTP ok status.", id="403"
        ),
        pytest.param(
            204,
            {METHODS: "put"},
            ("PUT", ()),
            False,
            "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
            id="methods compare by case",
        ),
        pytest.param(
            204,
            {METHODS: "*", CREDENTIALS: "true"},
            ("PUT", ()),
            True,
            "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
            id="a star is a star with credentials",
        ),
        pytest.param(
            204,
            {HEADERS: "*"},
            ("GET", ("authorization",)),
            False,
            "Request header field authorization is not allowed by Access-Control-Allow-Headers "
            "in preflight response.",
            id="a star never covers authorization",
        ),
        pytest.param(
            204,
            {HEADERS: "*", CREDENTIALS: "true"},
            ("GET", ("x-a",)),
            True,
            "Request header field x-a is not allowed by Access-Control-Allow-Headers "
            "in preflight response.",
            id="no star for headers with credentials",
        ),
    ],
)
def test_preflight_check(
    status: int,
    headers: dict[str, str],
    asked: tuple[str, tuple[str, ...]],
    credentials: bool,
    fault: str,
) -> None:
    question = FetchRequest(APP, *asked)

    found = check_preflight_response(
        status, {ORIGIN: APP, **headers}, question, credentials=credentials
    )

    assert found == fault


def test_a_preflight_without_permission_says_so() -> None:
    found = check_preflight_response(403, {}, FetchRequest(APP, "PUT", ()), credentials=False)

    assert found == (
        f"{PREFLIGHT}No 'Access-Control-Allow-Origin' header is present on the requested resource."
    )


def test_the_line_of_the_console() -> None:
    assert blocked("https://api.example.com/a", APP, "No.") == (
        "Access to fetch at 'https://api.example.com/a' from origin 'https://app.example.com' "
        "has been blocked by CORS policy: No."
    )
