"""Names that lead where a test says, and a server that is probed."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from corsadmin.diagnose.probe import Outcome, ProbeRequest, probe
from tests.scripted import Script, scripted_server

APP = "https://app.example.com"


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
        given: dict[str, Any] = {"url": url, "origin": APP, "allow_private": True, "seconds": 5.0}
        given |= {"compare": False, **question}
        return probe(ProbeRequest(**given))

    return run
