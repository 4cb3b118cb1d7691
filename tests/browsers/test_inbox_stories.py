"""What ops staff do with what callers did: allow, add to a rule, dismiss, give a host, clean up."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import counting
from tests.browsers.scenes import follow, visit, visit_tenant
from tests.messages.screens import assert_says, assert_silent, text
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

MONTHS_PASS = """
from datetime import timedelta
from django.utils import timezone
from corsadmin.models import *
then = timezone.now() - timedelta(days=200)
tenant = Tenant.objects.get(slug="{slug}")
tenant.origins.update(created=then)
RuleNames.objects.create(
    tenant=tenant, rule="/greet", first_day=then.date(), last_day=timezone.now().date()
)
EntrySeen.objects.create(
    entry=tenant.origins.get(pattern__contains="*"), first_day=then.date(),
    last_day=then.date() + timedelta(days=100), calls=12,
)
EntrySeen.objects.create(
    entry=tenant.origins.get(pattern__startswith="https://app."), first_day=then.date(),
    last_day=timezone.now().date(), calls=99,
)
"""


def call(demo: Demo, host: str, origin: str, **preflight: str) -> Mapping[str, str]:
    """Call the API as a page of an origin would; return the headers of the answer."""
    asked = {f"Access-Control-Request-{name}": value for name, value in preflight.items()}
    method = "OPTIONS" if asked else "POST"
    return demo.api.ask("/greet", method, {"Host": host, "Origin": origin, **asked}).headers


def is_let_in(demo: Demo, host: str, origin: str, **preflight: str) -> bool:
    return "access-control-allow-origin" in call(demo, host, origin, **preflight)


def flushed(demo: Demo) -> None:
    """Have the server write what it has seen."""
    assert demo.api.ask("/flush").body == b"flushed"


def origins(page: Page) -> list[str]:
    """Return the origins that the inbox lists."""
    return page.locator(".corsadmin-inbox tbody td > code").all_inner_texts()


def test_a_refused_call_is_allowed_from_the_inbox_in_three_clicks_and_a_reason(
    admin: Page, staffed: Demo, customer: str
) -> None:
    host, origin = f"{customer}.localhost", f"https://shop.{customer}.example"
    assert not is_let_in(staffed, host, origin)
    flushed(staffed)
    visit_tenant(admin, staffed, customer)
    clicks = counting(admin)

    follow(admin, "#content .object-tools a:text-is('Inbox')")
    assert origins(admin) == [origin]
    row = admin.locator(".corsadmin-inbox tbody tr")
    assert_says(row.inner_text(), "inbox-claimed")
    assert "related" in row.inner_text()
    follow(admin, ".corsadmin-inbox a:has-text('Allow')")
    assert admin.input_value("#id_pattern") == origin
    assert not admin.is_checked("#id_credentials")
    admin.fill("#id_change_reason", "OPS-12")
    follow(admin, "input[name=_save]")

    assert clicks["click"] == 3
    assert "was added successfully" in admin.locator(".messagelist").inner_text()
    assert origins(admin) == []
    eventually(lambda: is_let_in(staffed, host, origin), bool, PROMISED_SECONDS)


def test_a_refused_method_is_added_to_its_rule(admin: Page, staffed: Demo, customer: str) -> None:
    host, origin = f"{customer}.localhost", f"https://app.{customer}.example"
    asked = {"Method": "PUT"}
    assert not is_let_in(staffed, host, origin, **asked)
    flushed(staffed)

    visit_tenant(admin, staffed, customer, "inbox/")
    assert_says(admin.locator("#content-main").inner_text(), "inbox-add-to-rule")
    follow(admin, "text=Add to the rule")
    assert admin.input_value("#id_methods") == "POST, PUT"
    admin.fill("#id_change_reason", "OPS-13")
    follow(admin, "input[name=_save]")

    assert_silent(admin.locator("#content-main").inner_text(), "inbox-add-to-rule")
    eventually(lambda: is_let_in(staffed, host, origin, **asked), bool, PROMISED_SECONDS)


def test_strangers_are_dismissed_and_brought_back(
    admin: Page, staffed: Demo, customer: str
) -> None:
    found = [f"https://crawler-{number}.example" for number in range(3)]
    for origin in found:
        call(staffed, f"{customer}.localhost", origin)
    flushed(staffed)

    visit_tenant(admin, staffed, customer, "inbox/")
    assert sorted(origins(admin)) == found
    for box in admin.locator("[name=chosen]").all()[:2]:
        box.check()
    follow(admin, "[name=dismiss]")
    assert len(origins(admin)) == 1
    follow(admin, "text=Undo")
    assert sorted(origins(admin)) == found


def test_an_unknown_host_is_given_to_a_tenant(admin: Page, staffed: Demo, customer: str) -> None:
    host = f"new-{customer}.localhost"
    call(staffed, host, "https://app.example")
    flushed(staffed)

    visit(admin, staffed, "tenant/unknown-hosts/")
    with admin.expect_navigation():
        admin.locator("tr", has_text=host).get_by_text(text("hosts-give")).click()
    assert admin.input_value("#id_host") == host
    admin.click(".select2-selection")
    admin.fill(".select2-search__field", customer)
    admin.click(f".select2-results__option:text-is('{customer}')")
    follow(admin, "input[name=_save]")

    assert admin.locator("tr", has_text=host).count() == 0
    visit_tenant(admin, staffed, customer)
    fields = admin.locator("#hosts-group input[name$=-host]").all()
    assert host in [field.input_value() for field in fields]


def test_an_entry_that_nobody_uses_is_proposed_and_disabled(
    admin: Page, staffed: Demo, customer: str
) -> None:
    staffed.run(MONTHS_PASS.format(slug=customer))

    visit_tenant(admin, staffed, customer)
    follow(admin, "#content .object-tools a:text-is('Clean up')")
    rows = admin.locator("tbody tr", has=admin.locator("[name=chosen_origin]"))
    assert rows.count() == 1
    assert f"https://*.preview.{customer}.example" in rows.inner_text()
    assert_says(rows.inner_text(), "clean-up-calls-a-day", count=12)
    admin.check("[name=chosen_origin]")
    admin.fill("#id_change_reason", "unused for 100 days")
    follow(admin, "button[value=origin]")

    assert_says(admin.locator(".messagelist").inner_text(), "action-rows-changed", count=1)
    assert rows.count() == 0
    visit(admin, staffed, f"origin/?q=preview.{customer}")
    assert "disabled" in admin.locator("#result_list tbody").inner_text()
