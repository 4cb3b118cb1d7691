"""The demo and a test API behind real servers, and browsers to look at them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers.demo import Demo, command, prepare, served
from tests.browsers.engines import Chromium, Engine, Firefox, chromium, firefox, playwright
from tests.browsers.proxy import Proxy, proxied
from tests.browsers.shell import Run, shell
from tests.browsers.staff import (
    CUSTOMERS,
    DESK,
    Tab,
    chromium_browser,
    logged_in_state,
    staffed_site,
    watched_tab,
    window,
)
from tests.servers import Site, environment, serve

API = "https://api.example.net"

untouched = iter(CUSTOMERS)


class Api(NamedTuple):
    """The test API as the browsers reach it, and what runs code beside it."""

    site: Site
    run: Run


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo's sample policies and somebody who may log in."""
    file = tmp_path_factory.mktemp("prepared") / "demo.sqlite3"
    prepare(file)
    return file


@contextmanager
def started_demo(prepared: Path, folder: Path) -> Iterator[Demo]:
    """Run the demo as after its first start."""
    database = Path(shutil.copy(prepared, folder))
    env = environment(database, ALLOWED_HOSTS=".localhost,localhost,127.0.0.1")
    with shell(env) as run, served(env, folder, run) as running:
        yield running


@pytest.fixture(scope="session")
def staffed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with a customer for each test of the admin, under a strict security policy."""
    with staffed_site(prepared, tmp_path_factory.mktemp("staffed")) as running:
        yield running


@pytest.fixture
def customer() -> str:
    """The slug of a tenant that no other test changes."""
    return next(untouched)


@pytest.fixture(scope="package", autouse=True)
def stop_playwright() -> Iterator[None]:
    """Stop Playwright before tests of other packages, which its event loop must not meet."""
    yield
    playwright().stop()
    playwright.cache_clear()


@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium_browser() as running:
        yield running


@pytest.fixture(scope="package")
def cookies(chrome: Browser, staffed: Demo) -> Any:
    """The cookies of a member of staff."""
    return logged_in_state(chrome, staffed)


@pytest.fixture(scope="package")
def tab(chrome: Browser, cookies: Any) -> Iterator[Tab]:
    """The tab that the tests of the admin share: each new one would cost as much as a page."""
    with window(chrome, cookies) as context:
        yield watched_tab(context)


@pytest.fixture
def admin(tab: Tab, cookies: Any) -> Iterator[Page]:
    """A tab of a member of staff; at the end nothing was refused and no script failed."""
    page, faults = tab
    page.context.clear_cookies()
    page.context.add_cookies(cookies["cookies"])
    page.emulate_media(color_scheme="light")
    page.set_extra_http_headers({})
    page.set_viewport_size(DESK)
    faults.clear()
    yield page
    for other in page.context.pages[1:]:
        other.close()

    assert faults == []


@pytest.fixture(scope="package")
def api(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The test API, with its own policies beside those of the demo."""
    folder = tmp_path_factory.mktemp("api")
    database = Path(shutil.copy(prepared, folder))
    env = environment(database, DJANGO_SETTINGS_MODULE="tests.browsers.live_settings", DEBUG="")
    with shell(env) as run:
        run(command("cors_import", str(Path(__file__).with_name("policies.json"))))
        with serve("gunicorn gthread", folder, env) as site:
            yield Api(site, run)


@pytest.fixture(scope="package")
def running_proxy() -> Iterator[Proxy]:
    """The proxy that the browsers go through."""
    with proxied() as running:
        yield running


@pytest.fixture(scope="module")
def proxy(running_proxy: Proxy) -> Proxy:
    """The proxy, which knows nothing of what other files had behind it."""
    running_proxy.forget()
    return running_proxy


@pytest.fixture(scope="package")
def running_chromium(
    running_proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chromium]:
    """Chromium behind the proxy, as it comes."""
    with chromium(running_proxy, tmp_path_factory.mktemp("chromium") / "profile") as engine:
        yield engine


@pytest.fixture(scope="package")
def running_firefox(
    running_proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Firefox]:
    """Firefox behind the proxy, as it comes."""
    with firefox(running_proxy, tmp_path_factory.mktemp("firefox") / "profile") as engine:
        yield engine


@pytest.fixture(
    scope="module", params=["running_chromium", "running_firefox"], ids=["Chromium", "Firefox"]
)
def browser(request: pytest.FixtureRequest) -> Engine:
    """Each browser in turn, which remembers nothing of other files."""
    engine: Engine = request.getfixturevalue(request.param)
    engine.forget()
    return engine


@pytest.fixture(scope="module")
def routed(api: Api, proxy: Proxy) -> Proxy:
    """The proxy with the test API behind its hosts."""
    for host in ("api", "cache", "other"):
        proxy.routes[f"{host}.example.net:443"] = api.site.port
    proxy.caching = {"cache.example.net"}
    return proxy


@pytest.fixture
def called(routed: Proxy) -> Proxy:
    """The proxy with the test API behind its hosts, and nothing on record."""
    routed.passed.clear()
    return routed
