"""Header names: whole sets of the standard, and what is asked for in a request, bounded."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsadmin.engine import headers
from corsadmin.engine.headers import (
    check_exposed_header,
    check_request_header,
    is_token,
    parse_requested_headers,
    spellings,
)
from corsadmin.engine.problems import Problem
from tests.engine import strategies


def test_header_names_are_as_on_the_wire() -> None:
    names = [headers.ORIGIN, headers.VARY, headers.ACRM, headers.ACRH, headers.ACAO]
    names += [headers.ACAC, headers.ACAM, headers.ACAH, headers.ACEH, headers.ACMA]

    assert names == [
        "Origin",
        "Vary",
        "Access-Control-Request-Method",
        "Access-Control-Request-Headers",
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
    ]


def test_safelisted_response_headers_are_those_of_the_standard() -> None:
    assert len(headers.SAFELISTED_RESPONSE_HEADERS) == 7
    assert "last-modified" in headers.SAFELISTED_RESPONSE_HEADERS


@given(st.one_of(st.text(), st.text(strategies.HOSTILE, max_size=3)))
def test_tokens_are_those_of_rfc_9110(text: str) -> None:
    naive = re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", text) is not None

    assert is_token(text) is naive


@pytest.mark.parametrize(
    "name", ["authorization", "Content-Type", "x-http-method-override", "user-agent", "*", "X!y"]
)
def test_a_request_header_scripts_may_send_is_accepted(name: str) -> None:
    assert check_request_header(name) is None


@pytest.mark.parametrize(
    ("name", "code", "suggestion"),
    [
        pytest.param("Cookie", "header-forbidden", "", id="forbidden in any case"),
        pytest.param("host", "header-forbidden", "", id="forbidden"),
        pytest.param("sec-fetch-mode", "header-forbidden", "", id="forbidden by prefix sec"),
        pytest.param("Proxy-Anything", "header-forbidden", "", id="forbidden by prefix proxy"),
        pytest.param("origin", "header-forbidden", "", id="the browser's own"),
        pytest.param("Access-Control-Max-Age", "header-response-only", "", id="response only"),
        pytest.param("", "header-empty", "", id="empty"),
        pytest.param("\t", "header-empty", "", id="tab only"),
        pytest.param("x-a\n", "header-white-space", "x-a", id="V40 newline after it"),
        pytest.param("x-a\r\nset-cookie: b", "header-colon", "", id="V40 header injection"),
        pytest.param("x-a\rb", "header-not-token", "", id="V40 bare carriage return"),
        pytest.param("X-A: 1", "header-colon", "x-a", id="V40 with its value"),
        pytest.param("Cookie: a=1", "header-colon", "", id="forbidden, with its value"),
        pytest.param("x a", "header-not-token", "", id="V40 inner space"),
        pytest.param("x-a,x-b", "header-not-token", "", id="V40 a list"),
        pytest.param("x-é", "header-not-token", "", id="V40 not ASCII"),
        pytest.param("a" * 129, "header-too-long", "", id="over the bound"),
    ],
)
def test_a_refused_request_header_says_why(name: str, code: str, suggestion: str) -> None:
    assert check_request_header(name) == Problem("request_headers", code, name, suggestion)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param([], {}, id="no name"),
        pytest.param(["X-B", "x-a"], {"x-b": "X-B", "x-a": "x-a"}, id="in their order"),
        pytest.param(["X-a", "x-A", "x-a"], {"x-a": "X-a"}, id="each once"),
        pytest.param(
            ["\u212aey", "key"],
            {"\u212aey": "\u212aey", "key": "key"},
            id="a letter that lower() makes ASCII",
        ),
    ],
)
def test_spellings_of_one_name_are_one(names: list[str], expected: dict[str, str]) -> None:
    assert spellings(names) == expected
    assert list(spellings(names)) == list(expected)


@pytest.mark.parametrize("name", ["x-total-count", "X-Total-Count", "content-type", "*"])
def test_a_response_header_may_be_exposed_in_any_case(name: str) -> None:
    assert check_exposed_header(name) is None


@pytest.mark.parametrize(
    ("name", "code", "suggestion"),
    [
        pytest.param("Set-Cookie", "header-forbidden", "", id="P22 set-cookie"),
        pytest.param("set-cookie2", "header-forbidden", "", id="P22 set-cookie2"),
        pytest.param("", "header-empty", "", id="empty"),
        pytest.param("X-A\n", "header-white-space", "X-A", id="V40 newline after it"),
        pytest.param("x:y", "header-colon", "x", id="V40 colon"),
        pytest.param("Set-Cookie ", "header-white-space", "", id="set-cookie and a space"),
        pytest.param("a" * 129, "header-too-long", "", id="over the bound"),
    ],
)
def test_a_refused_exposed_header_says_why(name: str, code: str, suggestion: str) -> None:
    assert check_exposed_header(name) == Problem("exposed_headers", code, name, suggestion)


@given(
    st.one_of(st.text(), st.builds("{}{}".format, st.text("cOokie-", max_size=7), st.text(": \n")))
)
def test_a_suggested_header_is_accepted(text: str) -> None:
    for check in (check_request_header, check_exposed_header):
        problem = check(text)

        assert problem is None or not problem.suggestion or check(problem.suggestion) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("x-a,x-b", ("x-a", "x-b"), id="P13 as browsers send it"),
        pytest.param("X-A", ("x-a",), id="P14 upper case"),
        pytest.param("x-b,x-a", ("x-b", "x-a"), id="P14 unsorted"),
        pytest.param("x-a,X-A,x-a", ("x-a",), id="P14 duplicates"),
        pytest.param("x-a , \tx-b", ("x-a", "x-b"), id="P14 white space and two lines"),
        pytest.param(",,x-a,", ("x-a",), id="P15 empty elements"),
        pytest.param("x-a" + "," * 16, ("x-a",), id="P15 as many as are tolerated"),
        pytest.param("x-a" + "," * 17, None, id="P15 one too many"),
        pytest.param("", (), id="empty value"),
        pytest.param(" ", (), id="a space only"),
        pytest.param(
            ",".join(f"x{number}" for number in range(64)),
            tuple(f"x{number}" for number in range(64)),
            id="P16 sixty-four names",
        ),
        pytest.param(
            ",".join(f"x{number}" for number in range(64)) + "," * 16,
            tuple(f"x{number}" for number in range(64)),
            id="P16 sixty-four names and sixteen empty elements",
        ),
        pytest.param(",".join(f"x{number}" for number in range(65)), None, id="P16 sixty-five"),
        pytest.param(
            ",,".join(f"x{number}" for number in range(65)), None, id="P16 sixty-five, spread out"
        ),
        pytest.param("x" * 4096, ("x" * 4096,), id="P16 four kilobytes"),
        pytest.param("x" * 4097, None, id="P16 over four kilobytes"),
        pytest.param("x-a: y", None, id="P17 with its value"),
        pytest.param("x a", None, id="P17 inner space"),
        pytest.param("x-a\x0bSet-Cookie", None, id="P17 vertical tab"),
        pytest.param("x-\xe9", None, id="P17 not ASCII"),
        pytest.param("\u212aey", None, id="P17 a letter that lower() makes ASCII"),
        pytest.param("x-a\xa0", None, id="P17 no-break space"),
        pytest.param("," * 8000, None, id="V42 eight thousand commas"),
        pytest.param("," * 4000, None, id="V42 four thousand commas"),
        pytest.param(
            ",".join(f"x{number}" for number in range(5000)), None, id="V42 five thousand names"
        ),
        pytest.param("b" + " " * 8000 + "x", None, id="V43 eight thousand spaces"),
        pytest.param("b" + " " * 4000 + "x", None, id="V43 four thousand spaces"),
        pytest.param(" ," * 2000, None, id="V43 spaces and commas"),
        pytest.param("*", ("*",), id="P18 a star is a name like any other"),
    ],
)
def test_requested_headers_are_read_as_a_bounded_set(
    value: str, expected: tuple[str, ...] | None
) -> None:
    assert parse_requested_headers(value) == expected


def naive_requested_headers(value: str) -> tuple[str, ...] | None:
    """Read the header the slow and obvious way."""
    elements = [re.sub(r"\A[ \t]+|[ \t]+\Z", "", element) for element in value.split(",")]
    names = [element for element in elements if element]
    if len(value) > 4096 or len(names) > 64 or len(elements) - len(names) > 16:
        return None
    found: list[str] = []
    for name in names:
        if not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name):
            return None
        if name.lower() not in found:
            found.append(name.lower())
    return tuple(found)


@given(strategies.requested_headers)
@example("a, \u212a")
@example("a,b,A")
@example("a" + ",b" * 64)
def test_requested_headers_agree_with_a_naive_reading(value: str) -> None:
    assert parse_requested_headers(value) == naive_requested_headers(value)
