"""What docs/troubleshooting.md says of consoles is what real browsers write, and it is read right."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from corsadmin.diagnose.console import BlockKind, read
from tests.browsers.engines import Engine
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL
from tests.scripted import scripted_server
from tests.servers import ROOT, SECONDS, eventually

pytestmark = pytest.mark.slow

PAGE = "PAGE"  # the page's own origin is put in its place
ALLOWED = ("Access-Control-Allow-Origin", PAGE)
STAR = ("Access-Control-Allow-Origin", "*")
OTHER = ("Access-Control-Allow-Origin", "https://other.example")
INCLUDE = {"credentials": "include"}
JSON = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": "{}"}
Headers = list[tuple[str, str]]

# Argument: the URL. Returns when the WebSocket is closed.
SOCKET = """
const [url] = given;
return await new Promise((done) => { new WebSocket(url).onclose = () => done("closed"); });
"""

# What the page asks for, what the preflight and what the request is answered; in the docs' order.
CASES: list[tuple[dict[str, Any], tuple[int, Headers], Headers]] = [
    ({}, (204, []), []),
    (JSON, (403, []), []),
    (JSON, (404, [ALLOWED]), []),
    (JSON, (302, [ALLOWED, ("Location", "/login")]), []),
    (INCLUDE, (204, []), [STAR]),
    (INCLUDE, (204, []), [ALLOWED]),
    ({}, (204, []), [ALLOWED, ALLOWED]),
    ({}, (204, []), [OTHER]),
    ({"method": "PUT"}, (204, [ALLOWED]), [ALLOWED]),
    (JSON, (204, [ALLOWED]), [ALLOWED]),
]
# What the reader makes of the lines, in the same order.
KINDS = [
    BlockKind.NO_ACAO,
    BlockKind.NO_ACAO,
    BlockKind.PREFLIGHT_STATUS,
    BlockKind.PREFLIGHT_REDIRECT,
    BlockKind.WILDCARD_CREDENTIALS,
    BlockKind.ACAC_MISSING,
    BlockKind.MULTIPLE_ACAO,
    BlockKind.WRONG_ACAO,
    BlockKind.METHOD,
    BlockKind.HEADER,
]


def documented() -> list[list[str]]:
    """Return the cells of each row of the docs' table of consoles."""
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    body = text.split("\n## By the console's message\n")[1].split("\n## ")[0]
    table = [line for line in body.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.fixture(scope="module")
def servers(proxy: Proxy) -> Iterator[tuple[Any, Any]]:
    """A server for the page, and one for what it calls."""
    with scripted_server() as front, scripted_server() as api:
        for server in (front, api):
            port = server.server_address[1]
            proxy.routes[f"localhost:{port}"] = port
        yield front, api


def test_consoles_say_what_the_docs_say(servers: tuple[Any, Any], browser: Engine) -> None:
    front, api = servers
    origin = f"http://localhost:{front.server_address[1]}"
    front.script = {"GET": (200, [])}
    browser.visit(origin)
    column = ("chromium", "firefox").index(browser.name)

    for number, (row, (options, preflight, given)) in enumerate(
        zip(documented(), CASES, strict=True)
    ):
        method = options.get("method", "GET")
        api.script = {
            "OPTIONS": (preflight[0], filled(preflight[1], origin)),
            method: (200, filled(given, origin)),
        }
        url = f"http://localhost:{api.server_address[1]}/{browser.name}-{number}-"

        wanted = row[column]

        assert browser.run(CALL, url, options) == {"error": "TypeError"}
        reading = read(wait_for(browser, url, wanted))
        assert (reading.engine, reading.kind) == (browser.name, KINDS[number])
        assert reading.url is not None
        assert reading.url.startswith(url)
        assert reading.page == (origin if browser.name == "chromium" else None)


class Cause(NamedTuple):
    """Headers of the page, the answer to its call, and what Chromium's and Firefox's lines say."""

    path: str
    page: Headers
    answer: tuple[int, Headers]
    kinds: tuple[BlockKind, BlockKind]


CAUSES = [
    Cause(
        "csp",
        [("Content-Security-Policy", "connect-src 'self'")],
        (200, [ALLOWED]),
        (BlockKind.CSP, BlockKind.CSP),
    ),
    Cause(
        "redirected",
        [],
        (302, [ALLOWED, ("Location", "/PAGE")]),
        # Firefox does not name the URL that was asked for first.
        (BlockKind.REDIRECT_NULL, BlockKind.NO_ACAO),
    ),
    Cause("socket", [], (404, []), (BlockKind.WEBSOCKET, BlockKind.WEBSOCKET)),
]


@pytest.mark.parametrize("cause", CAUSES, ids=[cause.path for cause in CAUSES])
def test_other_causes_are_read_from_real_consoles(
    servers: tuple[Any, Any], browser: Engine, cause: Cause
) -> None:
    front, api = servers
    origin = f"http://localhost:{front.server_address[1]}"
    status, headers = cause.answer
    front.script = {"GET": (200, cause.page)}
    api.script = {
        "GET": (
            status,
            [(name, value.replace("/PAGE", f"{origin}/{cause.path}").replace(PAGE, origin))
             for name, value in headers],
        )
    }  # fmt: skip
    browser.visit(origin)
    url = f"localhost:{api.server_address[1]}/{cause.path}"

    if cause.path == "socket":
        assert browser.run(SOCKET, f"ws://{url}") == "closed"
    else:
        assert browser.run(CALL, f"http://{url}") == {"error": "TypeError"}

    said = wait_for(browser, f"/{cause.path}", "localhost")
    assert read(said).kind is cause.kinds[("chromium", "firefox").index(browser.name)]


def wait_for(browser: Engine, url: str, wanted: str) -> str:
    """Wait until the console says what is wanted of a URL; return all that it says of it."""

    def said() -> str:
        return "\n".join(line for line in browser.console() if url in line)

    eventually(said, lambda lines: wanted in lines, SECONDS)
    return said()


def filled(headers: Headers, origin: str) -> Headers:
    return [(name, origin if value == PAGE else value) for name, value in headers]
