"""Presets of header names in a real browser: the lists fill at once, and the page says with what."""

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo, save
from tests.browsers.scenes import visit_tenant
from tests.messages.screens import assert_says, filled, text

pytestmark = pytest.mark.slow


def lists(page: Page, prefix: str) -> list[str]:
    """Return the text of the three fields that hold a path rule's lists."""
    names = ("methods", "request_headers", "exposed_headers")
    return [page.input_value(f"[name={prefix}{name}]") for name in names]


def test_a_preset_fills_the_lists_of_its_own_rule(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    admin.fill("[name=paths-0-request_headers]", "Content-Type, x-mine")
    admin.select_option("[name=paths-0-preset]", "dpop")

    assert lists(admin, "paths-0-") == [
        "POST",
        "Content-Type, x-mine, authorization, dpop",
        "dpop-nonce, www-authenticate",
    ]
    told = admin.locator(".corsadmin-told")
    names = "authorization, dpop, dpop-nonce, www-authenticate."
    assert told.inner_text() == filled("preset-added", names=names)
    assert told.get_attribute("role") == "status"
    assert admin.input_value("[name=paths-0-preset]") == ""

    admin.select_option("[name=paths-0-preset]", "dpop")
    assert told.inner_text() == text("preset-nothing-new")
    save(admin)
    assert lists(admin, "paths-0-")[1] == "content-type, x-mine, authorization, dpop"


def test_a_row_that_is_added_later_has_presets_too(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    admin.click("#paths-group .add-row a")
    admin.fill("[name=paths-1-path]", "/uploads/")
    before = lists(admin, "paths-0-")
    admin.select_option("[name=paths-1-preset]", "drf-session")
    told = admin.locator("#paths-1 .corsadmin-told").inner_text()
    assert_says(told, "preset-needs-credentials")
    admin.select_option("[name=paths-1-preset]", "tus")

    assert "PATCH" in lists(admin, "paths-1-")[0]
    assert "upload-offset" in lists(admin, "paths-1-")[2]
    assert lists(admin, "paths-0-") == before
    save(admin)
