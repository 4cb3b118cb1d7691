"""A customer's page moves, a colleague joins, a customer leaves: what support staff do, counted."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.dateformat import time_format
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import counting, enter
from tests.browsers.scenes import follow, visit, visit_tenant
from tests.browsers.test_inbox_stories import is_let_in
from tests.messages.screens import assert_says, assert_silent, pattern, text
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

# What a colleague does to an origin.
CHANGE = """
from django.contrib.auth.models import User
from corsadmin.models import Origin
entry = Origin.objects.get(pattern="{origin}")
entry._history_user = User.objects.create_user("{user}")
entry._change_reason = "OPS-3"
{change}
"""


def fill(page: Page, counted: Counter[str], values: dict[str, str]) -> None:
    """Type into fields, or choose in lists, one after the other."""
    for selector, value in values.items():
        field = page.locator(selector)
        if field.evaluate("(element) => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
        counted["field"] += 1


def clock_after(moment: datetime, seconds: int) -> str:
    """Return the first full minute some seconds after a moment, as a page writes it."""
    end = moment.astimezone(UTC) + timedelta(seconds=seconds + 60, microseconds=-1)
    return time_format(end, "P")


def start(page: Page, staffed: Demo, path: str = "") -> Counter[str]:
    """Open a page of the policies, the start page unless another is named, and count from then on."""
    visit(page, staffed, path)
    return counting(page)


def test_an_origin_is_replaced_in_two_clicks(admin: Page, staffed: Demo, customer: str) -> None:
    """The two weeks in which both hold are filled in."""
    counted = start(admin, staffed, "origin/")

    fill(admin, counted, {"#searchbar": f"https://app.{customer}.example/cart"})
    enter(admin)
    follow(admin, f"tr:has-text('https://app.{customer}.example') a:text('Replace')")
    admin.locator("[name=pattern]:focus").wait_for()
    fields = {
        "[name=pattern]": f"https://new.{customer}.example",
        "[name=change_reason]": "OPS-9",
    }
    fill(admin, counted, fields)
    follow(admin, "input[value=Replace]")

    end = timezone.localtime() + timedelta(days=14)
    said = admin.locator(".messagelist").inner_text()
    new, old = (f"https://{name}.{customer}.example" for name in ("new", "app"))
    assert_says(said, "replace-done", new=new, old=old)
    assert f"{end:%Y}" in said
    assert "/admin/corsadmin/origin/?q=" in admin.url
    assert counted == {"click": 2, "field": 3, "load": 3}


def test_a_colleague_becomes_an_editor_in_four_clicks(
    admin: Page, staffed: Demo, customer: str
) -> None:
    name = f"bob-{customer}"
    make = f"User.objects.create_user({name!r}, '{name}@acme.example', first_name='Bob')"
    code = f"from django.contrib.auth.models import User; {make}"
    staffed.run(code)
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
    assert_says(said, "member-no-staff")
    assert counted == {"click": 4, "field": 3, "load": 3}


def test_disabling_says_until_when_browsers_may_go_on(
    admin: Page, staffed: Demo, customer: str
) -> None:
    """The rules that it inherits let browsers remember for 60 s; every process follows within 1 s."""
    host, origin = f"{customer}.localhost", f"https://app.{customer}.example"
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Origins')")
    fill(admin, counted, {"#searchbar": f"{origin}/cart"})
    enter(admin)
    admin.check("#action-toggle")
    fill(admin, counted, {"select[name=action]": "disable", "[name=change_reason]": "OPS-4"})
    before = timezone.now()
    follow(admin, "button[name=index]")

    said = admin.locator(".messagelist").inner_text()
    ends = {clock_after(moment, seconds=61) for moment in (before, timezone.now())}
    assert_says(said, "action-rows-changed", count=1)
    assert_says(said, "effect-within", seconds=1)
    # Before midnight it begins with tomorrow's date.
    until = pattern("effect-preflights", time="END", zone="UTC") + " Undo$"
    said_of = (until.replace("END", f"(?:.+, )?{re.escape(end)}") for end in ends)
    assert any(re.search(one, said) for one in said_of)
    assert counted == {"click": 3, "field": 3, "load": 3}
    eventually(lambda: not is_let_in(staffed, host, origin), bool, PROMISED_SECONDS)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("entry.enabled = False; entry.save()", id="of an origin that is there"),
        pytest.param("entry.delete()", id="of a deleted origin"),
    ],
)
def test_who_changed_an_origin_is_found_and_the_change_undone(
    admin: Page, staffed: Demo, customer: str, change: str
) -> None:
    host, origin = f"{customer}.localhost", f"https://app.{customer}.example"
    code = CHANGE.format(origin=origin, user=f"carol-{customer}", change=change)
    staffed.run(code)
    counted = start(admin, staffed)

    fill(admin, counted, {"#corsadmin-find": f"{origin}/cart"})
    enter(admin)
    latest = admin.locator(".corsadmin-events > li").first
    assert f"carol-{customer}" in latest.inner_text()
    assert "OPS-3" in latest.inner_text()
    follow(admin, ".corsadmin-events > li:first-child a:text-is('Undo this change')")
    follow(admin, "input[name=undo]")

    said = admin.locator(".messagelist").inner_text()
    assert_says(said, "undo-done")
    assert_says(said, "effect-within", seconds=1)
    assert_silent(said, "effect-preflights")
    assert said.endswith(" Undo")
    assert counted == {"click": 2, "field": 1, "load": 3}
    eventually(lambda: is_let_in(staffed, host, origin), bool, PROMISED_SECONDS)


def test_a_tenant_is_switched_off_in_four_clicks(admin: Page, staffed: Demo, customer: str) -> None:
    host, origin = f"{customer}.localhost", f"https://app.{customer}.example"
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Tenants')")
    fill(admin, counted, {"#searchbar": f"https://{host}/greet"})
    enter(admin)
    admin.check("#action-toggle")
    fill(admin, counted, {"select[name=action]": "disable", "[name=change_reason]": "OPS-6"})
    follow(admin, "button[name=index]")
    title = text("action-sure") + f" · {customer}"
    assert title in admin.locator("#content h1").inner_text()
    assert admin.locator("[name=change_reason]").input_value() == "OPS-6"
    follow(admin, "#content input[type=submit]")

    said = admin.locator(".messagelist").inner_text()
    assert_says(said, "action-rows-changed", count=1)
    assert_says(said, "effect-preflights")
    assert counted == {"click": 4, "field": 3, "load": 4}
    eventually(lambda: not is_let_in(staffed, host, origin), bool, PROMISED_SECONDS)


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
