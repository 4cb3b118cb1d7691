"""Somebody stops a leak: two clicks and a reason, a banner, and two clicks and a reason to lift it."""

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import counting
from tests.browsers.scenes import follow, visit_tenant
from tests.browsers.test_inbox_stories import is_let_in
from tests.messages.screens import assert_says
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow


def test_a_leak_is_stopped_in_two_clicks_and_a_reason(
    admin: Page, staffed: Demo, customer: str
) -> None:
    host, origin = f"{customer}.localhost", f"https://app.{customer}.example"
    assert is_let_in(staffed, host, origin)
    clicks = counting(admin)

    visit_tenant(admin, staffed, customer)
    follow(admin, "#content .object-tools a:text-is('Emergency')")
    admin.locator("#corsadmin-switch input:focus").wait_for()
    admin.keyboard.type("INC-7")
    follow(admin, "#corsadmin-switch input[name=switch]")

    assert clicks["click"] == 2
    eventually(lambda: not is_let_in(staffed, host, origin), bool, PROMISED_SECONDS)
    banner = admin.locator(".corsadmin-emergency")
    assert_says(banner.inner_text(), "emergency-stopped", tenant=customer)
    admin.goto(f"{staffed.api_url}/admin/")
    assert "INC-7" in banner.inner_text()

    clicks.clear()
    follow(admin, ".corsadmin-emergency a")
    admin.locator("#corsadmin-lift input:focus").wait_for()
    admin.keyboard.type("the key is revoked")
    follow(admin, "#corsadmin-lift input[name=lift]")

    assert clicks["click"] == 2
    assert banner.count() == 0
    eventually(lambda: is_let_in(staffed, host, origin), bool, PROMISED_SECONDS)
