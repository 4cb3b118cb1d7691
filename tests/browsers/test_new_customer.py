"""A new customer from one page, who is refused or unused, and whom an edit breaks: counted clicks."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.scenes import follow, visit, visit_tenant
from tests.browsers.test_admin_desk import fill, start
from tests.browsers.test_inbox_stories import MONTHS_PASS, call, flushed, is_let_in
from tests.messages.screens import assert_says, assert_silent, filled
from tests.servers import PROMISED_SECONDS, eventually
from tests.transfer.free_text.test_corpus import PASTES

pytestmark = pytest.mark.slow

MAX_CLICKS: Final = 4
# A rule grew a method, and callers asked for it.
ASKED: Final = """
from datetime import UTC, datetime
from corsadmin.models import EntrySeen, PathRule, RuleNames
rule = PathRule.objects.get(tenant__slug="{slug}")
rule.methods = ["POST", "PUT"]
rule.save()
day = datetime.now(UTC).date()
days = {{"first_day": day, "last_day": day}}
entry = rule.tenant.origins.get(pattern__startswith="https://app.")
EntrySeen.objects.create(entry=entry, calls=1240, **days)
RuleNames.objects.create(tenant=rule.tenant, rule="/greet", methods=["PUT"], **days)
"""


def mail_of(name: str) -> str:
    """Return the e-mail of a customer whose API hosts are on this machine."""
    text = re.sub("newcustomer", name, PASTES[0]["text"], flags=re.IGNORECASE)
    return text.replace("api.example.com", "localhost")


def test_a_mail_becomes_a_customer_whose_pages_are_let_in(
    admin: Page, staffed: Demo, customer: str
) -> None:
    slug = f"new-{customer}"
    origin = f"https://app.{slug}.com"
    counted = start(admin, staffed, "tenant/")

    follow(admin, ".object-tools a:text-is('New customer')")
    admin.locator("[name=name]:focus").wait_for()
    values = {"#id_name": f"New {customer}", "#id_lines": mail_of(slug), "#id_path": "/greet"}
    fill(admin, counted, values)
    admin.check("#id_template_0")
    follow(admin, "[name=check]")
    shown = admin.locator(".corsadmin-plan").first.inner_text()
    assert_says(shown, "customer-example")
    assert f"POST https://{slug}.localhost/greet" in shown
    assert not is_let_in(staffed, f"{slug}.localhost", origin)
    follow(admin, "[name=save]")

    said = admin.locator(".messagelist").inner_text()
    origins, hosts = filled("paste-origins", count=11), filled("paste-hosts", count=3)
    rows = filled("paste-origins-and-hosts", origins=origins, hosts=hosts)
    assert_says(said, "customer-added", tenant=slug)
    assert_says(said, "customer-has", rows=rows)
    assert_says(said, "effect-within", seconds=1)
    assert_silent(said, "effect-preflights")
    assert "Undo" in said
    assert (counted["click"], counted["field"], counted["load"]) == (MAX_CLICKS, 3, 3)
    eventually(lambda: is_let_in(staffed, f"{slug}.localhost", origin), bool, PROMISED_SECONDS)
    follow(admin, ".messagelist a:text-is('Try a request')")
    assert "✓ Allowed" in admin.locator(".corsadmin-verdict").inner_text()


def test_a_slug_that_is_taken_gets_the_cursor_and_nothing_is_lost(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit(admin, staffed, "tenant/new-customer/")
    admin.fill("#id_name", customer)
    admin.fill("#id_lines", "https://lost.example\nhttps://found.example")
    admin.check("#id_credentials")
    follow(admin, "[name=check]")

    assert admin.input_value("#id_slug:focus") == customer
    assert admin.input_value("#id_lines") == "https://lost.example\nhttps://found.example"
    assert admin.is_checked("#id_credentials")


def test_who_was_refused_and_what_is_unused_are_found(
    admin: Page, staffed: Demo, customer: str
) -> None:
    origin = f"https://shop.{customer}.example"
    staffed.run(MONTHS_PASS.format(slug=customer))
    call(staffed, f"{customer}.localhost", origin)
    flushed(staffed)
    counted = start(admin, staffed)

    follow(admin, "#corsadmin-start a:text-is('Inbox: refused origins')")
    refused = admin.locator(".corsadmin-inbox tbody tr", has_text=origin)
    assert customer in refused.inner_text()
    follow(admin, ".breadcrumbs a:text-is('Tenants')")
    follow(admin, ".object-tools a:text-is('Clean up')")
    follow(admin, f"#content-main a:text-is('{customer}')")
    unused = admin.locator("tbody tr", has=admin.locator("[name=chosen_origin]")).inner_text()
    assert f"https://*.preview.{customer}.example" in unused
    assert_says(unused, "clean-up-calls-a-day", count=12)
    assert counted["click"] == MAX_CLICKS


def test_whom_an_edit_of_a_rule_breaks_is_said_before_it_is_saved(
    admin: Page, staffed: Demo, customer: str
) -> None:
    staffed.run(ASKED.format(slug=customer))
    counted = start(admin, staffed, f"tenant/?q={customer}")

    follow(admin, f"#result_list a:text-is('{customer}')")
    fill(admin, counted, {"#id_paths-0-methods": "POST"})
    follow(admin, "input[name=_save]")
    asked = admin.locator(".errornote + .errorlist, .errorlist.nonfield").first.inner_text()
    assert_says(asked, "impact-calls", number="1,240")
    assert "PUT" in asked
    admin.locator("#id_change_reason:focus").wait_for()
    fill(admin, counted, {"#id_change_reason": "OPS-11"})
    follow(admin, "input[name=_save]")

    assert_says(admin.locator(".messagelist").inner_text(), "effect-within", seconds=1)
    assert counted["click"] < MAX_CLICKS
    visit_tenant(admin, staffed, customer)
    assert admin.input_value("#id_paths-0-methods") == "POST"
