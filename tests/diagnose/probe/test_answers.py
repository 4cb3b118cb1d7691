"""What is asked of a real server, and what is made of its answers."""

from collections.abc import Callable
from typing import Any

import pytest

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import Outcome, ProbeError
from tests.diagnose.probe.conftest import APP
from tests.messages.screens import filled

ALLOW = {"Access-Control-Allow-Origin": APP}
ANY = {"Access-Control-Allow-Origin": "*"}


def test_a_simple_call(ask: Callable[..., Outcome], server: Any) -> None:
    headers = [*ALLOW.items(), ("Vary", "Origin"), ("Set-Cookie", "a=b")]

    found = ask({"GET": (200, headers)}, path="/api/?page=2")

    assert found.allowed
    assert found.console == ""
    (exchange,) = found.exchanges
    assert (exchange.kind, exchange.method, exchange.status) == ("request", "GET", 200)
    assert exchange.headers == {"access-control-allow-origin": APP, "vary": "Origin"}
    ((method, path, sent),) = server.asked
    assert (method, path) == ("GET", "/api/?page=2")
    assert sent == {
        "Host": f"127.0.0.1:{server.server_address[1]}",
        "Origin": APP,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Sec-Fetch-Mode": "cors",
        "User-Agent": "corsadmin-probe",
    }


def test_a_call_that_needs_a_preflight(ask: Callable[..., Outcome], server: Any) -> None:
    allowed = [*ALLOW.items(), ("Access-Control-Allow-Headers", "x-a, authorization")]
    headers = {"X-A": "1", "Authorization": "Bearer secret", "Cookie": "a=b"}

    found = ask({"OPTIONS": (204, allowed), "GET": (401, list(ALLOW.items()))}, headers=headers)

    assert found.allowed
    assert (found.left_out, found.dropped) == (["authorization"], ["Cookie"])
    assert [exchange.status for exchange in found.exchanges] == [204, 401]
    (_, _, preflight), (_, _, request) = server.asked
    assert preflight["Access-Control-Request-Method"] == "GET"
    assert preflight["Access-Control-Request-Headers"] == "authorization,x-a"
    assert request["X-A"] == "1"
    assert {"Authorization", "Cookie"}.isdisjoint(request)
    assert "secret" not in str(server.asked)


def test_a_refused_preflight_ends_it(ask: Callable[..., Outcome], server: Any) -> None:
    found = ask({"OPTIONS": (403, [])}, headers={"X-A": "1"})

    assert found.verdict is CallOutcome.BLOCKED
    assert [exchange.status for exchange in found.exchanges] == [403]
    assert "Response to preflight request doesn't pass access control check" in found.console
    assert [method for method, _path, _headers in server.asked] == ["OPTIONS"]


@pytest.mark.parametrize(
    ("question", "sent", "sentence"),
    [
        pytest.param(
            {"method": "put"},
            ["OPTIONS"],
            filled("probe-preflight-allowed", method="PUT"),
            id="a preflight for put",
        ),
        pytest.param(
            {"method": "POST", "headers": {"Content-Type": "application/json"}},
            ["OPTIONS"],
            filled("probe-preflight-allowed", method="POST"),
            id="a preflight for JSON",
        ),
        pytest.param(
            {"method": "POST"},
            [],
            filled("probe-not-sent", method="POST"),
            id="no preflight for a POST",
        ),
        pytest.param(
            {"method": "POST", "headers": {"Content-Type": "text/plain;charset=UTF-8"}},
            [],
            filled("probe-not-sent", method="POST"),
            id="no preflight for a form",
        ),
        pytest.param(
            {"method": "OPTIONS"},
            ["OPTIONS"],
            filled("probe-preflight-allowed", method="OPTIONS"),
            id="a preflight for OPTIONS",
        ),
    ],
)
def test_a_call_that_may_change_something_is_not_sent_and_not_called_allowed(
    ask: Callable[..., Outcome],
    server: Any,
    question: dict[str, Any],
    sent: list[str],
    sentence: str,
) -> None:
    allowed = {"Methods": "PUT, OPTIONS", "Headers": "content-type"}
    preflight = [*ALLOW.items(), *((f"Access-Control-Allow-{k}", v) for k, v in allowed.items())]

    found = ask({"OPTIONS": (204, preflight)}, **question)

    assert (found.verdict, found.allowed) == (CallOutcome.UNDECIDED, None)
    assert (found.sentence, found.console) == (sentence, "")
    assert [method for method, _path, _headers in server.asked] == sent


