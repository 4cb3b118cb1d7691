"""A spreadsheet as a customer sends it, in a browser: read, mended and imported without leaving the page."""

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import counting
from tests.browsers.scenes import follow, visit
from tests.messages.screens import filled, times
from tests.transfer.spreadsheets import book

pytestmark = pytest.mark.slow

MAX_CLICKS = 6


def spreadsheet(slug: str, customer: str) -> bytes:
    """Return a workbook with a title, German headings, a hidden sheet and five kinds of mistakes."""
    made: bytes = book(
        alt_=[["Kunde", "Domäne"], ["nobody", "x"]],
        Freigaben=[
            ["Freigaben 2027"],
            [],
            ["Kunde", "Domäne", "Mit Cookies?", "Gültig bis", "Farbe"],
            [slug, f"https://one.{slug}.example", "ja", "31.12.2027", "rot"],
            [customer, f"https://TWO.{slug}.example, https://three.{slug}.example/", "x", None, ""],
            [slug, f"https://four.{slug}.example:443", "nein", "01/02/2027", ""],
            ["Kunde GmbH", f"https://five.{slug}.example", "vielleicht", None, ""],
        ],
    )
    return made


def test_a_customers_spreadsheet_is_mended_and_imported_in_the_page(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit(admin, staffed, "tenant/")
    counted = counting(admin)
    content = spreadsheet(customer, customer.title())

    follow(admin, ".object-tools a[href$='import/']")
    admin.set_input_files(
        "#id_file", {"name": "kunden.xlsx", "mimeType": "application/xlsx", "buffer": content}
    )
    follow(admin, "[name=check]")
    assert admin.locator(".corsadmin-columns tbody tr").all_inner_texts()[4].split("\t")[:2] == [
        "Farbe",
        "rot",
    ]
    counts = filled("import-wrong-rows", counter=3) + filled("import-valid-rows", counter=1)
    assert admin.locator("#corsadmin-wrong").inner_text() == counts
    admin.select_option("#id_dates", "day")
    admin.fill("[name=cell-7-0]", customer)
    admin.fill("[name=cell-7-2]", "nein")
    follow(admin, "[name=take][value='*']")
    assert admin.locator("#corsadmin-wrong").count() == 0
    # Pressed twice, as people do; the second press sends nothing.
    with admin.expect_navigation():
        admin.dblclick("[name=apply]")

    said = admin.locator(".messagelist").inner_text()
    assert times(said, "import-done", added=5) == times(said, "import-done") == 1
    assert counted["click"] <= MAX_CLICKS


def test_the_page_says_that_it_works_and_sends_a_form_once(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit(admin, staffed, "tenant/import/")
    admin.fill("#id_text", f"tenant,pattern\n{customer},https://new.{customer}.example\n")
    sent: list[str] = []
    admin.on("request", lambda request: sent.append(request.method))
    # The answer is held back until the page has said what it does.
    told = admin.evaluate(
        """() => {
          const form = document.querySelector("form:has(.corsadmin-working)");
          form.addEventListener("submit", (event) => event.preventDefault());
          const button = form.querySelector("[name=check]");
          button.click();
          button.click();
          return [form.querySelector(".corsadmin-working").textContent, form.ariaBusy];
        }"""
    )

    assert told == ["Working…", "true"]
    assert "POST" not in sent
