"""Put a request to the site as a WSGI or an ASGI server would, and keep all that comes back."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

Headers = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request. Header values are latin-1 text; a header may come several times."""

    method: str = "GET"
    path: str = "/api/plain"
    host: str | None = "t.example.net"
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    secure: bool = False
    query: str = ""

    @property
    def lines(self) -> Headers:
        """Every header line, Host first."""
        host = [] if self.host is None else [("Host", self.host)]
        length = [("Content-Length", str(len(self.body)))] if self.body else []
        return [*host, *length, *self.headers]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One response as it would go over the wire."""

    status: int
    lines: Headers
    body: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        """The header lines by lower-case name. Asserts that no name comes twice but Set-Cookie."""
        names = [name.lower() for name, _ in self.lines if name.lower() != "set-cookie"]

        assert len(names) == len(set(names)), self.lines
        return {name.lower(): value for name, value in self.lines}


def wsgi_environ(ask: Ask) -> dict[str, Any]:
    """Return a request as a WSGI server hands it on; repeated headers are joined with a comma."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": ask.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(ask.path).decode("latin-1"),
        "QUERY_STRING": ask.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "443" if ask.secure else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if ask.secure else "http",
        "wsgi.input": io.BytesIO(ask.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in ask.lines:
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_LENGTH", "CONTENT_TYPE"}:
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def ask_wsgi(ask: Ask) -> Seen:
    """Answer as behind a WSGI server."""
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
        started.append((status, headers))

    response: Any = WSGIHandler()(wsgi_environ(ask), start_response)
    try:
        body = b"".join(response)
    finally:
        response.close()
    [(status, lines)] = started
    return Seen(status=int(status.partition(" ")[0]), lines=lines, body=body)


def ask_asgi(ask: Ask) -> Seen:
    """Answer as behind an ASGI server, which hands on every header line."""
    return async_to_sync(_ask_asgi)(ask)


async def _ask_asgi(ask: Ask) -> Seen:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": ask.method,
        "path": unquote(ask.path),
        "raw_path": ask.path.encode("latin-1"),
        "query_string": ask.query.encode("ascii"),
        "scheme": "https" if ask.secure else "http",
        "server": ("127.0.0.1", 443 if ask.secure else 80),
        "client": ("127.0.0.1", 50_000),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in ask.lines
        ],
    }
    incoming = [{"type": "http.request", "body": ask.body, "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not incoming:
            await asyncio.Event().wait()  # a client that never goes away
        return incoming.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    # Without the handler's own thread context: the database of the test is this thread's.
    await ASGIHandler().handle(scope, receive, send)
    start, *chunks = sent
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    body = b"".join(chunk.get("body", b"") for chunk in chunks)
    return Seen(status=start["status"], lines=lines, body=body)
