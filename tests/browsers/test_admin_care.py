"""Risks and copies in a real browser: what is asked first, and what comes of a yes."""

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo, add_origin, save
from tests.browsers.scenes import follow, visit, visit_tenant
from tests.messages.screens import assert_says, text

pytestmark = pytest.mark.slow


def test_origins_are_copied_to_a_tenant_that_is_searched_for(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit(admin, staffed, f"origin/?q=.{customer}.example")
    admin.check("#action-toggle")
    admin.select_option("select[name=action]", "copy_to_tenants")
    follow(admin, "button[name=index]")
    admin.click(".select2-selection--multiple")
    admin.fill(".select2-search__field", "globex")
    admin.click(".select2-results__option:has-text('globex')")
    follow(admin, "input[name=check]")
    added = text("copy-will-be-added")
    assert admin.locator("#content-main td", has_text=added).count() == 2
    admin.fill("#id_change_reason", f"copied from {customer}")
    follow(admin, "input[name=copy]")

    assert_says(admin.locator(".messagelist").inner_text(), "copy-copied", count=2)
    visit(admin, staffed, f"origin/?q=.{customer}.example")
    assert admin.locator("#result_list tbody tr").count() == 4


def test_what_needs_attention_stands_below_the_form(admin: Page, staffed: Demo) -> None:
    visit_tenant(admin, staffed, "initech")
    said = text("lint-no-host")
    found = admin.locator(".corsadmin-note", has_text=said).bounding_box()
    form = admin.locator("#tenant_form").bounding_box()

    assert found
    assert form
    assert found["y"] >= form["y"] + form["height"]


def test_a_rule_that_lets_the_page_in_use_in_goes_after_a_question(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    add_origin(admin, admin.evaluate("location.origin"))
    save(admin)
    admin.uncheck("#id_paths-0-enabled")
    follow(admin, "input[name=_continue]")

    asked = admin.locator(".corsadmin-note", has_text=text("lockout-question"))
    assert_says(asked.inner_text(), "lockout-own-page")
    asked.get_by_label(text("lockout-on-purpose")).check()
    save(admin)
    assert not admin.is_checked("#id_paths-0-enabled")


def test_a_danger_is_refused_explained_and_accepted_with_a_reason(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    number = admin.locator("#origins-group tr.has_original").count()
    add_origin(admin, "http://intranet.example")
    admin.check(f"#id_origins-{number}-credentials")
    follow(admin, "input[name=_continue]")
    refused = admin.locator(".errorlist", has_text="http://intranet.example").first
    risk = "http://intranet.example"
    assert_says(refused.inner_text(), "message-risk-plain-http", value=risk)
    # The refusal has said it: it does not stand there twice.
    assert admin.locator(f"#id_origins-{number}-pattern_risks").count() == 0

    admin.check(f"#id_origins-{number}-risk_accepted")
    follow(admin, "input[name=_continue]")
    asked = admin.locator("#id_change_reason_error")
    assert_says(asked.inner_text(), "risk-give-a-reason")

    admin.fill("#id_change_reason", "the old intranet, until May")
    save(admin)
    assert_says(admin.locator(".messagelist").inner_text(), "finding-plain-http", value=risk)
