"""The states of the admin's pages that tests and pictures look at, in any language."""

import re
from collections.abc import Callable
from itertools import count
from typing import Final, NamedTuple

from playwright.sync_api import Page

from tests.browsers.demo import Demo, add_origin

NEARLY = (
    "origin=https://app.acme.example:8443&url=https://acme.localhost/greet"
    "&method=POST&headers=Content-Type: application/json"
)
ALLOWED = NEARLY.replace(":8443", "")
SEVERAL = (
    "origin=https://shop.acme.example&url=https://acme.localhost/greet"
    "&method=PUT&headers=X-Request-Id&credentials=on"
)
UNKNOWN = NEARLY.replace("acme.localhost", "nobody.localhost")
LINES = (
    "https://shop.acme.example\nhttps://Admin.acme.example:443/login\n"
    "https://app.acme.example\nhttp://partner.example\nlocalhost"
)
FILE = """{"version": 1, "tenants": [
  {"slug": "acme", "name": "Acme Corporation", "note": "Came with the merger.",
   "hosts": ["acme.localhost", "localhost", "127.0.0.1", "shop.acme.localhost"]},
  {"slug": "umbrella", "name": "Umbrella", "origins": [{"pattern": "https://app.umbrella.example"}],
   "paths": [{"path": "/greet", "methods": ["POST"]}]}
]}"""
BROKEN_FILE = """{"version": 1, "tenants": [
  {"slug": "acme", "origins": [{"pattern": "https://Shop.acme.example/cart"}]},
  {"slug": "umbrella", "hosts": ["https://umbrella.example"]}
]}"""

numbers = count()


class Scene(NamedTuple):
    """A page in a state, and how to bring it there."""

    name: str
    show: Callable[[Page, Demo], None]


def visit(page: Page, demo: Demo, path: str) -> None:
    """Load a page of the app."""
    page.goto(f"{demo.api_url}/admin/corsadmin/{path}")


def tenant_key(page: Page, demo: Demo, slug: str) -> str:
    """Return the number of a tenant, from the list of tenants, without showing that."""
    answer = page.request.get(f"{demo.api_url}/admin/corsadmin/tenant/?q={slug}").text()
    links: list[tuple[str, str]] = re.findall(r"/tenant/(\d+)/change/[^>]*>(.*?)</a>", answer)
    (key,) = {number for number, text in links if re.sub("<.*?>", "", text) == slug}
    return key


def visit_tenant(page: Page, demo: Demo, slug: str, part: str = "change/") -> None:
    """Load a page of a tenant."""
    visit(page, demo, f"tenant/{tenant_key(page, demo, slug)}/{part}")


def follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.click(selector)


def at(path: str) -> Callable[[Page, Demo], None]:
    """Return what loads a page of the app."""
    return lambda page, demo: visit(page, demo, path)


def of_hooli(part: str) -> Callable[[Page, Demo], None]:
    """Return what loads a page of the tenant hooli, of which callers were seen."""
    return lambda page, demo: visit_tenant(page, demo, "hooli", part)


def of_acme(part: str) -> Callable[[Page, Demo], None]:
    """Return what loads a page of the tenant acme."""
    return lambda page, demo: visit_tenant(page, demo, "acme", part)


def faulty_tenant(page: Page, demo: Demo) -> None:
    visit_tenant(page, demo, "acme")
    add_origin(page, "https://Shop.acme.example:443/cart")
    page.fill("#id_paths-0-methods", "post")
    follow(page, "input[name=_continue]")


def checked_lines(page: Page, demo: Demo) -> None:
    visit_tenant(page, demo, "acme", "paste/")
    page.fill("#id_lines", LINES)
    follow(page, "[name=check]")


def planned_customer(page: Page, demo: Demo) -> None:
    visit(page, demo, "tenant/new-customer/")
    page.fill("#id_name", "Initrode, Inc.")
    page.fill("#id_hosts", "https://initrode.localhost/, localhost")
    page.fill("#id_lines", LINES.replace("acme", "initrode"))
    page.check("#id_template_2")
    page.check("#id_credentials")
    follow(page, "[name=check]")


def restore_plan(page: Page, demo: Demo) -> None:
    visit_tenant(page, demo, "acme", "history/")
    follow(page, "li:last-child > p > a[href*='restore/?before']")


def undo_plan(page: Page, demo: Demo) -> None:
    visit(page, demo, "tenant/history/?q=example")
    follow(page, ".corsadmin-of-change a.button")


def conflict(page: Page, demo: Demo) -> None:
    visit_tenant(page, demo, "globex")
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#id_name", "Globex Holding" + "." * next(numbers))
    follow(other, "input[name=_continue]")
    other.close()
    page.fill("#id_name", "Globex Corporation")
    follow(page, "input[name=_continue]")


def lockout(page: Page, demo: Demo) -> None:
    visit_tenant(page, demo, "globex")
    for box in page.locator("#origins-group tr.has_original input[name$=-enabled]").all():
        box.uncheck()
    follow(page, "input[name=_continue]")
    page.locator("#id_confirm_lockout").wait_for()


def checked_file(text: str) -> Callable[[Page, Demo], None]:
    def show(page: Page, demo: Demo) -> None:
        visit(page, demo, "tenant/import/")
        page.fill("[name=text]", text)
        follow(page, "[name=check]")

    return show


