"""Methods: which are accepted, refused, forbidden and safelisted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.engine.methods import (
    SAFELISTED_METHODS,
    check_method,
    is_forbidden_method,
    is_method,
)
from corsadmin.engine.problems import Problem


@pytest.mark.parametrize(
    "method", ["GET", "PATCH", "PROPFIND", "BASELINE-CONTROL", "*", "X!", "purge", "myMethod"]
)
def test_a_method_browsers_send_is_accepted(method: str) -> None:
    assert check_method(method) is None


@pytest.mark.parametrize(
    ("method", "code", "suggestion"),
    [
        pytest.param("put", "method-lower-case", "PUT", id="P07 browsers upper-case put"),
        pytest.param("patch", "method-lower-case", "PATCH", id="P08 browsers leave patch alone"),
        pytest.param("Get", "method-lower-case", "GET", id="mixed case"),
        pytest.param("propfind", "method-lower-case", "PROPFIND", id="a registered method"),
        pytest.param("CONNECT", "method-forbidden", "", id="P10 CONNECT"),
        pytest.param("trace", "method-forbidden", "", id="P10 trace in lower case"),
        pytest.param("Track", "method-forbidden", "", id="P10 Track in mixed case"),
        pytest.param("", "method-empty", "", id="P11 empty"),
        pytest.param(" ", "method-empty", "", id="a space only"),
        pytest.param("GET, PUT", "method-not-token", "", id="P11 a list"),
        pytest.param("P UT", "method-not-token", "", id="P11 inner space"),
        pytest.param("PUT\x80", "method-not-token", "", id="P11 not ASCII"),
        pytest.param("A" * 4096, "method-too-long", "", id="P11 four kilobytes"),
        pytest.param("PUT\n", "method-white-space", "PUT", id="V40 newline after it"),
        pytest.param(" patch", "method-white-space", "PATCH", id="space before it"),
        pytest.param("purge ", "method-white-space", "purge", id="space after one of its own"),
    ],
)
def test_a_refused_method_says_why(method: str, code: str, suggestion: str) -> None:
    assert check_method(method) == Problem("methods", code, method, suggestion)


@given(st.one_of(st.text(), st.text("pAtcH\n \u0130\u212a", max_size=8)))
def test_a_suggested_method_is_accepted(text: str) -> None:
    problem = check_method(text)

    assert problem is None or not problem.suggestion or check_method(problem.suggestion) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("PUT", True, id="a token"),
        pytest.param("put", True, id="lower case is a method too"),
        pytest.param("A" * 64, True, id="the longest"),
        pytest.param("A" * 65, False, id="over the bound"),
        pytest.param("", False, id="P11 empty"),
        pytest.param("GET, PUT", False, id="P11 a list"),
        pytest.param("P UT", False, id="P11 inner space"),
        pytest.param("\x80", False, id="P11 not ASCII"),
        pytest.param("PUT\n", False, id="newline"),
    ],
)
def test_what_counts_as_a_request_method(text: str, expected: bool) -> None:
    assert is_method(text) is expected


def test_forbidden_methods_are_forbidden_in_every_case() -> None:
    forbidden = ["CONNECT", "TRACE", "TRACK", "connect", "Trace", "tRACK"]

    assert all(map(is_forbidden_method, forbidden))
    assert not any(map(is_forbidden_method, ["GET", "", "TRACEROUTE", "*"]))


def test_p09_safelisted_methods_need_no_listing() -> None:
    assert {"GET", "HEAD", "POST"} == SAFELISTED_METHODS
