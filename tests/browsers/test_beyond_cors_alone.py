"""What browsers that are set up for one test say: cookies, local networks, content blockers."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from corsadmin.diagnose.console import BlockDetail, BlockKind, read
from tests.browsers.engines import Chromium, Engine, chromium, firefox
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL
from tests.browsers.test_beyond_cors import API, INCLUDE, PAGE, reads, seen, set_cookie
from tests.scripted import scripted_server
from tests.servers import SECONDS, eventually

pytestmark = pytest.mark.slow

BLOCKER = Path(__file__).with_name("content_blocker")
# Argument: the URL. Does not wait for an answer: a browser may be asking its user.
CALL_AND_GO_ON = "fetch(given[0]).catch(() => {});"


@pytest.fixture
def api(proxy: Proxy) -> Iterator[Any]:
    """A server that answers for the API."""
    with scripted_server() as server:
        proxy.routes["api.example.net:443"] = server.server_address[1]
        yield server


@pytest.mark.parametrize(
    ("attributes", "detail"),
    [
        pytest.param("; SameSite=None", BlockDetail.COOKIE_SECURE, id="None without Secure"),
        pytest.param("", BlockDetail.COOKIE_SAMESITE, id="no attribute"),
    ],
)
def test_chromium_says_of_cookies_in_its_issues_alone(
    running_chromium: Chromium, api: Any, attributes: str, detail: BlockDetail
) -> None:
    api.script = {"GET": set_cookie(attributes)}
    issues: list[str] = []
    engine = running_chromium
    engine.visit(f"{PAGE}/page")
    engine.forget()
    session = engine.page.context.new_cdp_session(engine.page)
    session.on("Audits.issueAdded", lambda issue: issues.append(json.dumps(issue)))
    session.send("Audits.enable")
    engine.run(CALL, f"{API}/cookie", INCLUDE)
    engine.run(CALL, f"{API}/cookie", INCLUDE)  # by now the first issue has come
    session.detach()
    assert engine.console() == []

    reading = read(issues[0])

    assert reads(reading) == (BlockKind.UNKNOWN, detail, "sid")
    assert reading.url == f"{API}/cookie"


@pytest.fixture
def page() -> Iterator[Any]:
    """A server of a page that browsers take for one of the internet."""
    with scripted_server() as server:
        server.script = {"GET": (200, [("Content-Type", "text/html")])}
        yield server


def chromium_in_public(proxy: Proxy, folder: Path, port: int) -> AbstractContextManager[Engine]:
    arguments = [
        "--no-proxy-server",
        f"--ip-address-space-overrides=127.0.0.1:{port}=public",
        f"--load-extension={BLOCKER}",
        f"--disable-extensions-except={BLOCKER}",
    ]
    return chromium(proxy, folder, arguments, ["--disable-extensions"])


def firefox_in_public(proxy: Proxy, folder: Path, port: int) -> AbstractContextManager[Engine]:
    preferences = {
        "network.proxy.type": 0,
        "network.lna.enabled": True,
        "network.lna.blocking": True,
        "network.lna.address_space.public.override": f"127.0.0.1:{port}",
    }
    return firefox(proxy, folder, preferences)


@pytest.mark.parametrize(
    "browser_in_public", [chromium_in_public, firefox_in_public], ids=["Chromium", "Firefox"]
)
def test_local_network_access_is_read_from_a_real_console(
    proxy: Proxy, page: Any, tmp_path: Path, browser_in_public: Any
) -> None:
    port = page.server_address[1]
    with (
        scripted_server() as local,
        browser_in_public(proxy, tmp_path / "profile", port) as engine,
    ):
        local.script = {"GET": (200, [("Access-Control-Allow-Origin", "*")])}
        url = f"http://localhost:{local.server_address[1]}/local"
        engine.visit(f"http://localhost:{port}/")
        engine.run(CALL_AND_GO_ON, url)
        reading = eventually(
            lambda: seen(engine), lambda found: found.kind is BlockKind.LNA, SECONDS
        )

    assert (reading.engine, reading.url, reading.fix_here) == (engine.name, url, False)


def test_a_content_blocker_is_read_from_a_real_console(
    proxy: Proxy, page: Any, tmp_path: Path
) -> None:
    port = page.server_address[1]
    with chromium_in_public(proxy, tmp_path / "profile", port) as engine:
        engine.visit(f"http://localhost:{port}/")
        engine.run(CALL, f"http://localhost:{port}/tracking/x")
        wanted = (BlockKind.NOT_CORS_NETWORK, BlockDetail.CONTENT_BLOCKER, None)
        eventually(lambda: seen(engine), lambda found: reads(found) == wanted, SECONDS)
