"""What staff do in the admin, in a real browser, under a strict content security policy."""

import re

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo, add_origin, press, save
from tests.browsers.scenes import action, follow, visit, visit_tenant
from tests.messages.screens import assert_says, pattern
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow


def said(page: Page) -> str:
    """Return what a page says was done."""
    return page.locator(".messagelist").inner_text()


def origins(page: Page) -> list[str]:
    """Return the origins that a tenant's page lists."""
    page.locator("#origins-group .add-row").wait_for()
    fields = page.locator("#origins-group tr.has_original input[name$=-pattern]")
    return [field.input_value() for field in fields.all()]


def test_a_near_miss_leads_to_the_form_that_is_filled_in(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    admin.fill("#try_origin", f"https://app.{customer}.example:8443/cart")
    admin.fill("#try_url", f"https://{customer}.localhost/greet")
    admin.fill("#try_method", "POST")
    admin.check("#try_credentials")
    follow(admin, "text=Try it")

    answer = admin.locator(".corsadmin-answer").inner_text()
    assert "✗ Blocked" in answer
    assert_says(answer, "near-port", port=8443)
    assert "curl -i" in answer

    follow(admin, "text=Make this call work")
    assert admin.input_value("#id_origin-0-pattern") == f"https://app.{customer}.example:8443"
    assert admin.is_checked("#id_origin-0-credentials")
    assert admin.is_checked("#id_pathrule-1-credentials")
    follow(admin, "input[name=save]")

    assert_says(said(admin), "action-rows-changed", count=2)
    assert "✓ Allowed" in admin.locator(".corsadmin-answer").inner_text()


def test_a_correction_is_one_click(admin: Page, staffed: Demo, customer: str) -> None:
    visit_tenant(admin, staffed, customer)
    add_origin(admin, "https://Shop.acme.example:443/cart")
    follow(admin, "input[name=_continue]")
    offer = admin.locator(".corsadmin-use:visible")

    assert offer.inner_text() == "Use https://shop.acme.example"
    offer.click()
    save(admin)
    assert "https://shop.acme.example" in origins(admin)


def test_one_name_of_a_list_is_corrected_alone(admin: Page, staffed: Demo, customer: str) -> None:
    visit_tenant(admin, staffed, customer)
    field = admin.locator("#id_paths-0-request_headers")
    field.fill("Content-Type, X-Token:, accept")
    follow(admin, "input[name=_continue]")
    admin.locator(".corsadmin-use:visible").click()

    assert field.input_value() == "Content-Type, x-token, accept"


def test_many_origins_are_pasted_corrected_and_added(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    follow(admin, "text=Add many origins")
    admin.fill("#id_lines", "https://one.example\nhttps://TWO.example/\nnonsense://")
    follow(admin, "[name=check]")
    follow(admin, "text=Use https://two.example")
    follow(admin, "[name=add]")

    assert_says(said(admin), "paste-added", count=2)
    assert admin.input_value("#id_lines").endswith("nonsense://")


def test_two_people_see_both_versions(admin: Page, staffed: Demo, customer: str) -> None:
    visit_tenant(admin, staffed, customer)
    other = admin.context.new_page()
    other.goto(admin.url)
    other.fill("#id_name", "Theirs")
    save(other)
    admin.fill("#id_name", "Ours")
    follow(admin, "input[name=_continue]")

    cells = admin.locator(".corsadmin-conflict td").all_inner_texts()
    assert cells == [customer, "Name", "Theirs", "Ours"]
    save(admin)
    assert admin.input_value("#id_name") == "Ours"


def test_what_was_done_is_put_back_from_the_history(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    before = origins(admin)
    admin.locator("#origins-group tr.has_original input[name$=-DELETE]").first.check()
    admin.fill("#id_change_reason", "by mistake")
    save(admin)
    assert len(origins(admin)) == len(before) - 1

    follow(admin, "a.historylink")
    event = admin.locator("li", has_text="by mistake")
    with admin.expect_navigation():
        event.get_by_text("Put back").click()
    assert "comes back" in admin.locator("#content-main").inner_text()
    follow(admin, "input[type=submit].default")

    assert_says(said(admin), "history-put-back")
    assert sorted(origins(admin)) == sorted(before)


def test_a_deleted_tenant_comes_back_with_all_it_held(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    before = origins(admin)
    follow(admin, "a.deletelink")
    admin.fill("#id_change_reason", "left us")
    follow(admin, "#content-main input[type=submit], #content input[type=submit]")
    assert "was deleted successfully" in said(admin)

    follow(admin, "text=Deleted tenants")
    follow(admin, f"#content-main a:text-is('{customer}')")
    with admin.expect_navigation():
        admin.locator("li", has_text="left us").get_by_text("Put back").click()
    follow(admin, "input[type=submit].default")

    assert_says(said(admin), "history-put-back")
    assert sorted(origins(admin)) == sorted(before)


def test_the_last_origin_is_taken_away_after_a_question(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    assert len(origins(admin)) == 2
    for box in admin.locator("#origins-group tr.has_original input[name$=-enabled]").all():
        box.uncheck()
    follow(admin, "input[name=_continue]")
    admin.check("#id_confirm_lockout")
    save(admin)


def test_a_real_origin_finds_the_wildcard_that_covers_it(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit(admin, staffed, "")
    follow(admin, "#content-main a:text-is('Origins')")
    admin.fill("#searchbar", f"https://pr-7.preview.{customer}.example/login?next=/")
    follow(admin, "#changelist-search input[type=submit]")

    found = admin.locator("#result_list tbody tr")
    assert found.count() == 1
    assert f"https://*.preview.{customer}.example" in found.inner_text()
    assert customer in found.inner_text()


def test_many_rows_are_changed_at_once(admin: Page, staffed: Demo, customer: str) -> None:
    def act(name: str) -> None:
        visit(admin, staffed, f"origin/?q={customer}")
        admin.check("#action-toggle")
        admin.select_option("select[name=action]", name)

    act("disable")
    assert admin.locator("input[name=valid_until]").is_hidden()
    admin.fill("input[name=change_reason]", "moved away")
    follow(admin, "button[name=index]")
    assert_says(admin.locator("#content-main").inner_text(), "lockout-last-origin")
    follow(admin, "#content-main input[type=submit]")
    assert_says(said(admin), "action-rows-changed", count=2)
    assert admin.locator("#result_list .corsadmin-off").count() == 2

    act("set_end")
    admin.fill("input[name=valid_until]", "2031-05-01T12:00")
    follow(admin, "button[name=index]")
    assert_says(said(admin), "action-rows-changed", count=2)

    visit_tenant(admin, staffed, customer, "history/")
    event = admin.locator("li", has_text="moved away").inner_text()
    assert "enabled: yes → no" in event


def test_origins_are_copied_to_another_tenant(admin: Page, staffed: Demo, customer: str) -> None:
    action("copy_to_tenants", f"app.{customer}")(admin, staffed)
    admin.fill("[name=slugs]", "globex")
    follow(admin, "[name=check]")
    assert_says(admin.locator("#content-main").inner_text(), "copy-will-be-added")
    follow(admin, "[name=copy]")

    visit_tenant(admin, staffed, "globex")
    assert f"https://app.{customer}.example" in origins(admin)


def test_the_start_page_lists_what_ends_soon(admin: Page, staffed: Demo) -> None:
    visit(admin, staffed, "")
    shown = admin.locator("#corsadmin-start")
    ends = pattern("start-origin-ends", tenant="globex")
    assert re.search(rf"https://trade-fair\.example\s+{ends}", shown.inner_text())
    assert_says(shown.inner_text(), "process-state", state="ready")

    follow(admin, "text=Origins that end soon")
    assert "https://trade-fair.example" in admin.locator("#result_list").inner_text()


def test_a_file_is_looked_at_and_imported(admin: Page, staffed: Demo) -> None:
    visit(admin, staffed, "tenant/")
    follow(admin, "text=Import")
    admin.fill(
        "#id_text",
        '{"version": 1, "tenants": [{"slug": "imported", "hosts": ["https://imported.example/"]}]}',
    )
    follow(admin, "[name=check]")
    assert_says(admin.locator("#content-main").inner_text(), "import-problems", counter=1)

    follow(admin, "text=Use imported.example")
    assert_says(admin.locator("#content-main").inner_text(), "import-plan")
    admin.fill("#id_change_reason", "a new customer")
    follow(admin, "[name=apply]")

    assert_says(said(admin), "import-done", added=2, changed=0, removed=0)
    visit_tenant(admin, staffed, "imported", "history/")
    assert "a new customer" in admin.locator("#content-main").inner_text()


def test_what_is_given_is_there_and_what_is_taken_away_is_gone(admin: Page, staffed: Demo) -> None:
    origin = staffed.origin.replace("localhost", "127.0.0.1")  # another one to a browser
    front = admin.context.new_page()
    front.goto(staffed.page.replace(staffed.origin, origin))
    assert press(front, "greet") == "blocked"

    visit_tenant(admin, staffed, "acme")
    add_origin(admin, origin)
    save(admin)
    eventually(lambda: press(front, "greet"), "allowed".__eq__, PROMISED_SECONDS)

    row = admin.locator(f"tr.has_original:has(input[value='{origin}'])")
    row.locator("input[name$=-DELETE]").check()
    save(admin)
    eventually(lambda: press(front, "greet"), "blocked".__eq__, PROMISED_SECONDS)
