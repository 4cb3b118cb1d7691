"""Servers that give no answer, or none that ends."""

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from corsadmin.diagnose.probe import ProbeError, ProbeRequest, probe
from tests.diagnose.probe.conftest import APP

HTTP_APP = "http://app.example.com"


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
    with listening, pytest.raises(ProbeError) as caught:
        probe(ProbeRequest(url=url, origin=APP, allow_private=True, seconds=0.3))
    assert caught.value.code == "no-answer"


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(ProbeError, match="refused") as caught:
        probe(ProbeRequest(url=f"http://127.0.0.1:{port}/", origin=APP, allow_private=True))
    assert caught.value.code == "no-answer"


def test_s7_a_name_server_that_is_silent_ends_with_the_time_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system's resolver asks the servers that its own file names, so it is stood in for."""
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: done.wait())

    with pytest.raises(ProbeError) as caught:
        probe(ProbeRequest(url="http://slow.example/", origin=HTTP_APP, seconds=0.2))
    assert caught.value.code == "look-up-too-slow"
    done.set()


def test_s7_all_addresses_together_get_the_time_out(
    names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that listens and whose queue is full drops whatever asks to connect."""
    names["slow.example"] = [["127.0.0.2", "127.0.0.3", "127.0.0.4"]]
    given: list[float] = []
    system = socket.create_connection

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        given.append(timeout)
        return system(address, timeout)

    monkeypatch.setattr(socket, "create_connection", connect)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("0.0.0.0", 0), backlog=0))
        port = listening.getsockname()[1]
        for number in range(8):
            queued = stack.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex((f"127.0.0.{2 + number % 3}", port))
        url = f"http://slow.example:{port}/"
        with pytest.raises(ProbeError) as caught:
            probe(ProbeRequest(url=url, origin=HTTP_APP, allow_private=True, seconds=0.5))
        assert caught.value.code == "no-answer"

    assert len(given) == 3
    assert sum(given) < 2 * 0.5
