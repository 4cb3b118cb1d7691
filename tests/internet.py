"""A stand-in for the internet: names lead where a test says, and so do connections to an address."""

import socket
from typing import Any

import pytest


class Internet:
    """Names with the answers of one look-up after the other, and ports of this machine by address.

    `connected` holds every address that somebody tried to connect to.
    """

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.servers: dict[str, int] = {}
        self.connected: list[str] = []

    def look_up(self, host: str, port: int, **_kwargs: Any) -> list[Any]:
        """Stand in for socket.getaddrinfo."""
        found = self.names.get(host)
        if not found:  # pragma: no cover (not in the first row of the sweep)
            raise socket.gaierror(-2, "Name or service not known")
        return [(None, None, None, "", (address, port)) for address in found.pop(0)]

    def connect(self, place: tuple[str, int], timeout: float) -> socket.socket:
        """Stand in for socket.create_connection."""
        address, _port = place
        self.connected.append(address)
        found = socket.socket()
        found.settimeout(timeout)
        found.connect(("127.0.0.1", self.servers[address]))
        return found


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    """Replace the system's network with the stand-in."""
    found = Internet()
    monkeypatch.setattr(socket, "getaddrinfo", found.look_up)
    monkeypatch.setattr(socket, "create_connection", found.connect)
    return found
