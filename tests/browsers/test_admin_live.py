"""Asking a live server from the admin, in a real browser: from a trial to the answer that came."""

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.scenes import follow, visit
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


def verdict(page: Page) -> str:
    """Return the verdict that a page shows, without its mark."""
    return page.locator(".corsadmin-verdict").inner_text().partition(" ")[2]


def test_a_trial_leads_to_the_live_answer_with_one_click(admin: Page, staffed: Demo) -> None:
    url = f"http://acme.localhost:{staffed.api.port}/greet"
    visit(admin, staffed, f"tenant/try/?origin=https://app.acme.example&url={url}&credentials=on")
    assert verdict(admin).startswith("Allowed")

    follow(admin, "text=Ask the live server")
    assert verdict(admin) == "Allowed"
    assert admin.input_value("[name=url]") == url
    assert admin.is_checked("[name=credentials]")
    steps = admin.locator(".corsadmin-walk li").all_inner_texts()
    assert "access-control-allow-origin: https://app.acme.example" in steps[0]
    assert "Comparison" in steps[1]
    assert "vary: Accept-Language, Origin" in steps[1]
    answer = admin.locator(".corsadmin-answer").inner_text()
    assert_says(answer, "probe-sent-without", names="cookies")


def test_a_call_that_may_change_something_is_sent_only_if_somebody_says_so(
    admin: Page, staffed: Demo
) -> None:
    visit(admin, staffed, "")
    follow(admin, "#corsadmin-start >> text=Ask the live server")
    admin.fill("[name=url]", f"http://acme.localhost:{staffed.api.port}/greet")
    admin.fill("[name=origin]", "https://app.acme.example/cart")
    admin.fill("[name=method]", "POST")
    admin.fill("[name=headers]", "Content-Type: application/json")
    follow(admin, ".corsadmin-submit input")
    assert verdict(admin) == "Undecided"
    text = admin.inner_text("#content-main")
    assert_says(text, "probe-preflight-allowed", method="POST")
    assert_says(text, "probe-select-send")

    admin.check("[name=send]")
    follow(admin, ".corsadmin-submit input")
    assert verdict(admin) == "Allowed"
    kinds = [text.split()[0] for text in admin.locator(".corsadmin-walk li").all_inner_texts()]
    assert kinds == ["Preflight", "Request"]


def test_many_paths_of_a_site_are_asked_at_once(admin: Page, staffed: Demo) -> None:
    visit(admin, staffed, "tenant/probe/")
    admin.fill("[name=url]", f"http://acme.localhost:{staffed.api.port}")
    admin.fill("[name=origin]", "https://app.acme.example")
    admin.fill("[name=paths]", "/greet\nPUT /greet\n/nowhere")
    follow(admin, ".corsadmin-submit input")

    rows = admin.locator(".corsadmin-paths tbody tr").all_inner_texts()
    assert [row.split("\t")[0].partition(" ")[2] for row in rows] == [
        "Allowed",
        "Blocked",
        "Blocked",
    ]
