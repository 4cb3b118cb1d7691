"""Requests as browsers send them: fifteen headers, and a fresh object for each."""

import io
from collections.abc import Callable
from typing import Any, Final

from django.core.handlers.wsgi import WSGIRequest

_BROWSER: Final[dict[str, Any]] = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "page=2",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "10.0.0.7",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "https",
    "wsgi.multithread": False,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_ACCEPT": "application/json, text/plain, */*",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9,de;q=0.8",
    "HTTP_CACHE_CONTROL": "no-cache",
    "HTTP_PRAGMA": "no-cache",
    "HTTP_DNT": "1",
    "HTTP_REFERER": "https://app-3.example.com/orders",
    "HTTP_SEC_CH_UA": '"Chromium";v="140", "Not=A?Brand";v="24"',
    "HTTP_SEC_CH_UA_MOBILE": "?0",
    "HTTP_SEC_CH_UA_PLATFORM": '"Linux"',
    "HTTP_SEC_FETCH_DEST": "empty",
    "HTTP_SEC_FETCH_MODE": "cors",
    "HTTP_SEC_FETCH_SITE": "cross-site",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari",
    "HTTP_X_REQUEST_ID": "6f1c2a9e-0d57-4a3e-9a37-0d9f7c1a2b3c",
}

Shape = dict[str, str]

NO_ORIGIN: Final[Shape] = {}


def get(origin: str) -> Shape:
    """Return what a cross-origin GET adds to a browser's request."""
    return {"HTTP_ORIGIN": origin}


def preflight(origin: str) -> Shape:
    """Return what makes a request a preflight for a JSON POST."""
    return {
        "REQUEST_METHOD": "OPTIONS",
        "HTTP_ORIGIN": origin,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,content-type",
    }


def environ(shape: Shape, host: str = "acme.example.net", path: str = "/api/orders") -> Shape:
    """Return the WSGI environ of one request."""
    # New strings, as a server makes them: no hash is known and no identity shortens a lookup.
    texts = {"HTTP_HOST": host, "PATH_INFO": path, **shape}
    fresh = {name: value.encode("latin-1").decode("latin-1") for name, value in texts.items()}
    return {**_BROWSER, "wsgi.input": io.BytesIO(), **fresh}


def fresh_requests(make: Callable[[int], Shape], count: int) -> list[WSGIRequest]:
    """Return so many new request objects; `make` gives the environ of each."""
    requests = [WSGIRequest(make(number)) for number in range(count)]
    for request in requests:
        # As other middleware does in any project. Python gives an object a dictionary of its own
        # at about the second new attribute, and the middleware that happens to set it must not pay.
        request.session = request.site = None  # type: ignore[assignment]
    return requests
