"""From the error in the console to the page that works: counted, by keyboard, without JavaScript."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers.demo import Demo, press
from tests.browsers.person import IS_SEEN, counting, enter, stops, tab_to
from tests.browsers.scenes import follow, visit, visit_tenant
from tests.browsers.staff import Tab, logged_in_state, staffed_site, watched_tab, window
from tests.messages.screens import assert_says
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

ERROR = (
    "Access to fetch at 'http://localhost/greet' from origin '{origin}' has been blocked by CORS "
    "policy: Response to preflight request doesn't pass access control check: No "
    "'Access-Control-Allow-Origin' header is present on the requested resource."
)
# Calls with what needs a preflight, and says whether the page could read the answer.
CALL = """
(url) => fetch(url, {method: "PUT", headers: {"x-request-id": "1"}})
  .then(() => "allowed", () => "blocked")
"""


@pytest.fixture(scope="module")
def staffed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo of these tests alone: they allow for good what others find blocked."""
    with staffed_site(prepared, tmp_path_factory.mktemp("newcomers")) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(chrome: Browser, staffed: Demo) -> Any:
    """The cookies of a member of this demo's staff."""
    return logged_in_state(chrome, staffed)


@pytest.fixture(scope="module")
def tab(chrome: Browser, cookies: Any) -> Iterator[Tab]:
    """The tab of these tests."""
    with window(chrome, cookies) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield watched_tab(context)


def test_a_newcomer_needs_five_clicks_and_one_paste(admin: Page, staffed: Demo) -> None:
    front = admin.context.new_page()
    front.goto(staffed.page)
    with front.expect_console_message(lambda line: "blocked by CORS policy" in line.text) as error:
        assert press(front, "greet") == "blocked"
    front.evaluate("(text) => navigator.clipboard.writeText(text)", error.value.text)

    admin.goto(f"{staffed.api_url}/admin/")
    counted = counting(admin)
    admin.bring_to_front()
    follow(admin, "#content-main a:text-is('CORS policies')")
    follow(admin, "text=Try a request")
    admin.locator("[name=console]:focus").wait_for()
    admin.keyboard.press("Control+V")
    follow(admin, "text=Try it")
    assert admin.locator(".corsadmin-verdict").inner_text().strip() == "✗ Blocked"
    follow(admin, "text=Make this call work")
    follow(admin, "input[name=save]")

    assert_says(admin.locator(".messagelist").inner_text(), "action-rows-changed", count=1)
    assert counted == {"click": 5, "paste": 1, "load": 5}
    eventually(lambda: press(front, "greet"), "allowed".__eq__, PROMISED_SECONDS)


def test_three_wrong_things_need_no_more_clicks_than_one(admin: Page, staffed: Demo) -> None:
    """A PUT with x-request-id from a new origin; the console's line names only the page."""
    api = f"{staffed.api_url}/greet"
    front = admin.context.new_page()
    front.goto(staffed.page.replace("localhost", "127.0.0.1", 1))
    with front.expect_console_message(lambda line: "blocked by CORS policy" in line.text) as error:
        assert front.evaluate(CALL, api) == "blocked"
    front.evaluate("(text) => navigator.clipboard.writeText(text)", error.value.text)

    admin.goto(f"{staffed.api_url}/admin/")
    counted = counting(admin)
    admin.bring_to_front()
    follow(admin, "#content-main a:text-is('CORS policies')")
    follow(admin, "text=Try a request")
    admin.locator("[name=console]:focus").wait_for()
    admin.keyboard.press("Control+V")
    follow(admin, "text=Try it")
    admin.locator("[name=method]:focus").wait_for()
    typed = ["PUT", "x-request-id"]
    for text in typed:
        admin.keyboard.type(text)
        admin.keyboard.press("Tab")
    follow(admin, "text=Make this call work")
    assert admin.input_value("#id_pathrule-1-methods") == "POST, PUT"
    admin.fill("[name=change_reason]", "OPS-1")
    follow(admin, "input[name=save]")

    assert admin.locator(".corsadmin-verdict").inner_text().strip() == "✓ Allowed"
    assert counted == {"click": 5, "paste": 1, "load": 5}
    assert len(typed) + 1 == 3
    eventually(lambda: front.evaluate(CALL, api), "allowed".__eq__, PROMISED_SECONDS)


