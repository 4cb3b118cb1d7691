"""A new customer from the raw e-mail: what a person clicks, fills in and waits for is counted."""

from typing import Final

import pytest
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.person import counting
from tests.browsers.scenes import follow, visit
from tests.messages.screens import assert_says, filled
from tests.transfer.free_text.test_corpus import PASTES

pytestmark = pytest.mark.slow

MAIL: Final = PASTES[0]["text"]
MAX_CLICKS: Final = 8
MAX_FIELDS: Final = 3
MAX_LOADS: Final = 4


def test_a_customer_is_set_up_from_the_raw_mail(admin: Page, staffed: Demo, customer: str) -> None:
    visit(admin, staffed, "tenant/")
    counted = counting(admin)
    fields = {"#id_slug": f"new-{customer}", "#id_name": "Newcustomer Inc.", "#id_lines": MAIL}

    follow(admin, ".object-tools a[href$='tenant/add/']")
    admin.fill("#id_slug", fields["#id_slug"])
    admin.fill("#id_name", fields["#id_name"])
    follow(admin, "[name=_paste]")
    admin.fill("#id_lines", fields["#id_lines"])
    follow(admin, "[name=check]")
    origins, hosts = filled("paste-origins", count=11), filled("paste-hosts", count=3)
    rows = filled("paste-origins-and-hosts", origins=origins, hosts=hosts)
    offered = admin.locator("[name=add_corrected]").input_value()
    assert offered == filled("paste-apply", counter=7, corrected=rows)
    follow(admin, "[name=add_corrected]")

    said = admin.locator(".messagelist").inner_text()
    assert_says(said, "paste-added", count=11)
    assert_says(said, "paste-hosts-added", count=3)
    assert admin.locator("#hosts-group .has_original").count() == 3
    assert counted["click"] <= MAX_CLICKS
    assert len(fields) <= MAX_FIELDS
    assert counted["load"] <= MAX_LOADS
    assert (counted["click"], counted["load"]) == (4, 4)


def test_what_is_ignored_is_grey_and_what_was_found_stands_out(
    admin: Page, staffed: Demo, customer: str
) -> None:
    visit(admin, staffed, "tenant/")
    follow(admin, f"#result_list a:text-is('{customer}')")
    follow(admin, "text=Add many origins")
    admin.fill("#id_lines", MAIL)
    follow(admin, "[name=check]")

    marks = admin.locator("div.corsadmin-prose mark").all_inner_texts()
    assert marks == [find[2] for find in PASTES[0]["finds"]]
    assert "jane.doe@newcustomer.com" in admin.locator("div.corsadmin-prose").inner_text()
    prose, found = (
        admin.locator(place).first.evaluate("(box) => getComputedStyle(box).color")
        for place in ("div.corsadmin-prose", "div.corsadmin-prose mark")
    )
    assert prose != found