def action(name: str, query: str) -> Callable[[Page, Demo], None]:
    """Return what begins an action on all origins that a search finds."""

    def show(page: Page, demo: Demo) -> None:
        visit(page, demo, f"origin/?q={query}")
        page.check("#action-toggle")
        page.select_option("select[name=action]", name)
        follow(page, "button[name=index]")

    return show


def copies(page: Page, demo: Demo) -> None:
    action("copy_to_tenants", "app.acme")(page, demo)
    page.fill("[name=slugs]", "globex, platform")
    follow(page, "[name=check]")


def policy_copies(page: Page, demo: Demo) -> None:
    visit(page, demo, "tenant/copy/?source=acme")
    page.fill("[name=slugs]", "globex")
    follow(page, "[name=check]")


def old_version(page: Page, demo: Demo) -> None:
    visit(page, demo, "origin/?q=app.acme.example")
    follow(page, "#result_list tbody th a")
    # Themes have classes of their own for the link.
    page.goto(f"{page.url.partition('change/')[0]}history/")
    follow(page, ".corsadmin-events > li:last-child li > a")


def first_of(model: str) -> Callable[[Page, Demo], None]:
    def show(page: Page, demo: Demo) -> None:
        visit(page, demo, f"{model}/")
        follow(page, "#result_list tbody tr:first-child th a")

    return show


def asked(**fields: str) -> Callable[[Page, Demo], None]:
    """Return what asks the demo's own API, which is on this machine, and shows the answer."""

    def show(page: Page, demo: Demo) -> None:
        visit(page, demo, "tenant/probe/")
        page.fill("[name=url]", f"http://acme.localhost:{demo.api.port}{fields.get('path', '')}")
        page.fill("[name=origin]", "https://app.acme.example")
        page.fill("[name=method]", fields.get("method", ""))
        page.fill("[name=headers]", fields.get("headers", ""))
        page.fill("[name=paths]", fields.get("paths", ""))
        follow(page, ".corsadmin-submit input[type=submit]")
        page.locator(".corsadmin-answer").wait_for()

    return show


SCENES: Final = [
    Scene("start", at("")),
    Scene("tenants", at("tenant/")),
    Scene("tenant", of_acme("change/")),
    Scene("new tenant", at("tenant/add/")),
    Scene("tenant with faults", faulty_tenant),
    Scene("tenant with pictures", of_hooli("change/")),
    Scene("tenant with a finding", lambda page, demo: visit_tenant(page, demo, "initech")),
    Scene("conflict", conflict),
    Scene("lockout", lockout),
    Scene("origins", at("origin/?q=https://pr-1.preview.acme.example")),
    Scene("new origin", at("origin/add/")),
    Scene("origin", first_of("origin")),
    Scene("delete origins", action("delete_selected", "acme")),
    Scene("disable the last", action("disable", "globex")),
    Scene("copy", action("copy_to_tenants", "app.acme")),
    Scene("copy, answered", copies),
    Scene("copy a policy, answered", policy_copies),
    Scene("compare", at("tenant/compare/?left=acme&right=globex")),
    Scene("path rules", at("pathrule/")),
    Scene("path rule", first_of("pathrule")),
    Scene("hosts", at("tenanthost/")),
    Scene("members", at("tenantmember/")),
    Scene("try", at("tenant/try/")),
    Scene("try, refused", at(f"tenant/try/?{NEARLY}")),
    Scene("make it work", at(f"tenant/make-it-work/?{SEVERAL}")),
    Scene("make it work, of which tenant", at(f"tenant/make-it-work/?{UNKNOWN}")),
    Scene("try, allowed", at(f"tenant/try/?{ALLOWED}")),
    Scene("ask", at("tenant/probe/")),
    Scene("ask, allowed", asked(path="/orders")),
    Scene("ask, blocked", asked(path="/greet", method="POST", headers="X-Request-ID: 1")),
    Scene("ask, many paths", asked(paths="/greet\nPUT /greet\n/private/\n/admin/login/?next=/a")),
    Scene("inbox", at("tenant/inbox/")),
    Scene("inbox of a tenant", of_hooli("inbox/")),
    Scene("clean up", at("tenant/clean-up/")),
    Scene("clean up of a tenant", of_hooli("clean-up/")),
    Scene("delete what was recorded", of_hooli("forget-callers/")),
    Scene("unknown hosts", at("tenant/unknown-hosts/")),
    Scene("new customer", at("tenant/new-customer/")),
    Scene("new customer, planned", planned_customer),
    Scene("paste", of_acme("paste/")),
    Scene("paste, answered", checked_lines),
    Scene("emergency", of_acme("emergency/")),
    Scene("history of everything", at("tenant/history/")),
    Scene("undo", undo_plan),
    Scene("restore", restore_plan),
    Scene("history", of_acme("history/")),
    Scene("old version", old_version),
    Scene("delete tenant", of_acme("delete/")),
    Scene("deleted tenants", at("tenant/deleted/")),
    Scene("import", at("tenant/import/")),
    Scene("import, plan", checked_file(FILE)),
    Scene("import, problems", checked_file(BROKEN_FILE)),
]
