"""Bytes to a server and back: requests that no polite client would send."""

import contextlib
import socket

from tests.conformance.wire import Seen
from tests.servers import SECONDS

_LENGTH = "content-length"


def exchange(port: int, request: bytes) -> list[Seen]:
    """Send bytes on one connection, and return every response until the server ends it.

    The last request among the bytes must ask for the connection to be closed.
    """
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        # A server that refuses may hang up before it has read everything.
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        with contextlib.suppress(ConnectionError):
            while chunk := connection.recv(65_536):
                received += chunk
    return parse(bytes(received))


def parse(received: bytes) -> list[Seen]:
    """Return the responses in what was received."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        status = int(status_line.split(" ")[1])
        pairs = [line.partition(":")[::2] for line in lines]
        headers = [(name, value.strip()) for name, value in pairs]
        values = {name.lower(): value for name, value in headers}
        if values.get("transfer-encoding") == "chunked":
            body, received = _chunks(rest)
        elif _LENGTH in values:
            length = int(values[_LENGTH])
            body, received = rest[:length], rest[length:]
        elif status == 204:
            body, received = b"", rest
        else:
            body, received = rest, b""
        found.append(Seen(status=status, lines=headers, body=body))
    return found


def _chunks(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        chunk, rest = rest[:length], rest[length + 2 :]
        if not length:
            return body, rest
        body += chunk
