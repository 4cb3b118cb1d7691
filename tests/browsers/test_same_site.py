"""Which cookies travel to another origin: what is judged of sites is what browsers do."""

from typing import Any, NamedTuple

import pytest

from corsadmin.engine.browser import is_same_site
from tests.browsers.engines import Engine
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL
from tests.scripted import scripted_server

pytestmark = pytest.mark.slow


class Pair(NamedTuple):
    """A page and an address that it calls; `schemes` says that only their schemes differ."""

    page: str
    address: str
    schemes: bool = False


PAIRS = [
    Pair("https://app.example.com", "https://api.example.com"),
    Pair("https://a.b.example.com", "https://example.com"),
    Pair("https://app.example.com", "https://api.example.com:8443"),
    Pair("https://app.example.com", "https://api.example.net"),
    Pair("https://one.github.io", "https://two.github.io"),
    Pair("https://one.co.uk", "https://two.co.uk"),
    Pair("https://a.shop.co.uk", "https://b.shop.co.uk"),
    Pair("http://app.example.com", "https://api.example.com", schemes=True),
    Pair("http://localhost:3000", "http://localhost:8000"),
    Pair("http://localhost:3000", "http://acme.localhost:8000"),
    Pair("http://app.acme.localhost:3000", "http://acme.localhost:8000"),
    Pair("http://127.0.0.1:3000", "http://localhost:8000"),
    Pair("http://127.0.0.1:3000", "http://127.0.0.1:8000"),
]


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{page} to {to}" for page, to, _ in PAIRS])
def test_a_cookie_with_lax_travels_within_one_site_alone(
    browser: Engine, proxy: Proxy, pair: Pair
) -> None:
    with scripted_server() as server:
        proxy.routes[place(pair.address)] = server.server_address[1]
        server.script = {"GET": (200, [("Set-Cookie", "sid=1; SameSite=Lax")])}
        browser.visit(f"{pair.address}/in")
        browser.visit(f"{pair.page}/page")
        proxy.passed.clear()

        browser.run(CALL, f"{pair.address}/call", {"credentials": "include"})

    (sent,) = [entry.headers for entry in proxy.passed if entry.url.endswith("/call")]
    judged = is_same_site(pair.page, pair.address)
    # Firefox does not compare the schemes.
    assert ("cookie" in sent) is (judged or (pair.schemes and browser.name == "firefox"))


def place(address: str) -> Any:
    """Return the host and port of an origin, as the proxy knows them."""
    scheme, _separator, host = address.partition("://")
    return host if ":" in host else f"{host}:{443 if scheme == 'https' else 80}"
