"""Probing: which addresses are asked, and what is made of a real server's answers."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest

from corsadmin.probe import Outcome, ProbeError, Question, probe
from corsadmin.probe.address import is_public, read_url, resolve
from tests.scripted import Script, scripted_server

APP = "https://app.example.com"
ALLOW = {"Access-Control-Allow-Origin": APP}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("file:///etc/passwd", "only http", id="file"),
        pytest.param("gopher://example.com/", "only http", id="gopher"),
        pytest.param("//example.com/", "only http", id="no scheme"),
        pytest.param("http://a\r\nHost: b/", "no spaces", id="line break"),
        pytest.param("http://exa mple.com/", "no spaces", id="space"),
        pytest.param("http://exämple.com/", "no spaces", id="not ASCII"),
        pytest.param("http:\\\\example.com", "no spaces", id="backslashes"),
        pytest.param("http://example.com/" + "a" * 2048, "no spaces", id="too long"),
        pytest.param("http://user:pw@example.com/", "user name", id="user name"),
        pytest.param("http://example.com@169.254.169.254/", "user name", id="host as user name"),
        pytest.param("http://127.1/", "another form. Write 127.0.0.1.", id="short address"),
        pytest.param("http://0/", "another form. Write 0.0.0.0.", id="zero"),
        pytest.param("http://2130706433/", "another form", id="decimal"),
        pytest.param("http://0x7f.0.0.1/", "another form", id="hexadecimal"),
        pytest.param("http://0177.0.0.1/", "another form", id="octal"),
        pytest.param("http://localhost./", "ends in a dot", id="trailing dot"),
        pytest.param("http://[::ffff:169.254.169.254]/", "another form", id="mapped, dotted"),
        pytest.param("http://[::1/", "no host name", id="half a bracket"),
        pytest.param("http:///", "The host is empty", id="no host"),
        pytest.param("http://example.com:0/", "no port", id="port 0"),
        pytest.param("http://example.com:65536/", "no port", id="port too high"),
        pytest.param("http://example.com:8o/", "no port", id="port no number"),
        pytest.param("http://example.com:999999999999/", "no port", id="port without end"),
    ],
)
def test_urls_that_are_refused(url: str, message: str) -> None:
    with pytest.raises(ProbeError, match=message):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "expected", "authority"),
    [
        pytest.param(
            "https://api.example.com",
            ("https", "api.example.com", 443, "/"),
            "api.example.com",
            id="bare",
        ),
        pytest.param(
            "HTTP://api.example.com:8080/a?b=c#d",
            ("http", "api.example.com", 8080, "/a?b=c"),
            "api.example.com:8080",
            id="all parts",
        ),
        pytest.param(
            "https://api.example.com:443?b",
            ("https", "api.example.com", 443, "/?b"),
            "api.example.com",
            id="default port, query without path",
        ),
        pytest.param("http://[::1]:80/", ("http", "[::1]", 80, "/"), "[::1]", id="IPv6"),
    ],
)
def test_urls(url: str, expected: tuple[str, str, int, str], authority: str) -> None:
    target = read_url(url)

    assert target == expected
    assert target.authority == authority


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001::a9fe:a9fe",
    ],
)
def test_addresses_of_ones_own_network(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://localhost/",
        "http://acme.localhost/",
    ],
)
def test_private_targets_are_refused_unless_meant(url: str) -> None:
    target = read_url(url)

    with pytest.raises(ProbeError, match=r"not a public address. Add --allow-private"):
        resolve(target, allow_private=False)
    assert resolve(target, allow_private=True)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Answer for some names: each look-up takes the next list of addresses."""
    known: dict[str, list[list[str]]] = {}
    system = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if host not in known:
            return list(system(host, port, *args, **kwargs))
        addresses = known[host].pop(0)
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return [(None, None, None, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_a_name_with_one_private_address_is_refused(names: dict[str, list[list[str]]]) -> None:
    names["rebind.example"] = [["8.8.8.8", "127.0.0.1"]]

    with pytest.raises(ProbeError, match=r"rebind.example is at 127.0.0.1"):
        resolve(read_url("http://rebind.example/"), allow_private=False)


def test_a_public_name_is_looked_up_once(names: dict[str, list[list[str]]]) -> None:
    names["api.example"] = [["8.8.8.8", "2606:4700:4700::1111%eth0", "8.8.8.8"]]

    found = resolve(read_url("http://api.example/"), allow_private=False)

    assert found == ["8.8.8.8", "2606:4700:4700::1111"]


def test_a_name_without_address(names: dict[str, list[list[str]]]) -> None:
    names["nowhere.example"] = [[]]

    with pytest.raises(ProbeError, match=r"nowhere.example has no address"):
        resolve(read_url("http://nowhere.example/"), allow_private=False)


@pytest.fixture
def server() -> Iterator[Any]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def ask(server: Any) -> Callable[..., Outcome]:
    """Probe the server with a script: what it answers to each method."""

    def run(script: Script, **question: Any) -> Outcome:
        server.script = script
        url = f"http://127.0.0.1:{server.server_address[1]}{question.pop('path', '/api/')}"
        given = {"url": url, "origin": APP, "allow_private": True, "seconds": 5.0, **question}
        return probe(Question(**given))

    return run


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
    script: Script = {"GET": (302, [*ALLOW.items(), ("Location", "http://169.254.169.254/\x9b")])}

    with pytest.raises(ProbeError, match=r"redirects to http://169.254.169.254/\\x9b. Redirects"):
        ask(script)
    assert len(server.asked) == 1


def test_a_redirected_preflight_is_refused(ask: Callable[..., Outcome]) -> None:
    found = ask({"OPTIONS": (307, [*ALLOW.items(), ("Location", "/b")])}, method="PUT")

    assert "Redirect is not allowed for a preflight request." in found.console


def test_a_forbidden_method_is_not_asked_for(ask: Callable[..., Outcome], server: Any) -> None:
    with pytest.raises(ProbeError, match="No browser lets a page send TRACE"):
        ask({}, method="TRACE")
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


def listen(talk: Callable[[socket.socket], None]) -> tuple[socket.socket, int]:
    """Serve one connection in a thread; return the listening socket and its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listening.accept()
        with connection:
            talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    return listening, listening.getsockname()[1]


def silent(connection: socket.socket) -> None:
    """Read until the other end hangs up, and say nothing."""
    while connection.recv(4096):
        pass


def talkative(connection: socket.socket) -> None:
    """Send a header without end, a byte now and then, so that no single wait is long."""
    connection.settimeout(0.01)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    with suppress(OSError):
        while True:
            connection.sendall(b"a")
            with suppress(TimeoutError):
                connection.recv(4096)


def nonsense(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")


def endless(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 1000 + b"\r\n")


@pytest.mark.parametrize(
    ("talk", "scheme"),
    [
        pytest.param(silent, "http", id="no answer"),
        pytest.param(talkative, "http", id="an answer without end"),
        pytest.param(nonsense, "http", id="another protocol"),
        pytest.param(endless, "http", id="too many headers"),
        pytest.param(nonsense, "https", id="no TLS"),
    ],
)
def test_servers_that_give_no_answer(talk: Callable[[socket.socket], None], scheme: str) -> None:
    listening, port = listen(talk)
    url = f"{scheme}://127.0.0.1:{port}/"
    with listening, pytest.raises(ProbeError, match="gave no answer"):
        probe(Question(url=url, origin=APP, allow_private=True, seconds=0.3))


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(ProbeError, match=r"gave no answer: .*refused"):
        probe(Question(url=f"http://127.0.0.1:{port}/", origin=APP, allow_private=True))
