"""An auditor asks, and support staff answer: the tenants with a risk, and a file of it, counted."""

import io

import openpyxl
import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.scenes import follow
from tests.browsers.test_admin_desk import start

pytestmark = pytest.mark.slow

# What the auditor is after.
RISK = """
from django.contrib.auth.models import User
from corsadmin.models import Origin, Tenant
entry = Origin(pattern="https://*.{name}.example", credentials=True)
entry.tenant = Tenant.objects.get(slug="{name}")
entry._history_user = User.objects.create_user("auditee-{name}")
entry._change_reason = "OPS-7"
entry.save()
"""


@pytest.fixture
def risky(staffed: Demo, customer: str) -> str:
    staffed.run(RISK.format(name=customer))
    return customer


def test_the_tenants_with_a_risk_are_three_clicks_away(
    admin: Page, staffed: Demo, risky: str
) -> None:
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Origins')")
    follow(admin, "a:text-is('Wildcard with credentials')")
    follow(admin, ".object-tools a:text-is('By tenant')")

    row = admin.locator(f"tr:has(a:text-is('{risky}'))")
    assert row.locator("td").nth(1).inner_text().strip() == "1"
    assert "Wildcard · With credentials" in admin.locator("#content-main").inner_text()
    assert counted == {"click": 3, "load": 3}


def test_the_file_for_an_auditor_is_three_clicks_away(
    admin: Page, staffed: Demo, risky: str
) -> None:
    counted = start(admin, staffed)

    follow(admin, "#content-main th a:text-is('Origins')")
    follow(admin, "a:text-is('Wildcard with credentials')")
    with admin.expect_download() as download:
        admin.click(".object-tools a:text-is('Export as XLSX')")

    book = io.BytesIO(download.value.path().read_bytes())
    heading, *rows = openpyxl.load_workbook(book).active.values
    found = [dict(zip(heading, row, strict=True)) for row in rows]
    (entry,) = [row for row in found if row["tenant"] == risky]
    assert download.value.suggested_filename.startswith("origins-")
    assert entry["pattern"] == f"https://*.{risky}.example"
    assert (entry["added_by"], entry["reason"]) == (f"auditee-{risky}", "OPS-7")
    assert counted == {"click": 3, "load": 2}