def test_the_keyboard_is_enough(admin: Page, staffed: Demo) -> None:
    admin.goto(f"{staffed.api_url}/admin/")
    tab_to(admin, "CORS policies")
    enter(admin)
    tab_to(admin, "Try a request")
    enter(admin)
    admin.locator("[name=console]:focus").wait_for()
    admin.keyboard.insert_text(ERROR.format(origin="https://keys.example"))
    tab_to(admin, "Try it")
    enter(admin)
    tab_to(admin, "Make this call work")
    enter(admin)
    tab_to(admin, "Save all")
    enter(admin)

    assert_says(admin.locator(".messagelist").inner_text(), "action-rows-changed", count=1)


def test_a_file_is_imported_by_the_keyboard(admin: Page, staffed: Demo) -> None:
    visit(admin, staffed, "tenant/import/")
    tab_to(admin, "text")
    admin.keyboard.insert_text(
        '{"version": 1, "tenants": [{"slug": "typed", "hosts": ["Typed.example"]}]}'
    )
    tab_to(admin, "Check")
    enter(admin)
    tab_to(admin, "*")  # what “Apply all corrections” sends
    enter(admin)
    tab_to(admin, "change_reason")
    admin.keyboard.insert_text("typed by hand")
    tab_to(admin, "Import this")
    enter(admin)

    said = admin.locator(".messagelist").inner_text()
    assert_says(said, "import-done", added=2, changed=0, removed=0)


def test_the_enter_key_checks_a_preview_again_and_writes_nothing(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    follow(admin, "text=Add many origins")
    lines = "https://one.example\nhttps://TWO.example"
    admin.fill("#id_lines", lines)
    follow(admin, "[name=check]")
    admin.fill("#id_scope", "/api/")
    with admin.expect_navigation():
        admin.press("#id_scope", "Enter")

    assert admin.input_value("#id_lines") == lines
    assert admin.input_value("#id_scope") == "/api/"
    assert admin.locator(".messagelist").count() == 0


def test_every_stop_of_the_keyboard_is_seen(admin: Page, staffed: Demo, customer: str) -> None:
    visit_tenant(admin, staffed, customer)
    admin.focus("#id_name")
    seen = {"the end"}  # of the page: after it come the browser's own
    hidden = []
    for name in stops(admin):
        # A field for a time has several stops, and looking at it begins with its first again.
        if name not in seen:
            seen.add(name)
            hidden += [] if admin.evaluate(IS_SEEN) else [name]

    assert hidden == []
    assert {"origins-0-pattern", "paths-0-methods", "change_reason", "Save", "console"} <= seen


def test_it_works_without_javascript(chrome: Browser, cookies: Any, staffed: Demo) -> None:
    with chrome.new_context(storage_state=cookies, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{staffed.api_url}/admin/")
        follow(page, "#content-main a:text-is('CORS policies')")
        follow(page, "text=Try a request")
        page.fill("[name=console]", ERROR.format(origin="https://plain.example"))
        follow(page, "text=Try it")
        follow(page, "text=Make this call work")
        follow(page, "input[name=save]")
        assert_says(page.locator(".messagelist").inner_text(), "action-rows-changed", count=1)

        visit_tenant(page, staffed, "acme", "paste/")
        page.fill("#id_lines", "https://One.plain.example/\nhttps://two.plain.example")
        follow(page, "[name=check]")
        follow(page, "text=Use https://one.plain.example")
        follow(page, "[name=add]")
        assert_says(page.locator(".messagelist").inner_text(), "paste-added", count=2)

        visit_tenant(page, staffed, "acme")
        follow(page, "noscript a:text-is('host')")
        page.fill("#id_host", "plain.localhost")
        follow(page, "input[name=_save]")
        assert "plain.localhost" in page.locator(".messagelist").inner_text()

        visit(page, staffed, "origin/add/")
        follow(page, "noscript a:text-is('open the tenant')")
        assert page.locator("#result_list a:text-is('acme')").count() == 1

        visit(page, staffed, "origin/?q=plain.example")
        for box in page.locator("input[name=_selected_action]").all():
            box.check()
        page.select_option("select[name=action]", "disable")
        follow(page, "button[name=index]")
        assert_says(page.locator(".messagelist").inner_text(), "action-rows-changed", count=3)
