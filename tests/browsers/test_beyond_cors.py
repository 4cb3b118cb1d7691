"""What real browsers say of calls that something else than CORS stops, and how it is read."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading, read
from tests.browsers.engines import Engine
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL
from tests.scripted import scripted_server
from tests.servers import SECONDS, eventually

pytestmark = pytest.mark.slow

PAGE = "https://app.example.com"
API = "https://api.example.net"
ALLOWED = [("Access-Control-Allow-Origin", PAGE), ("Access-Control-Allow-Credentials", "true")]
INCLUDE = {"credentials": "include"}
Headers = list[tuple[str, str]]


class Cause(NamedTuple):
    """A call, the answer to it, and what the console says of it: kind, detail and subject.

    `reads` is by browser, and lacks one that writes nothing into its console.
    """

    name: str
    url: str
    options: Mapping[str, Any]
    answer: tuple[int, Headers]
    reads: Mapping[str, tuple[BlockKind, BlockDetail | None, str | None]]


def both(kind: BlockKind, detail: BlockDetail | None = None) -> Mapping[str, Any]:
    return dict.fromkeys(("chromium", "firefox"), (kind, detail, None))


def set_cookie(attributes: str) -> tuple[int, Headers]:
    return 200, [*ALLOWED, ("Set-Cookie", f"sid=1{attributes}")]


CAUSES = [
    Cause(
        "mixed content",
        "http://api.example.net/a",
        {},
        (200, ALLOWED),
        both(BlockKind.MIXED_CONTENT),
    ),
    Cause(
        "CORP",
        f"{API}/b",
        {"mode": "no-cors"},
        (200, [("Cross-Origin-Resource-Policy", "same-origin")]),
        both(BlockKind.CORP),
    ),
    Cause(
        "an error of a gateway",
        f"{API}/c",
        {},
        (502, []),
        {
            # Its console names the status in another line, which the DevTools alone write.
            "chromium": (BlockKind.NO_ACAO, None, None),
            "firefox": (BlockKind.NO_ACAO, BlockDetail.GATEWAY, None),
        },
    ),
    Cause(
        "no answer",
        "https://gone.example.net/d",
        {},
        (200, ALLOWED),
        {
            "chromium": (BlockKind.NOT_CORS_NETWORK, BlockDetail.CONNECTION, None),
            "firefox": (BlockKind.NOT_CORS_NETWORK, None, None),
        },
    ),
    Cause(
        "SameSite=Lax",
        f"{API}/e",
        INCLUDE,
        set_cookie("; SameSite=Lax"),
        {"firefox": (BlockKind.UNKNOWN, BlockDetail.COOKIE_SAMESITE, "sid")},
    ),
    Cause(
        "SameSite=None without Secure",
        f"{API}/f",
        INCLUDE,
        set_cookie("; SameSite=None"),
        {"firefox": (BlockKind.UNKNOWN, BlockDetail.COOKIE_SECURE, "sid")},
    ),
]


@pytest.fixture(scope="module")
def api(proxy: Proxy) -> Iterator[Any]:
    """A server that answers for the API, by http and https."""
    with scripted_server() as server:
        for port in ("80", "443"):
            proxy.routes[f"api.example.net:{port}"] = server.server_address[1]
        proxy.routes["gone.example.net:443"] = 1  # nobody listens there
        yield server


@pytest.mark.parametrize("cause", CAUSES, ids=[cause.name for cause in CAUSES])
def test_a_cause_is_read_from_a_real_console(browser: Engine, api: Any, cause: Cause) -> None:
    api.script = {"GET": cause.answer}
    browser.visit(f"{PAGE}/page")
    browser.forget()

    browser.run(CALL, cause.url, cause.options)

    wanted = cause.reads.get(browser.name)
    if wanted is not None:
        eventually(lambda: seen(browser), lambda reading: reads(reading) == wanted, SECONDS)
        assert seen(browser).url in (cause.url, None)


def seen(engine: Engine) -> Reading:
    """Return what the lines of a console say."""
    engine.run("return null;")  # a console's lines come in while the engine is asked something
    return read("\n".join(engine.console()))


def reads(reading: Reading) -> tuple[BlockKind, BlockDetail | None, str | None]:
    return reading.kind, reading.detail, reading.subject
