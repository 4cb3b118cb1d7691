"""A small server whose answers a test writes down beforehand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = dict[str, tuple[int, list[tuple[str, str]]]]


class _Answers(BaseHTTPRequestHandler):
    """Answers as its server's script says for "METHOD /path" or a method, and keeps what was asked."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        server: Any = self.server
        server.asked.append((self.command, self.path, dict(self.headers)))
        otherwise = server.script.get(self.command, (404, []))
        status, headers = server.script.get(f"{self.command} {self.path}", otherwise)
        more = server.headers_for(dict(self.headers))
        if more is None:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in [*headers, *more]:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    # Who finds no place in the queue tries again seconds later.
    request_queue_size = 128


@contextmanager
def scripted_server() -> Iterator[Any]:
    """Run a server on a free port: `script` is what it answers, `asked` what it was asked.

    `headers_for` gives more headers by those of the request; None hangs up without an answer.
    """
    with _Server(("127.0.0.1", 0), _Answers) as server:
        found: Any = server
        found.asked, found.script, found.headers_for = [], {}, lambda _asked: []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
