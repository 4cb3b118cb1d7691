"""Two policies side by side, and one for many tenants: what platform engineers do, counted."""

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import enter
from tests.browsers.scenes import follow
from tests.browsers.test_admin_desk import fill, start
from tests.browsers.test_inbox_stories import is_let_in
from tests.messages.screens import assert_says, assert_silent, text
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

# Twenty customers, of which fourteen have the rule with other values; the first has a host.
TWENTY = """
from corsadmin.models import PathRule, Tenant
for number in range(20):
    tenant = Tenant.objects.create(slug=f"{name}-{number:02}")
    if number < 14:
        PathRule.objects.create(tenant=tenant, path="/greet", methods=["GET"], note="theirs")
    if not number:
        tenant.hosts.create(host="{name}.localhost")
"""


def test_two_tenants_are_compared_in_three_clicks(
    admin: Page, staffed: Demo, customer: str
) -> None:
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Tenants')")
    follow(admin, f"#result_list th a:text-is('{customer}')")
    follow(admin, ".object-tools a:text-is('Compare')")
    admin.locator("[name=right]:focus").wait_for()
    fill(admin, counted, {"[name=right]": "globex"})
    enter(admin)

    shown = admin.locator(".corsadmin-compared").inner_text()
    assert f"https://app.{customer}.example" in shown
    assert "https://*.globex.example" in shown
    assert "/orders" in shown
    assert counted == {"click": 3, "field": 1, "load": 4}


def test_a_policy_goes_to_twenty_customers_and_nothing_is_left_unsaid(
    admin: Page, staffed: Demo, customer: str
) -> None:
    name, origin = f"made-{customer}", f"https://app.{customer}.example"
    code = TWENTY.replace("{name}", name)
    staffed.run(code)
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Tenants')")
    admin.locator("#result_list tr", has=admin.locator(f"th a:text-is('{customer}')")).locator(
        "input[type=checkbox]"
    ).check()
    admin.select_option("select[name=action]", "copy_policy_from")
    counted["click"] += 2  # open the list of actions, choose one
    follow(admin, "button[name=index]")
    slugs = " ".join(f"{name}-{number:02}" for number in range(20))
    fill(admin, counted, {"[name=slugs]": slugs})
    admin.check("[name=existing][value=overwrite]")
    follow(admin, "input[name=check]")
    plan = admin.locator(".corsadmin-copies")
    assert plan.locator("td", has_text=text("copy-will-overwrite")).count() == 14
    assert plan.locator("del", has_text="theirs").count() == 14
    assert plan.locator("td", has_text=text("copy-will-be-added")).count() == 46
    fill(admin, counted, {"#id_change_reason": "OPS-17"})
    follow(admin, "input[name=copy]")

    said = admin.locator(".messagelist").inner_text()
    assert_says(said, "copy-copied", count=46)
    assert_says(said, "copy-overwritten", count=14)
    assert_says(said, "effect-within", seconds=1)
    assert "Undo" in said
    assert_silent(said, "copy-kept", "copy-count-kept")
    assert counted == {"click": 8, "field": 2, "load": 4}
    eventually(lambda: is_let_in(staffed, f"{name}.localhost", origin), bool, PROMISED_SECONDS)
