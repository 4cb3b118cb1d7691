"""Serve the demo's front end from a port of its own, which makes it another origin than the API."""

import argparse
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "frontend"

# The page may call any API, which its field names. Everything else comes from its own server.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class FrontEnd(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002 - the base class names it
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        pass


def make_server(port: int) -> ThreadingHTTPServer:
    """Return a server bound to this machine's port (0: any free one); OSError if it is taken."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(FrontEnd, directory=str(FOLDER)))


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=1234, help="default: %(default)s")
    port = parser.parse_args().port
    with make_server(port) as server:
        print(f"The front end: http://localhost:{server.server_port}/")
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
