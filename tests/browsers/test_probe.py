"""`cors_probe` sends what Chromium sends, redirect by redirect, and comes to the same verdict."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import ProbeRequest, probe
from tests.scripted import scripted_server

pytestmark = pytest.mark.slow

CALL = """
async ([url, options]) => {
  try {
    return String((await fetch(url, options)).status);
  } catch (error) {
    return "blocked";
  }
}
"""
COMPARED = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
ANY = ("Access-Control-Allow-Origin", "*")
NULL = ("Access-Control-Allow-Origin", "null")
HEADERS = ("Access-Control-Allow-Headers", "x-a")
METHODS = ("Access-Control-Allow-Methods", "PUT, DELETE")

numbers = count()


@pytest.fixture(scope="module")
def page(chrome: Browser) -> Iterator[Page]:
    with chrome.new_context() as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    """Run a server for the page, the one that it calls, and another."""
    with scripted_server() as front, scripted_server() as api, scripted_server() as other:
        yield {"front": front, "api": api, "other": other}


def base_of(server: Any) -> str:
    return f"http://localhost:{server.server_address[1]}"


def asked_of(servers: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return what was asked of the servers that are called, by server, and forget it."""
    found = []
    for name in ("api", "other"):
        for method, path, headers in servers[name].asked:
            found.append((name, method, path, *(headers.get(header) for header in COMPARED)))
        servers[name].asked = []
    return found


@pytest.mark.parametrize(
    ("options", "answer", "final"),
    [
        pytest.param({}, (301, "{api}/final"), [ANY], id="within the API"),
        pytest.param({}, (301, "final"), [ANY], id="relative"),
        pytest.param({}, (302, "{other}/final"), [ANY], id="to another origin that allows any"),
        pytest.param({}, (302, "{other}/final"), [NULL], id="to another origin that allows null"),
        pytest.param(
            {},
            (302, "{other}/final"),
            [("Access-Control-Allow-Origin", "{front}")],
            id="to another origin that allows the page",
        ),
        pytest.param({}, (302, "{front}/final"), [ANY], id="back to the page's origin"),
        pytest.param(
            {"headers": {"X-A": "1"}},
            (307, "{other}/final"),
            [ANY, HEADERS],
            id="with a header, to another origin",
        ),
        pytest.param(
            {"method": "PUT"}, (307, "{other}/final"), [ANY, METHODS], id="a PUT to another origin"
        ),
        pytest.param(
            {"method": "PUT"}, (303, "{other}/final"), [ANY], id="a PUT that becomes a GET"
        ),
        pytest.param(
            {"method": "POST"}, (302, "{api}/final"), [ANY], id="a POST that becomes a GET"
        ),
        pytest.param({"method": "POST"}, (308, "{api}/final"), [ANY], id="a POST that stays one"),
        pytest.param({"method": "DELETE"}, (302, "{api}/final"), [ANY, METHODS], id="a DELETE"),
        pytest.param({}, (302, "http://me@localhost:1/"), [ANY], id="to a user name"),
        pytest.param({}, (302, "myapp://final"), [ANY], id="to an app"),
        pytest.param({}, (302, "{api}/first"), [ANY], id="in a circle"),
        pytest.param({}, (302, None), [ANY], id="to nowhere"),
    ],
)
def test_redirects(
    page: Page,
    servers: dict[str, Any],
    options: dict[str, Any],
    answer: tuple[int, str | None],
    final: list[tuple[str, str]],
) -> None:
    status, location = answer
    bases = {name: base_of(server) for name, server in servers.items()}
    folder = f"/{next(numbers)}"  # Chromium remembers preflights and permanent redirects by URL
    allowed = [(name, value.format(**bases)) for name, value in final]
    moved = [ANY]
    if location is not None:
        target = location.format(**bases).replace("/final", f"{folder}/final")
        moved.append(("Location", target.replace("/first", f"{folder}/first")))
    method = options.get("method", "GET")
    servers["front"].script = {"GET": (200, [ANY])}
    servers["other"].script = dict.fromkeys(("OPTIONS", "GET", "PUT"), (200, allowed))
    servers["api"].script = {
        **dict.fromkeys(("OPTIONS", "GET", "POST", "DELETE"), (200, allowed)),
        f"OPTIONS {folder}/first": (204, [ANY, METHODS, HEADERS]),
        f"{method} {folder}/first": (status, moved),
    }
    url = f"{bases['api']}{folder}/first"
    page.goto(bases["front"])

    read = page.evaluate(CALL, [url, options])
    by_browser = asked_of(servers)
    found = probe(
        ProbeRequest(
            url=url,
            origin=bases["front"],
            method=method,
            headers=options.get("headers", {}),
            send=True,
            compare=False,
            allow_private=True,
        )
    )

    assert asked_of(servers) == by_browser
    assert found.verdict is (CallOutcome.BLOCKED if read == "blocked" else CallOutcome.ALLOWED)
    if read != "blocked":
        assert str(found.exchanges[-1].status) == read
