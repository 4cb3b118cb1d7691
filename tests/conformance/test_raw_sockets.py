"""The same decisions behind every server, for requests that only a raw socket can send.

What a server hands on differs from one to the next (DESIGN's companion lists it), so each case
names the requests that Django may get to see. The live answer must be the one that the in-process
stack gives to one of them, unless the server itself refuses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import override_settings

from tests.asserts import cors_headers
from tests.conformance import live_settings
from tests.conformance.raw import exchange
from tests.conformance.recorder import RAN, REASON
from tests.conformance.site import APP
from tests.conformance.wire import Ask, Headers, Seen, ask_asgi, ask_wsgi
from tests.servers import COMMANDS, Site, environment, serve
from tests.serving.databases import Database

pytestmark = pytest.mark.slow

EVIL = "https://evil.com"
NAMES = [("Access-Control-Request-Method", "PUT")]
REFUSALS = {400, 413, 414, 431}


@dataclass(frozen=True)
class Raw:
    """A request as bytes, and as Django may see it; `refusable` where a server may say no."""

    name: str
    request: bytes
    seen_as: list[Ask]
    refusable: bool = False


def raw(
    name: str, ask: Ask, *seen_as: Headers, refusable: bool = False, lines: bytes | None = None
) -> Raw:
    """Return a case; each of `seen_as` are headers that may arrive instead of those of `ask`."""
    written = [f"{key}: {value}".encode("latin-1") for key, value in ask.lines]
    head = [f"{ask.method} {ask.path} HTTP/1.1".encode("latin-1"), *written, b"Connection: close"]
    if lines is not None:
        head.append(lines)
    asks = [ask, *(Ask(method=ask.method, path=ask.path, headers=given) for given in seen_as)]
    return Raw(name, b"\r\n".join(head) + b"\r\n\r\n", asks, refusable)


def origin(name: str, value: str, *arriving: str, refusable: bool = False) -> Raw:
    """Return the case of an Origin that may arrive as one of several values."""
    seen_as = [[("Origin", other)] for other in arriving]
    return raw(name, Ask(headers=[("Origin", value)]), *seen_as, refusable=refusable)


def preflight(name: str, *values: str, refusable: bool = False, more: Headers | None = None) -> Raw:
    """Return the case of a preflight with these lines of requested headers."""
    lines = [("Access-Control-Request-Headers", value) for value in values]
    headers = [("Origin", APP), *NAMES, *lines, *(more or [])]
    return raw(name, Ask(method="OPTIONS", headers=headers), refusable=refusable)


def path(name: str, target: str, *, refusable: bool = False) -> Raw:
    """Return the case of a path at the tenant whose rules are about paths."""
    ask = Ask(path=target, host="ways.example.net", headers=[("Origin", APP)])
    return raw(name, ask, refusable=refusable)


CASES = [
    origin("P01 an allowed origin", APP),
    origin("V08 a stranger", EVIL),
    origin("V10 an empty Origin", ""),
    raw(
        "two Origin lines",
        Ask(headers=[("Origin", APP), ("Origin", EVIL)]),
        [("Origin", f"{APP},{EVIL}")],
        refusable=True,
    ),
    raw("the same Origin twice", Ask(headers=[("Origin", APP)] * 2), refusable=True),
    origin("spaces after an origin", f"{APP}  ", APP),
    origin("a tab after an origin", f"{APP}\t", APP),
    origin("an origin of 8 kB", "https://" + "a" * 8000 + ".example.org", refusable=True),
    origin("an origin of 16 kB", "https://" + "a" * 16_000 + ".example.org", refusable=True),
    *(
        origin(f"the byte {byte:#04x} in an origin", f"https://app{chr(byte)}.example.org",
               refusable=True)
        for byte in (0x01, 0x09, 0x0B, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0xA0, 0xAD, 0xE9, 0xFF)
    ),
    *(
        origin(f"the byte {byte:#04x} at the end of an origin", f"{APP}{chr(byte)}", refusable=True)
        for byte in (0x0B, 0x1F, 0x7F, 0x85, 0xA0)
    ),
    origin("a NUL in an origin", f"{APP}\0.evil.com", refusable=True),
    origin("a bare carriage return in an origin", f"{APP}\r.evil.com", refusable=True),
    origin("a folded Origin line", f"{APP}\r\n .evil.com", f"{APP} .evil.com", refusable=True),
    raw(
        "an Origin line with a space before its colon",
        Ask(headers=[]),
        [("Origin", APP)],
        refusable=True,
        lines=f"Origin : {APP}".encode(),
    ),
    raw(
        "names of headers in any case",
        Ask(method="OPTIONS", headers=[("oRIGIN", APP), ("access-control-REQUEST-method", "PUT")]),
    ),
    preflight("P14 two lines of requested headers", "x-a", "x-b"),
    preflight("P14 a listed name and a stranger on two lines", "x-a", "x-c"),
    preflight("P16 requested headers of 8 kB", "x-a," * 2000, refusable=True),
    preflight("V42 commas", "," * 8000, refusable=True),
    preflight("V43 spaces", "b" + " " * 8000 + "x", refusable=True),
    preflight("P17 a vertical tab in a requested header", "x-a\x0bSet-Cookie", refusable=True),
    preflight("V62 many lines of requested headers", *["x-a"] * 5000, refusable=True),
    preflight("V51 private network access", "x-a",
              more=[("Access-Control-Request-Private-Network", "true")]),
    raw(
        "V62 an underscore is no hyphen",
        Ask(method="OPTIONS", headers=[("Origin", APP)]),
        refusable=True,
        lines=b"Access_Control_Request_Method: PUT",
    ),
    raw(
        "V62 an underscore in a header that is not there otherwise",
        Ask(method="OPTIONS", headers=[("Origin", APP), *NAMES]),
        refusable=True,
        lines=b"Access_Control_Request_Headers: x-c",
    ),
    path("a prefix", "/public/x"),
    path("V24 dot segments", "/public/../private/x", refusable=True),
    path("V24 encoded dot segments", "/public/%2e%2e/private/x", refusable=True),
    path("V24 a single dot", "/public/./x", refusable=True),
    path("V24 a double slash", "/public//x"),
    path("V24 encoded backslashes", "/public/%5c..%5cprivate", refusable=True),
    path("V24 a NUL", "/public/%00", refusable=True),
    path("V24 a path parameter", "/public/x;y"),
    path("V24 an encoded slash", "/v/1%2F2/things"),
    path("V22 a path that is encoded twice", "/a%252Fb"),
    path("V21 a plus", "/service+path"),
    path("V21 a space", "/service%20path"),
    path("V23 another case", "/PUBLIC/x"),
    path("a path that is no UTF-8", "/public/%ff%fe", refusable=True),
    path("a path of 8 kB", "/public/" + "a/" * 4000, refusable=True),
]  # fmt: skip


@pytest.fixture(scope="module", params=COMMANDS)
def live(
    request: pytest.FixtureRequest, tenants: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Site]]:
    """The site behind each server in turn, on the file that this process reads too."""
    file = Path(tenants.settings["NAME"])
    env = environment(file, DJANGO_SETTINGS_MODULE="tests.conformance.live_settings", DEBUG="")
    with serve(request.param, tmp_path_factory.mktemp("server"), env) as site:
        yield request.param, site


def in_process(server: str, ask: Ask) -> Seen:
    """Return what the stack that a server drives answers in this process."""
    way = ask_wsgi if server.startswith("gunicorn") else ask_asgi
    with override_settings(
        ALLOWED_HOSTS=live_settings.ALLOWED_HOSTS,
        ROOT_URLCONF=live_settings.ROOT_URLCONF,
        MIDDLEWARE=live_settings.MIDDLEWARE,
    ):
        return way(ask)


def substance(seen: Seen) -> tuple[object, ...]:
    """Return what must be the same for two answers to be the same."""
    headers = seen.headers
    told = headers.get(REASON.lower()), headers.get(RAN.lower())
    return seen.status, *told, cors_headers(headers), seen.body


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_decision_is_the_one_made_in_process(case: Raw, live: tuple[str, Site]) -> None:
    server, site = live

    [answer] = exchange(site.port, case.request)

    if REASON.lower() in answer.headers:
        expected = [substance(in_process(server, ask)) for ask in case.seen_as]
        assert substance(answer) in expected
    else:
        assert case.refusable
        assert answer.status in REFUSALS
        assert cors_headers(answer.headers) == {}


def test_pipelined_requests_get_answers_of_their_own(live: tuple[str, Site]) -> None:
    _server, site = live
    origins = [APP, EVIL, "https://foo.example.org", APP]
    requests = [
        f"GET /api/plain HTTP/1.1\r\nHost: t.example.net\r\nOrigin: {origin}\r\n"
        for origin in origins
    ]
    together = "\r\n".join(requests) + "Connection: close\r\n\r\n"

    answers = exchange(site.port, together.encode())

    allowed = [answer.headers.get("access-control-allow-origin") for answer in answers]
    expected = [APP, None, "https://foo.example.org", APP]
    # A server may close the connection after any answer, but never mix two of them up.
    assert allowed == expected[: len(answers)]
    assert answers


def test_a_target_with_another_host_opens_no_other_tenant(live: tuple[str, Site]) -> None:
    _server, site = live
    request = (
        "GET http://rival.example.net/api/plain HTTP/1.1\r\nHost: t.example.net\r\n"
        "Origin: https://app.rival.example\r\nConnection: close\r\n\r\n"
    )

    [answer] = exchange(site.port, request.encode())

    assert "access-control-allow-origin" not in answer.headers


def test_a_request_without_a_host_belongs_to_nobody(live: tuple[str, Site]) -> None:
    _server, site = live

    [answer] = exchange(site.port, f"GET /api/plain HTTP/1.0\r\nOrigin: {APP}\r\n\r\n".encode())

    assert answer.status == 400
    assert cors_headers(answer.headers) == {}