@pytest.mark.parametrize(
    ("sent", "status", "headers", "verdict"),
    [
        pytest.param(["POST"], 201, ALLOW, CallOutcome.ALLOWED, id="a POST"),
        pytest.param(["OPTIONS", "PUT"], 200, ALLOW, CallOutcome.ALLOWED, id="a PUT"),
        pytest.param(
            ["OPTIONS", "PUT"],
            502,
            {},
            CallOutcome.BLOCKED,
            id="a PUT that the server in front answers without headers",
        ),
    ],
)
def test_unless_it_shall_be_sent(
    ask: Callable[..., Outcome],
    sent: list[str],
    status: int,
    headers: dict[str, str],
    verdict: CallOutcome,
) -> None:
    method = sent[-1]
    preflight = [*ALLOW.items(), ("Access-Control-Allow-Methods", "PUT")]
    script = {"OPTIONS": (204, preflight), method: (status, list(headers.items()))}

    found = ask(script, method=method, send=True)

    assert found.verdict is verdict
    assert (method in found.sentence, str(status) in found.sentence) == (True, True)
    assert [exchange.method for exchange in found.exchanges] == sent


@pytest.mark.parametrize(
    ("question", "left_out"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"credentials": True}, ["cookies"], id="cookies"),
        pytest.param({"headers": {"Authorization": "Bearer x"}}, ["authorization"], id="a token"),
    ],
)
def test_what_a_browser_would_have_sent_is_named(
    ask: Callable[..., Outcome], question: dict[str, Any], left_out: list[str]
) -> None:
    headers = [
        *ALLOW.items(),
        ("Access-Control-Allow-Headers", "authorization"),
        ("Access-Control-Allow-Credentials", "true"),
    ]

    found = ask({"OPTIONS": (204, headers), "GET": (200, headers)}, **question)

    assert found.allowed
    assert found.left_out == left_out


@pytest.mark.parametrize(
    ("status", "headers", "question", "fault"),
    [
        pytest.param(200, [], {}, "No 'Access-Control-Allow-Origin'", id="no header"),
        pytest.param(
            200, [*ALLOW.items()] * 2, {}, "contains multiple values", id="two headers, one value"
        ),
        pytest.param(
            200,
            [("Access-Control-Allow-Origin", "*")],
            {"credentials": True},
            "must not be the wildcard",
            id="star and cookies",
        ),
        pytest.param(302, [("Location", "/b")], {}, "No 'Access-Control", id="refused redirect"),
    ],
)
def test_answers_that_block(
    ask: Callable[..., Outcome],
    status: int,
    headers: list[tuple[str, str]],
    question: dict[str, Any],
    fault: str,
) -> None:
    found = ask({"GET": (status, headers)}, **question)

    assert found.allowed is False
    assert fault in found.console
    assert found.console.startswith("Access to fetch at 'http://127.0.0.1:")


def test_a_redirected_preflight_is_refused(ask: Callable[..., Outcome]) -> None:
    found = ask({"OPTIONS": (307, [*ALLOW.items(), ("Location", "/b")])}, method="PUT")

    assert "Redirect is not allowed for a preflight request." in found.console


def test_a_forbidden_method_is_not_asked_for(ask: Callable[..., Outcome], server: Any) -> None:
    with pytest.raises(ProbeError, match="TRACE") as caught:
        ask({}, method="TRACE")
    assert caught.value.code == "method-forbidden"
    assert server.asked == []


def test_the_name_is_looked_up_once_for_both_requests(
    ask: Callable[..., Outcome], names: dict[str, list[list[str]]], server: Any
) -> None:
    names["api.example"] = [["127.0.0.1"], ["8.8.8.8"]]
    url = f"http://api.example:{server.server_address[1]}/"

    found = ask(
        {"OPTIONS": (204, [*ANY.items(), ("Access-Control-Allow-Headers", "x-a")])},
        url=url,
        origin="http://app.example.com",
        headers={"X-A": "1"},
    )

    assert found.address == "127.0.0.1"
    assert len(names["api.example"]) == 1
    assert [method for method, _path, _headers in server.asked] == ["OPTIONS", "GET"]
    assert server.asked[0][2]["Host"] == f"api.example:{server.server_address[1]}"


def test_the_next_address_is_tried(
    ask: Callable[..., Outcome], names: dict[str, list[list[str]]], server: Any
) -> None:
    names["api.example"] = [["::1", "127.0.0.1"]]
    url = f"http://api.example:{server.server_address[1]}/"

    assert ask({"GET": (200, [*ANY.items()])}, url=url, origin="http://app.example.com").allowed
