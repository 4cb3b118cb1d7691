"""Servers that give no answer, or none that ends."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from corsadmin.diagnose.probe import ProbeError, Question, probe
from tests.diagnose.probe.conftest import APP


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
