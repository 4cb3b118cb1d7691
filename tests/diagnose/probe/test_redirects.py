"""Redirects: followed as a browser follows them, and never to where a probe may not go."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import Outcome, ProbeError
from corsadmin.diagnose.probe.address import read_url
from corsadmin.diagnose.probe.network import Network
from tests.diagnose.probe.conftest import APP
from tests.messages.screens import assert_says, pattern
from tests.scripted import scripted_server

ALLOWED = ("Access-Control-Allow-Origin", APP)
ANY = ("Access-Control-Allow-Origin", "*")
NULL = ("Access-Control-Allow-Origin", "null")


def base_of(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def other() -> Iterator[Any]:
    """Run a second server: another port is another origin."""
    with scripted_server() as running:
        yield running


def test_a_redirect_within_an_origin_keeps_the_page_s_origin(
    ask: Callable[..., Outcome], server: Any
) -> None:
    script = {
        "GET /api": (301, [ALLOWED, ("Location", "/api/")]),
        "GET /api/": (200, [ALLOWED]),
    }

    found = ask(script, path="/api")

    assert (found.verdict, found.console) == (CallOutcome.ALLOWED, "")
    assert [(exchange.url, exchange.status) for exchange in found.exchanges] == [
        (f"{base_of(server)}/api", 301),
        (f"{base_of(server)}/api/", 200),
    ]
    assert found.exchanges[0].headers["location"] == "/api/"
    assert [headers["Origin"] for _method, _path, headers in server.asked] == [APP, APP]


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        pytest.param(ALLOWED, CallOutcome.BLOCKED, id="an answer that names the page"),
        pytest.param(ANY, CallOutcome.ALLOWED, id="an answer for any origin"),
        pytest.param(NULL, CallOutcome.ALLOWED, id="an answer for null"),
    ],
)
def test_a_redirect_to_another_origin_makes_the_origin_null(
    ask: Callable[..., Outcome],
    other: Any,
    header: tuple[str, str],
    verdict: CallOutcome,
) -> None:
    final = f"{base_of(other)}/items/"
    other.script = {"GET": (200, [header])}

    found = ask({"GET": (302, [ALLOWED, ("Location", final)])})

    assert found.verdict is verdict
    assert other.asked[0][2]["Origin"] == "null"
    assert found.exchanges[1].origin == "null"


def test_the_console_names_both_addresses_and_the_page(
    ask: Callable[..., Outcome], server: Any, other: Any
) -> None:
    final = f"{base_of(other)}/items/"

    found = ask({"GET": (302, [ALLOWED, ("Location", final)])})

    assert found.console == (
        f"Access to fetch at '{final}' (redirected from '{base_of(server)}/api/') from origin "
        f"'{APP}' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is "
        "present on the requested resource."
    )


def test_a_redirect_that_the_page_may_not_read_is_not_followed(
    ask: Callable[..., Outcome], server: Any
) -> None:
    found = ask({"GET": (302, [("Location", "/elsewhere/")])})

    assert found.verdict is CallOutcome.BLOCKED
    assert len(server.asked) == 1


def test_a_redirect_without_location_is_an_answer(ask: Callable[..., Outcome]) -> None:
    assert ask({"GET": (302, [ALLOWED])}).allowed


def test_the_new_address_gets_a_preflight_of_its_own_without_authorization(
    ask: Callable[..., Outcome], server: Any, other: Any
) -> None:
    names = ("Access-Control-Allow-Headers", "x-a, authorization")
    other.script = {"OPTIONS": (204, [ANY, ("Access-Control-Allow-Headers", "x-a")])}
    other.script["GET"] = (200, [ANY])
    script = {
        "OPTIONS": (204, [ALLOWED, names]),
        "GET": (307, [ALLOWED, ("Location", base_of(other))]),
    }

    found = ask(script, headers={"X-A": "1", "Authorization": "Bearer x"})

    assert found.allowed
    assert found.left_out == []
    (_, _, preflight), _request = other.asked
    assert preflight["Access-Control-Request-Headers"] == "x-a"
    assert preflight["Origin"] == "null"


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        pytest.param("POST", 301, "GET", id="301 makes a GET of a POST"),
        pytest.param("POST", 302, "GET", id="302 makes a GET of a POST"),
        pytest.param("PUT", 302, "PUT", id="302 keeps a PUT"),
        pytest.param("PUT", 303, "GET", id="303 makes a GET of a PUT"),
        pytest.param("HEAD", 303, "HEAD", id="303 keeps a HEAD"),
        pytest.param("POST", 307, "POST", id="307 keeps a POST"),
        pytest.param("DELETE", 308, "DELETE", id="308 keeps a DELETE"),
    ],
)
def test_which_method_a_redirect_leaves(
    ask: Callable[..., Outcome], server: Any, method: str, status: int, then: str
) -> None:
    answer = (200, [ALLOWED, ("Access-Control-Allow-Methods", "PUT, DELETE")])
    script = {
        "OPTIONS": answer,
        then: answer,
        f"{method} /api/": (status, [ALLOWED, ("Location", "/new/")]),
    }

    found = ask(script, method=method, send=True, headers={"Content-Type": "text/plain"})

    assert found.allowed
    method, path, headers = server.asked[-1]
    assert (method, path) == (then, "/new/")
    assert ("Content-Type" in headers) is (method == found.exchanges[-1].method != "GET")


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        pytest.param("myapp://callback", "probe-redirect-scheme", id="an app's scheme"),
        pytest.param("data:text/plain,x", "probe-redirect-scheme", id="a data URL"),
        pytest.param("http://me@127.0.0.1/", "probe-redirect-user", id="a user name"),
        pytest.param("http://api.example/", "probe-mixed-content", id="http for a page on https"),
        pytest.param("/api/", "probe-too-many-redirects", id="a loop"),
    ],
)
def test_redirects_that_no_browser_follows(
    ask: Callable[..., Outcome],
    server: Any,
    names: dict[str, list[list[str]]],
    location: str,
    sentence: str,
) -> None:
    found = ask({"GET": (302, [ALLOWED, ("Location", location)])})

    assert found.verdict is CallOutcome.BLOCKED
    assert_says(found.sentence, sentence, **({"most": 20} if location == "/api/" else {}))
    assert found.console == ""
    assert len(server.asked) <= 21


@pytest.mark.parametrize(
    ("location", "said", "values"),
    [
        pytest.param("///host/", "probe-redirect-unclear", {}, id="three slashes"),
        pytest.param("http:next", "probe-redirect-unclear", {}, id="a scheme and no slashes"),
        pytest.param(
            "//[::1/", "probe-redirect-wrong", {"error": "Invalid IPv6 URL"}, id="half a bracket"
        ),
        pytest.param("\\\\host\\x", "probe-url-characters", {}, id="backslashes"),
        pytest.param(
            "//h\xf6st/", "probe-redirect-wrong", {"url": "//höst/"}, id="a host outside ASCII"
        ),
        pytest.param("https://127.0.0.1:2/", "probe-no-response", {}, id="nothing answers there"),
        pytest.param("http://169.254.169.254/", "probe-metadata", {}, id="link-local"),
        pytest.param("http://[::ffff:a9fe:a9fe]/", "probe-metadata", {}, id="mapped"),
        pytest.param("http://100.100.100.200/", "probe-metadata", {}, id="a metadata service"),
    ],
)
def test_where_a_probe_does_not_follow_it_cannot_tell(
    ask: Callable[..., Outcome], server: Any, location: str, said: str, values: dict[str, object]
) -> None:
    found = ask({"GET": (302, [ALLOWED, ("Location", location)])})

    assert (found.verdict, found.allowed) == (CallOutcome.UNDECIDED, None)
    assert_says(found.sentence, said, **values)
    assert [exchange.status for exchange in found.exchanges] == [302]
    assert len(server.asked) == 1


def test_a_redirect_to_a_private_address_is_refused_unless_meant(
    names: dict[str, list[list[str]]],
) -> None:
    names["inner.example"] = [["10.0.0.7"], ["10.0.0.7"]]
    target = read_url("https://inner.example/")

    with pytest.raises(ProbeError, match=pattern("probe-private-address")) as caught:
        Network(seconds=5, allow_private=False).addresses(target, is_redirect=True)
    assert "10.0.0.7" not in str(caught.value)
    meant = Network(seconds=5, allow_private=True)
    assert meant.addresses(target, is_redirect=True) == ["10.0.0.7"]


def test_each_host_and_port_is_looked_up_for_itself(names: dict[str, list[list[str]]]) -> None:
    names["api.example"] = [["8.8.8.8"], ["10.0.0.8"]]
    names["inner.example"] = [["10.0.0.7"]]
    network = Network(seconds=5, allow_private=False)

    assert network.addresses(read_url("https://api.example/")) == ["8.8.8.8"]
    assert network.addresses(read_url("https://api.example/again")) == ["8.8.8.8"]
    for url in ("https://inner.example/", "https://api.example:8443/"):
        with pytest.raises(ProbeError, match=pattern("probe-private-address")):
            network.addresses(read_url(url), is_redirect=True)


def test_letters_outside_ascii_are_escaped_as_browsers_do(
    ask: Callable[..., Outcome], server: Any
) -> None:
    script = {
        "GET": (302, [ALLOWED, ("Location", "/caf\xc3\xa9 a?q=\xe2\x82\xac")]),
        "GET /caf%C3%A9%20a?q=%E2%82%AC": (200, [ALLOWED]),
    }

    assert ask(script).allowed


@pytest.mark.parametrize(
    ("method", "origin_sent"),
    [pytest.param("GET", False, id="GET"), pytest.param("PUT", True, id="PUT")],
)
def test_a_page_that_calls_its_own_origin(
    ask: Callable[..., Outcome], server: Any, method: str, origin_sent: bool
) -> None:
    found = ask({method: (200, [])}, origin=base_of(server), method=method, send=True)

    assert found.allowed
    ((sent, _path, headers),) = server.asked
    assert (sent, "Origin" in headers) == (method, origin_sent)


def test_a_page_that_its_own_origin_sends_away(
    ask: Callable[..., Outcome], server: Any, other: Any
) -> None:
    page = base_of(server)
    other.script = {"GET": (200, [("Access-Control-Allow-Origin", page)])}

    found = ask({"GET": (302, [("Location", base_of(other))])}, origin=page)

    assert found.allowed
    assert other.asked[0][2]["Origin"] == page


def test_a_page_s_own_origin_may_redirect_with_a_user_name_which_a_probe_does_not_follow(
    ask: Callable[..., Outcome], server: Any
) -> None:
    script = {"GET": (302, [("Location", "http://me@127.0.0.1/")])}

    assert ask(script, origin=base_of(server)).verdict is CallOutcome.UNDECIDED
