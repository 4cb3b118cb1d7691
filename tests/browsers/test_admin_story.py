"""The whole story in one browser: blocked, allowed by staff in the admin, allowed, blocked again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browsers.demo import Demo, add_origin, delete_origin, log_in, open_tenant, press, save
from tests.browsers.engines import CHROMIUM, CHROMIUM_ARGUMENTS, LOOPBACK_ONLY
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Of a module, for its event loop must not meet that of other tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, LOOPBACK_ONLY]
        )
        yield browser
        browser.close()


def test_staff_open_the_api_to_a_page_and_close_it_again(
    chromium: Browser, demo: Demo, tmp_path: Path
) -> None:
    with chromium.new_context(viewport={"width": 1280, "height": 1600}) as context:
        page, admin = context.new_page(), context.new_page()
        console: list[str] = []
        page.on("console", lambda message: console.append(message.text))
        page.goto(demo.page)

        assert press(page, "greet") == "blocked"
        assert any("blocked by CORS policy" in text for text in console)
        page.screenshot(path=tmp_path / "1-blocked.png")

        log_in(admin, demo)
        open_tenant(admin, "acme")
        add_origin(admin, demo.origin)
        admin.screenshot(path=tmp_path / "2-adding.png", full_page=True)
        save(admin)
        admin.screenshot(path=tmp_path / "3-saved.png", full_page=True)

        eventually(lambda: press(page, "greet"), "allowed".__eq__, PROMISED_SECONDS)
        assert "Hello, Ada!" in page.locator("#result-greet").inner_text()
        page.screenshot(path=tmp_path / "4-allowed.png")

        delete_origin(admin, demo.origin)
        save(admin)

        eventually(lambda: press(page, "greet"), "blocked".__eq__, PROMISED_SECONDS)
        page.screenshot(path=tmp_path / "5-blocked-again.png")
