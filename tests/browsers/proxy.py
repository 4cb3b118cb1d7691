"""A forward proxy on the loopback device: pages and APIs live on any scheme, host and port.

It ends TLS itself, with a certificate that the browsers of the tests are told to take, and keeps a
record of every request. Hosts that are mapped go to real servers; all others are empty pages.
"""

import base64
import hashlib
import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.servers import SECONDS

BLANK = b"<!doctype html><meta charset=utf-8><title>blank</title><link rel=icon href=data:,>"
HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "host"}


class Passed(NamedTuple):
    """One request that went through."""

    method: str
    url: str
    headers: dict[str, str]  # names in lower case


class Stored(NamedTuple):
    """An answer in the cache, with the request headers that it varies on."""

    asked: dict[str, str]
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Proxy(ThreadingHTTPServer):
    """Where requests go, and which there were. `routes` maps "host:port" to ports of 127.0.0.1."""

    daemon_threads = True
    block_on_close = False
    # A browser connects many times at once; who finds no place in the queue tries again much later.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        authority = trustme.CA()
        certificate = authority.issue_cert("*.example.com", "*.example.net", "*.example.org")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.tls)
        self.key_hash = _key_hash(certificate.cert_chain_pems[0].bytes())
        self.routes: dict[str, int] = {}
        self.caching: set[str] = set()  # hosts whose answers a shared cache keeps
        self.passed: list[Passed] = []
        self.stored: dict[str, list[Stored]] = {}

    def forget(self) -> None:
        """Forget where requests go, which there were, and what was answered."""
        self.routes = {}
        self.caching = set()
        self.passed = []
        self.stored = {}

    def count(self, method: str, part: str) -> int:
        """Return how many requests with this method had this text in their URL."""
        return sum(entry.method == method and part in entry.url for entry in self.passed)

    def handle_error(  # pragma: no cover (when, depends on the browser)
        self, request: Any, client_address: Any
    ) -> None:
        """Say nothing: browsers hang up at any moment."""


@contextmanager
def proxied() -> Iterator[Proxy]:
    """Run a proxy."""
    with Proxy() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy
    inside = ""  # the scheme, host and port of a tunnel, once there is one

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("do_"):  # pragma: no cover (what every __getattr__ owes)
            raise AttributeError(name)
        return self._pass_on

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.inside = f"https://{self.path.removesuffix(':443')}"
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        if self.inside:
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it)
        pass

    def _pass_on(self) -> None:
        url = self.inside + self.path
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.server.passed.append(Passed(self.command, url, headers))
        status, lines, answer = self._answer(url, headers, body)
        self.send_response_only(status)
        for name, value in lines:
            self.send_header(name, value)
        if status not in {204, 304}:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def _answer(
        self, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(url)
        place = f"{parts.hostname}:{parts.port or {'http': 80, 'https': 443}[parts.scheme]}"
        port = self.server.routes.get(place)
        if port is None:
            return 200, [("Content-Type", "text/html")], BLANK
        if parts.hostname not in self.server.caching or self.command != "GET":
            return self._forward(port, url, headers, body)
        for stored in self.server.stored.get(url, []):
            if all(headers.get(name, "") == value for name, value in stored.asked.items()):
                return stored.status, [*stored.headers, ("Age", "1")], stored.body
        status, lines, answer = self._forward(port, url, headers, body)
        vary = ", ".join(value for name, value in lines if name.lower() == "vary")
        names = [name.strip().lower() for name in vary.split(",") if name]
        asked = {name: headers.get(name, "") for name in names}
        self.server.stored.setdefault(url, []).append(Stored(asked, status, lines, answer))
        return status, lines, answer

    def _forward(
        self, port: int, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(url)
        kept = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
        kept |= {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme, "Connection": "close"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        try:
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request(self.command, target, body=body or None, headers=kept)
            response = connection.getresponse()
            lines = [
                (name, value)
                for name, value in response.getheaders()
                if name.lower() not in HOP_BY_HOP | {"content-length"}
            ]
            return response.status, lines, response.read()
        finally:
            connection.close()


def _key_hash(certificate: bytes) -> str:
    """Return what Chromium's --ignore-certificate-errors-spki-list takes for a certificate."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()
