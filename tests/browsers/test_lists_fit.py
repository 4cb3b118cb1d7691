"""Every list of the admin shows all its columns, on a desk and on a telephone, without sliding."""

from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers.demo import Demo, save
from tests.browsers.scenes import visit, visit_tenant

pytestmark = pytest.mark.slow

LISTS: Final = [
    pytest.param("tenant/", id="tenants"),
    pytest.param("tenanthost/", id="hosts"),
    pytest.param("pathrule/", id="path rules"),
    pytest.param("origin/", id="origins"),
    pytest.param("origin/?state=current", id="origins, filtered"),
    pytest.param("tenantmember/", id="members"),
    pytest.param("tenant/inbox/", id="inbox"),
    pytest.param("tenant/clean-up/?days=30", id="clean up"),
    pytest.param("tenant/unknown-hosts/", id="unknown hosts"),
]
WIDTHS: Final = (1280, 390)
MAX_HEIGHT: Final = 3_000  # pixels
# Cells and tables that leave the box around them, and words of origins that are broken inside.
CUT: Final = """
() => {
  const inside = (part, box) => part.getBoundingClientRect().right <= box.right + 1;
  const found = [];
  for (const table of document.querySelectorAll("#content table")) {
    if (!table.checkVisibility()) {
      continue;
    }
    const around = table.parentElement;
    const box = around.getBoundingClientRect();
    if (around.scrollWidth > around.clientWidth || box.right > innerWidth) {
      found.push(`${table.id || table.className} is ${table.scrollWidth} of ${around.clientWidth}`);
    }
    const cells = [...table.querySelectorAll("tbody :is(td, th)")].filter((one) => one.checkVisibility());
    found.push(...cells.filter((cell) => !inside(cell, box)).map((cell) => cell.outerHTML));
  }
  return found;
}
"""
# Parts of an origin that stand in more than one line.
BROKEN: Final = """
() => [...document.querySelectorAll("#result_list tbody th a")].flatMap((link) =>
  [...link.childNodes].filter((part) => part.nodeType === Node.TEXT_NODE).filter((part) => {
    const range = document.createRange();
    range.selectNodeContents(part);
    const tops = [...range.getClientRects()].map(({top}) => Math.round(top));
    return new Set(tops).size > 1 && !part.textContent.includes("-");
  }).map((part) => part.textContent))
"""
# Gives the first origin the longest values that its cells can hold.
LENGTHEN: Final = """
() => {
  const row = document.querySelector("#result_list tbody tr");
  row.querySelector(".field-tenant").textContent = "a".repeat(63);
  row.querySelector(".field-scope_in_words").textContent = "/api/public/" + "x".repeat(200) + "/";
  row.querySelector(".field-last_seen").textContent = "11/30/2026";
  row.querySelector(".corsadmin-end").textContent = "30 de noviembre de 2026";
}
"""


@pytest.mark.parametrize("path", LISTS)
def test_a_list_fits(path: str, admin: Page, staffed: Demo) -> None:
    visit(admin, staffed, path)

    for width in WIDTHS:
        admin.set_viewport_size({"width": width, "height": 900})
        assert admin.evaluate(CUT) == []
        assert admin.evaluate(BROKEN) == []


def test_an_origin_with_the_longest_values_fits_in_every_language(
    admin: Page, staffed: Demo
) -> None:
    for language in ("de", "es", "en"):
        admin.set_extra_http_headers({"Accept-Language": language})
        visit(admin, staffed, "origin/")
        admin.evaluate(LENGTHEN)

        for width in WIDTHS:
            admin.set_viewport_size({"width": width, "height": 900})
            assert admin.evaluate(CUT) == []


def test_a_telephone_shows_rows_as_cards_that_can_still_be_sorted(
    admin: Page, staffed: Demo
) -> None:
    admin.set_viewport_size({"width": 390, "height": 900})
    visit(admin, staffed, "origin/")
    card = admin.locator("#result_list tbody tr").first

    assert "Last seen" in card.evaluate(
        "(row) => [...row.children].map((cell) => getComputedStyle(cell, '::before').content).join()"
    )
    assert admin.locator("#action-toggle").is_visible()
    admin.click("#result_list thead .column-pattern_in_parts a")
    assert "o=1" in admin.url


def test_a_tenant_with_four_origins_is_short_on_a_telephone_and_edited_there(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit_tenant(admin, staffed, customer)
    for number in (1, 2):
        admin.locator("#origins-group .add-row a").click()
        admin.fill(f"#id_origins-{number + 1}-pattern", f"https://{number}.{customer}.example")
    save(admin)
    admin.set_viewport_size({"width": 390, "height": 900})
    admin.reload()

    assert admin.locator("#origins-group tr.has_original").count() == 4
    assert admin.evaluate("document.documentElement.scrollHeight") <= MAX_HEIGHT
    assert admin.evaluate(CUT) == []
    row = admin.locator("#origins-0")
    for field in ("credentials", "enabled", "scope", "valid_until", "risk_accepted", "note"):
        assert row.locator(f"[name$=-{field}]").is_visible()
    admin.focus("#id_origins-4-pattern")
    admin.fill("#id_origins-4-note", "OPS-7")
    admin.locator(".corsadmin-fold summary").last.click()
    assert admin.locator("#try_url").is_visible()


def test_rows_of_a_tenant_are_found_without_javascript(
    chrome: Browser, cookies: Any, staffed: Demo, customer: str
) -> None:
    with chrome.new_context(storage_state=cookies, java_script_enabled=False) as context:
        page = context.new_page()
        visit(page, staffed, "origin/?state=current")
        page.fill("[name=tenant_name]", customer.capitalize())
        page.press("[name=tenant_name]", "Enter")

        assert page.locator("#result_list tbody tr").count() == 2
        assert "state=current" in page.url
