"""A customer's page moves, and a colleague joins: what support staff do, counted."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import counting, enter
from tests.browsers.scenes import follow, visit, visit_tenant
from tests.servers import manage

pytestmark = pytest.mark.slow


def fill(page: Page, counted: Counter[str], values: dict[str, str]) -> None:
    """Type into fields, or choose in lists, one after the other."""
    for selector, value in values.items():
        field = page.locator(selector)
        if field.evaluate("(element) => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
        counted["field"] += 1


def start(page: Page, staffed: Demo, path: str = "") -> Counter[str]:
    """Open a page of the policies, the start page unless another is named, and count from then on."""
    counted = counting(page)
    visit(page, staffed, path)
    page.on("load", lambda _page: counted.update(["load"]))
    return counted


def test_an_origin_is_replaced_in_two_clicks(admin: Page, staffed: Demo, customer: str) -> None:
    """The two weeks in which both hold are filled in."""
    counted = start(admin, staffed, "origin/")

    fill(admin, counted, {"#searchbar": f"https://app.{customer}.example/cart"})
    enter(admin)
    follow(admin, f"tr:has-text('https://app.{customer}.example') a:text('Replace')")
    assert admin.locator("[name=pattern]:focus").count() == 1
    fields = {
        "[name=pattern]": f"https://new.{customer}.example",
        "[name=change_reason]": "OPS-9",
    }
    fill(admin, counted, fields)
    follow(admin, "input[value=Replace]")

    end = timezone.localtime() + timedelta(days=14)
    said = admin.locator(".messagelist").inner_text()
    assert f"https://new.{customer}.example replaces https://app.{customer}.example." in said
    assert f"{end:%Y}" in said
    assert "/admin/corsadmin/origin/?q=" in admin.url
    assert counted == {"click": 2, "field": 3, "load": 3}


def test_a_colleague_becomes_an_editor_in_four_clicks(
    admin: Page, staffed: Demo, customer: str
) -> None:
    name = f"bob-{customer}"
    make = f"User.objects.create_user({name!r}, '{name}@acme.example', first_name='Bob')"
    code = f"from django.contrib.auth.models import User; {make}"
    manage(staffed.env, "shell", "--verbosity", "0", "-c", code)
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Tenants')")
    follow(admin, f"#result_list th a:text-is('{customer}')")
    admin.click("#members-group .add-row a")
    user = "[name=members-0-user]"
    with admin.expect_response(lambda answer: "/tenantmember/users/" in answer.url):
        admin.locator(user).press_sequentially(f"{name}@")
    admin.locator(f"datalist option[value='{name}']").wait_for(state="attached")
    fill(
        admin,
        counted,
        {user: name, "[name=members-0-role]": "editor", "#id_change_reason": "hired"},
    )
    follow(admin, "input[name=_save]")

    said = admin.locator(".messagelist").inner_text()
    assert "cannot log in here: the account has no staff status" in said
    assert counted == {"click": 4, "field": 3, "load": 3}


def test_now_and_today_are_those_of_the_site(admin: Page, staffed: Demo, customer: str) -> None:
    visit_tenant(admin, staffed, customer)
    admin.locator("#origins-group .add-row").wait_for()
    zone = admin.locator("#origins-0 .corsadmin-zone")
    until = admin.locator("[name=origins-0-valid_until]")

    zone.get_by_text("Today").click()
    today = until.input_value()
    zone.get_by_text("Now").click()

    assert zone.inner_text().startswith("UTC")
    assert today.endswith("T23:59")
    assert until.input_value() < today
    assert until.evaluate("(element) => element === document.activeElement")
