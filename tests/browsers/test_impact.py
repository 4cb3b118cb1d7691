"""An edit that would break a caller asks, in a real browser, and a reason is enough to go on."""

import re

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.scenes import follow, visit_tenant
from tests.messages.screens import assert_says, filled, pattern, text

pytestmark = pytest.mark.slow

# What a process writes of an entry that let callers in today.
SEEN = """
from datetime import UTC, datetime
from corsadmin.models import EntrySeen, Origin, RuleNames
entry = Origin.objects.get(pattern="https://app.{slug}.example")
day = datetime.now(UTC).date()
days = {{"first_day": day, "last_day": day}}
EntrySeen.objects.create(entry=entry, calls=1240, **days)
RuleNames.objects.create(tenant=entry.tenant, rule="/greet", **days)
"""


def test_an_edit_that_would_break_a_caller_asks(admin: Page, staffed: Demo, customer: str) -> None:
    staffed.run(SEEN.format(slug=customer))
    visit_tenant(admin, staffed, customer)
    caller = f"https://app.{customer}.example"
    row = admin.locator("#origins-group tr.has_original").filter(
        has=admin.locator(f"input[value='{caller}']")
    )

    row.locator("input[name$=-enabled]").uncheck()
    follow(admin, "input[name=_continue]")

    asked = admin.locator(".errornote + .errorlist, .errorlist.nonfield").first.inner_text()
    calls, last = filled("impact-calls", number="1,240"), text("impact-last-seen-today")
    said = pattern("impact-lost", number=1, calls=calls, last=last)
    assert re.search(f"{said}: {re.escape(caller)}\\.", asked)
    reason = admin.locator("#id_change_reason")
    assert_says(admin.locator(".field-change_reason").inner_text(), "impact-give-a-reason")
    assert not row.locator("input[name$=-enabled]").is_checked()

    reason.fill("The customer has left, OPS-7")
    follow(admin, "input[name=_continue]")

    admin.locator(".messagelist .success").first.wait_for()
    assert not row.locator("input[name$=-enabled]").is_checked()
