"""The calls of a list: how they are read, and what is said of all of them together."""

import socket
from typing import Any

import pytest

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import ProbeError, ProbeRequest
from corsadmin.diagnose.probe.survey import MAX_CALLS, SurveyCall, read_calls, survey, worst
from tests.diagnose.probe.conftest import APP
from tests.messages.screens import assert_says

ALLOWED = ("Access-Control-Allow-Origin", APP)


def request_to(server: Any, path: str = "", **question: Any) -> ProbeRequest:
    url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    given: dict[str, Any] = {"allow_private": True, "seconds": 5.0, "compare": False, **question}
    return ProbeRequest(url=url, origin=APP, **given)


def test_lists() -> None:
    text = "/orders\n\n  # what the shop calls\nPUT /orders/1?a=b\r\n\tpatch\t/orders/2\n#/no"

    assert read_calls(text, "HEAD") == [
        SurveyCall("HEAD", "/orders"),
        SurveyCall("PUT", "/orders/1?a=b"),
        SurveyCall("patch", "/orders/2"),
    ]
    assert len(read_calls("/a\n" * MAX_CALLS, "GET")) == MAX_CALLS


SENTENCES = {"call-invalid": "probe-line-invalid", "calls-number": "probe-calls-number"}


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        pytest.param("/a\norders", "call-invalid", {"number": 2, "line": "orders"}, id="no slash"),
        pytest.param("GET\n", "call-invalid", {"number": 1, "line": "GET"}, id="a method alone"),
        pytest.param("GET /a HTTP/1.1", "call-invalid", {"number": 1}, id="three words"),
        pytest.param("G:T /a", "call-invalid", {"number": 1}, id="not a method"),
        pytest.param(
            "/a\x1b[2J b", "call-invalid", {"line": r"/a\x1b[2J b"}, id="signs of a terminal"
        ),
        pytest.param("# none\n", "calls-number", {"number": 0}, id="nothing"),
        pytest.param("/a\n" * (MAX_CALLS + 1), "calls-number", {"number": 201}, id="too many"),
    ],
)
def test_lists_that_are_refused(text: str, code: str, values: dict[str, object]) -> None:
    with pytest.raises(ProbeError) as caught:
        read_calls(text, "GET")

    assert caught.value.code == code
    assert_says(str(caught.value), SENTENCES[code], **values)


def test_every_call_of_a_list_is_made(server: Any) -> None:
    server.script = {
        "GET /open": (200, [ALLOWED]),
        "GET /closed": (403, []),
        "OPTIONS /open": (204, [ALLOWED, ("Access-Control-Allow-Methods", "PUT")]),
    }
    calls = read_calls("/open\n/closed\nPUT /open\nTRACE /open\n//evil.example/\n/ä", "GET")

    rows = list(survey(request_to(server), calls, seconds=60))

    assert [(row.call.path, row.outcome.verdict.value) for row in rows] == [
        ("/open", "allowed"),
        ("/closed", "blocked"),
        ("/open", "cannot-be-told"),
        ("/open", "cannot-be-told"),
        ("//evil.example/", "blocked"),
        ("/ä", "cannot-be-told"),
    ]
    assert [(method, path) for method, path, _headers in server.asked] == [
        ("GET", "/open"),
        ("GET", "/closed"),
        ("OPTIONS", "/open"),
        ("GET", "/evil.example/"),  # the server of the test merges the slashes
    ]
    assert "TRACE" in rows[3].outcome.sentence
    assert worst(rows) is CallOutcome.BLOCKED
    assert worst(rows[:1]) is CallOutcome.ALLOWED
    assert worst([rows[0], rows[2]]) is CallOutcome.UNDECIDED


@pytest.mark.parametrize(
    ("path", "question", "code"),
    [
        pytest.param("/api", {}, "site-has-path", id="a path"),
        pytest.param("?a", {}, "site-has-path", id="a query"),
        pytest.param("", {"allow_private": False}, "address-private", id="a private address"),
    ],
)
def test_sites_that_are_not_asked(
    server: Any, path: str, question: dict[str, Any], code: str
) -> None:
    with pytest.raises(ProbeError) as caught:
        list(survey(request_to(server, path, **question), [SurveyCall("GET", "/")], seconds=60))

    assert caught.value.code == code
    assert server.asked == []


def test_calls_that_no_time_is_left_for_are_not_made_and_say_so() -> None:
    """A server that accepts and says nothing takes all the time for the first call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        question = ProbeRequest(url=url, origin=APP, allow_private=True, seconds=60)
        rows = list(survey(question, read_calls("/first\n/second\n/third", "GET"), seconds=0.2))

        listening.accept()[0].close()
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()

    assert [len(row.outcome.exchanges) for row in rows] == [0, 0, 0]
    assert [("0.2" in row.outcome.sentence) for row in rows] == [False, True, True]
    assert worst(rows) is CallOutcome.UNDECIDED
