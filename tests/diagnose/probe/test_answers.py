"""What is asked of a real server, and what is made of its answers."""

from collections.abc import Callable
from typing import Any

import pytest

from corsadmin.diagnose.probe import Outcome, ProbeError
from tests.diagnose.probe.conftest import APP

ALLOW = {"Access-Control-Allow-Origin": APP}


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
    assert [exchange.status for exchange in found.exchanges] == [204, 401]
    (_, _, preflight), (_, _, request) = server.asked
    assert preflight["Access-Control-Request-Method"] == "GET"
    assert preflight["Access-Control-Request-Headers"] == "authorization,x-a"
    assert request["X-A"] == "1"
    assert {"Authorization", "Cookie"}.isdisjoint(request)
    assert "secret" not in str(server.asked)


def test_a_refused_preflight_ends_it(ask: Callable[..., Outcome], server: Any) -> None:
    found = ask({"OPTIONS": (403, [])}, headers={"X-A": "1"})

    assert not found.allowed
    assert "Response to preflight request doesn't pass access control check" in found.console
    assert [method for method, _path, _headers in server.asked] == ["OPTIONS"]


@pytest.mark.parametrize("method", ["POST", "put", "DELETE"])
def test_a_method_that_may_change_something_is_only_asked_for(
    ask: Callable[..., Outcome], server: Any, method: str
) -> None:
    allowed = [*ALLOW.items(), ("Access-Control-Allow-Methods", "POST, PUT, DELETE")]

    found = ask({"OPTIONS": (204, allowed)}, method=method)

    assert found.allowed
    assert [asked[0] for asked in server.asked] == ["OPTIONS"]
    assert server.asked[0][2]["Access-Control-Request-Method"] == method.upper()


def test_unless_it_shall_be_sent(ask: Callable[..., Outcome], server: Any) -> None:
    found = ask({"POST": (201, list(ALLOW.items()))}, method="POST", send=True)

    assert found.allowed
    assert [asked[0] for asked in server.asked] == ["POST"]


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

    assert not found.allowed
    assert fault in found.console
    assert found.console.startswith("Access to fetch at 'http://127.0.0.1:")


def test_an_allowed_redirect_is_not_followed(ask: Callable[..., Outcome], server: Any) -> None:
    script = {"GET": (302, [*ALLOW.items(), ("Location", "http://169.254.169.254/\x9b")])}

    with pytest.raises(ProbeError, match=r"http://169\.254\.169\.254/\\x9b") as caught:
        ask(script)
    assert caught.value.code == "answer-redirects"
    assert len(server.asked) == 1


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

    found = ask({"OPTIONS": (204, [*ALLOW.items()]), "GET": (200, [])}, url=url, method="HEAD")

    assert found.address == "127.0.0.1"
    assert len(names["api.example"]) == 1
    assert server.asked[0][2]["Host"] == f"api.example:{server.server_address[1]}"


def test_the_next_address_is_tried(
    ask: Callable[..., Outcome], names: dict[str, list[list[str]]], server: Any
) -> None:
    names["api.example"] = [["::1", "127.0.0.1"]]
    url = f"http://api.example:{server.server_address[1]}/"

    assert ask({"GET": (200, [*ALLOW.items()])}, url=url).allowed
