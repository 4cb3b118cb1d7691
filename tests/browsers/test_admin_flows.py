"""What staff do in the admin, in a real browser, under a strict content security policy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.browsers.demo import Demo, add_origin, log_in, open_tenant, press, save
from tests.browsers.engines import CHROMIUM, CHROMIUM_ARGUMENTS, LOOPBACK_ONLY
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

POLICY = "default-src 'self'; img-src 'self' data:"


def guard(route: Route) -> None:
    """Answer as a site does that allows no inline script and no inline style."""
    answer = route.fetch(max_redirects=0)
    headers = {**answer.headers, "content-security-policy": POLICY}
    route.fulfill(response=answer, headers=headers)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Of a module, for its event loop must not meet that of other tests."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, LOOPBACK_ONLY]
        )
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, demo: Demo) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as opened:
        opened.route("**/admin/corsadmin/**", guard)
        yield opened


@pytest.fixture
def admin(context: BrowserContext, demo: Demo) -> Iterator[Page]:
    """A tab of the admin, logged in; at the end nothing was refused and no script failed."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    log_in(page, demo)
    yield page

    assert faults == []


def test_a_newcomer_needs_five_clicks_and_one_paste(
    context: BrowserContext, admin: Page, demo: Demo
) -> None:
    front = context.new_page()
    console: list[str] = []
    front.on("console", lambda message: console.append(message.text))
    front.goto(demo.page)
    assert press(front, "greet") == "blocked"
    error = next(line for line in console if "blocked by CORS policy" in line)

    admin.click("#content-main a:text-is('CORS policies')")
    admin.click("text=Try a request")
    admin.fill("[name=console]", error)
    admin.click("text=Try it")
    assert admin.locator(".corsadmin-verdict").inner_text().strip() == "✗ Blocked"
    admin.click("text=Add this origin to acme")
    admin.click("input[name=_save]")

    admin.locator(".messagelist .success").wait_for()
    eventually(lambda: press(front, "greet"), "allowed".__eq__, PROMISED_SECONDS)


def test_a_correction_is_one_click(admin: Page) -> None:
    open_tenant(admin, "acme")
    add_origin(admin, "https://Shop.acme.example:443/cart")
    admin.click("input[name=_continue]")
    offer = admin.locator(".corsadmin-use:visible")

    assert offer.inner_text() == "Use https://shop.acme.example"
    offer.click()
    save(admin)
    assert admin.locator("input[value='https://shop.acme.example']").count() == 1


def test_one_name_of_a_list_is_corrected_alone(admin: Page) -> None:
    open_tenant(admin, "acme")
    field = admin.locator("#id_paths-0-request_headers")
    field.fill("content-type, X-Token, accept")
    admin.click("input[name=_continue]")
    admin.locator(".corsadmin-use:visible").click()

    assert field.input_value() == "content-type, x-token, accept"


def test_many_origins_are_pasted_corrected_and_added(admin: Page) -> None:
    open_tenant(admin, "acme")
    admin.click("text=Add many origins")
    admin.fill("#id_lines", "https://one.example\nhttps://TWO.example/\nnonsense://")
    admin.click("[name=check]")
    admin.click("text=Use https://two.example")
    admin.click("[name=add]")

    assert "2 origins were added." in admin.locator(".messagelist").inner_text()
    assert admin.input_value("#id_lines") == "nonsense://"


def test_two_people_see_both_versions(context: BrowserContext, admin: Page, demo: Demo) -> None:
    open_tenant(admin, "acme")
    other = context.new_page()
    other.goto(admin.url)
    other.fill("#id_name", "Theirs")
    save(other)
    admin.fill("#id_name", "Ours")
    admin.click("input[name=_continue]")

    admin.locator(".corsadmin-conflict").wait_for()
    cells = admin.locator(".corsadmin-conflict td").all_inner_texts()
    assert cells == ["acme", "Name", "Theirs", "Ours"]
    save(admin)
    assert admin.input_value("#id_name") == "Ours"


def test_what_was_done_is_undone_from_the_timeline(admin: Page, tmp_path: Path) -> None:
    open_tenant(admin, "acme")
    admin.locator("#origins-group tr.has_original input[name$=-DELETE]").first.check()
    admin.fill("#id_change_reason", "by mistake")
    save(admin)
    admin.locator("#origins-group tr.has_original").first.wait_for()
    before = admin.locator("#origins-group tr.has_original").count()
    admin.click("text=Timeline")
    admin.screenshot(path=tmp_path / "timeline.png")
    admin.locator("li", has_text="by mistake").get_by_text("Put back").click()
    admin.click("input[type=submit].default")
    admin.locator(".messagelist .success").wait_for()

    admin.locator("#origins-group tr.has_original").first.wait_for()
    assert admin.locator("#origins-group tr.has_original").count() == before + 1


def test_the_last_origin_is_taken_away_after_a_question(admin: Page) -> None:
    open_tenant(admin, "globex")
    admin.locator("#origins-group").wait_for()
    for box in admin.locator("#origins-group tr.has_original input[name$=-enabled]").all():
        box.uncheck()
    admin.click("input[name=_continue]")
    admin.check("#id_confirm_lockout")
    save(admin)


@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_window(
    browser: Browser, demo: Demo, width: int, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ) as opened:
        page = opened.new_page()
        log_in(page, demo)
        for path in (
            "",
            "tenant/",
            "tenant/2/change/",
            "tenant/try/",
            "tenant/2/paste/",
            "tenant/2/timeline/",
            "tenant/deleted/",
            "origin/",
            "pathrule/1/change/",
        ):
            page.goto(f"{demo.api_url}/admin/corsadmin/{path}")

            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, path


def test_the_policy_in_force_is_reached_by_keyboard_alone(admin: Page) -> None:
    open_tenant(admin, "acme")
    admin.focus("#id_name")
    seen = set()
    for _press in range(120):
        admin.keyboard.press("Tab")
        seen.add(admin.evaluate("document.activeElement.name || document.activeElement.id"))

    assert {"origins-0-pattern", "paths-0-methods", "change_reason", "_save", "console"} <= seen
