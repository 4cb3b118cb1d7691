"""The stories that every introduction to CORS tells, in two real browsers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browsers.conftest import API, Api, started_demo
from tests.browsers.demo import Demo
from tests.browsers.engines import Engine
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL, POST_FORM
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

GREET_PAGE = "http://localhost:1234/?api=http://localhost:8000"
ALLOW = (
    "from corsadmin.models import *;"
    "Origin.objects.create(tenant=Tenant.objects.get(slug='acme'), pattern='http://localhost:1234')"
)
# Arguments: the language to ask for. Presses the demo's button and waits for what it shows.
GREET = """
document.querySelector("#lang").value = given[0];
const panel = document.querySelector("#result-greet");
const done = new Promise((resolve) => {
  new MutationObserver(() => {
    if (!["idle", "pending"].includes(panel.dataset.state)) {
      resolve();
    }
  }).observe(panel, {attributes: true});
});
document.querySelector("#greet").click();
await done;
return [panel.dataset.state, panel.innerText];
"""
BANK = "https://bank.example.com/page"
HOSTILE = "https://evil.example.com/page"


@pytest.fixture
def greet_page(prepared: Path, tmp_path: Path, proxy: Proxy) -> Iterator[Demo]:
    """The demo, which the browsers find at its usual ports."""
    with started_demo(prepared, tmp_path) as demo:
        proxy.routes |= {"localhost:8000": demo.api.port, "localhost:1234": demo.front_port}
        proxy.passed.clear()
        yield demo


def test_the_greet_page_first_fails_and_then_works(
    browser: Engine, greet_page: Demo, proxy: Proxy, tmp_path: Path
) -> None:
    browser.visit(GREET_PAGE)

    state, shown = browser.run(GREET, "en")
    assert state == "blocked", shown
    assert proxy.count("OPTIONS", "/greet") == 1
    assert proxy.count("POST", "/greet") == 0

    greet_page.run(ALLOW)
    browser.visit(GREET_PAGE)
    _state, shown = eventually(
        lambda: browser.run(GREET, "en"), lambda seen: seen[0] == "allowed", PROMISED_SECONDS
    )
    browser.screenshot(tmp_path / f"greeted-{browser.name}.png")
    assert "Hello, Ada!" in shown

    # Its path rule has max_age 60: the page may be loaded again without another preflight.
    proxy.passed.clear()
    browser.visit(GREET_PAGE)
    assert browser.run(GREET, "es")[0] == "allowed"
    assert proxy.count("POST", "/greet") == 1
    assert proxy.count("OPTIONS", "/greet") == 0

    # An error is an answer like another: the page may read why.
    state, shown = browser.run(GREET, "de")
    assert state == "allowed"
    assert "400" in shown
    assert "This language is not supported" in shown


def test_the_bank_serves_its_own_page_and_no_hostile_one(
    browser: Engine, called: Proxy, api: Api
) -> None:
    """CORS stops the JSON, Django's CSRF check stops the form: each page needs both."""
    begin = balance(api)
    transfer: dict[str, Any] = {
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": '{"amount": 10}',
        "credentials": "include",
    }
    browser.visit(f"{API}/api/login")

    browser.visit(HOSTILE)
    assert browser.run(CALL, f"{API}/bank/transfer", transfer) == {"error": "TypeError"}
    assert called.count("OPTIONS", "/bank/transfer") == 1
    assert called.count("POST", "/bank/transfer") == 0

    browser.run(POST_FORM, f"{API}/bank/transfer", {"amount": "10"})
    [form_post] = [
        entry
        for entry in called.passed
        if (entry.method, entry.url) == ("POST", f"{API}/bank/transfer")
    ]
    assert "session=yes" in form_post.headers["cookie"]  # the victim is logged in
    assert balance(api) == begin

    browser.visit(BANK)
    token = browser.run(CALL, f"{API}/bank/token", {"credentials": "include"})
    headers = {**transfer["headers"], "X-CSRFToken": token["body"].split('"')[3]}
    answer = browser.run(CALL, f"{API}/bank/transfer", {**transfer, "headers": headers})
    assert answer["status"] == 200, answer
    assert balance(api) == begin - 10


def balance(api: Api) -> Any:
    """Return what is on the account."""
    answer = api.site.ask("/bank/balance", headers={"Host": "api.example.net"})
    return json.loads(answer.body)["balance"]
