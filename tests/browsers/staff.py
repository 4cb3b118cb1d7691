"""A site with many customers, and a browser whose user is logged in as staff."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.browsers.demo import Demo, command, log_in, served
from tests.browsers.engines import CHROMIUM, CHROMIUM_ARGUMENTS, LOOPBACK_ONLY, playwright
from tests.browsers.person import observe
from tests.browsers.shell import shell
from tests.servers import environment

# All of one length: no name begins another one, so a search finds one customer only.
CUSTOMERS = [f"customer-{number}" for number in range(10, 57)]
# A tenant that was deleted, one that no request is for, and an entry that ends in three days.
PAST = """
from datetime import timedelta
from django.utils import timezone
from corsadmin.models import *
Tenant.objects.get(slug="bygone").delete()
Tenant.objects.create(slug="initech", name="Initech")
Origin.objects.create(
    tenant=Tenant.objects.get(slug="globex"), pattern="https://trade-fair.example",
    valid_until=timezone.now().replace(second=0, microsecond=0) + timedelta(days=3),
)
now = timezone.now()
hooli = Tenant.objects.create(slug="hooli", name="Hooli")
TenantHost.objects.create(tenant=hooli, host="hooli.localhost")
PathRule.objects.create(tenant=hooli, path="/greet", methods=["POST"])
for pattern in ("https://app.hooli.example", "https://*.preview.hooli.example"):
    Origin.objects.create(tenant=hooli, pattern=pattern, note="OPS-7")
for origin, reason, is_kin in (
    ("https://shop.hooli.example", "origin-not-listed", True),
    ("https://app.holli.example", "origin-not-listed", False),
    ("", "origin-null", False),
    ("https://app.hooli.example", "method-not-allowed", True),
):
    Sighting.objects.create(
        tenant=hooli, rule="/greet", origin=origin, reason=reason, is_kin=is_kin, hours=3, calls=40,
        preflights=12, first_seen=now - timedelta(days=3), last_seen=now, methods=["PUT"],
        request_headers=["x-request-id"],
    )
long_ago = now - timedelta(days=200)
hooli.origins.update(created=long_ago)
RuleNames.objects.create(
    tenant=hooli, rule="/greet", first_day=long_ago.date(), last_day=now.date()
)
UnknownHost.objects.create(host="new.localhost", hours=2, calls=9)
hour = now.replace(minute=0, second=0, microsecond=0)
day = hour.replace(hour=0)
def traffic(hour, outcome, calls, preflights=0):
    Traffic.objects.create(
        tenant=hooli, hour=hour, outcome=outcome, calls=calls, preflights=preflights
    )
for ago in range(48):
    traffic(hour - timedelta(hours=ago), "allowed", 900 + 300 * (ago % 24) - 13 * (ago % 24) ** 2)
    traffic(hour - timedelta(hours=ago), "origin-not-listed", 40 if ago < 5 else ago % 7)
for ago in range(3, 90):
    traffic(day - timedelta(days=ago), "allowed", 30_000 + 900 * (ago % 7), 800)
    traffic(day - timedelta(days=ago), "origin-expired", 200 if ago < 20 else 30, 5)
traffic(hour, "method-not-allowed", 0, 12)
traffic(hour, "no-rule", 3)
for days in (1, 1, 9, 30, 30, 30, 31, 64):
    Origin.objects.create(
        tenant=hooli, pattern=f"https://{Origin.objects.count()}.hooli.example",
        valid_until=now + timedelta(days=days), note="OPS-8",
    )
"""
DESK: Final[ViewportSize] = {"width": 1280, "height": 1000}
# All pages are of one site: to keep them apart would cost a quarter more.
ONE_PROCESS = ["--disable-site-isolation-trials", "--renderer-process-limit=1"]
# Tells the test what the page's policy refused.
WATCH = """
addEventListener("securitypolicyviolation", (event) => {
  refused(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""

# Buttons, and links that look like them, which something else covers wherever one scrolls.
COVERED = """
() => [...document.querySelectorAll(
    "button, input:is([type=submit], [type=button]), .object-tools a, "
    + "a:is(.button, .closelink, .deletelink, .addlink, .btn)")]
  .filter((button) => button.checkVisibility({visibilityProperty: true}))
  .filter((button) => {
    button.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
    const { left, top, width, height } = button.getBoundingClientRect();
    const found = document.elementFromPoint(left + width / 2, top + height / 2);
    return !button.contains(found);
  })
  .map((button) => button.outerHTML)
"""


def customer(slug: str) -> dict[str, Any]:
    """Return a tenant as `cors_import` reads it."""
    return {
        "slug": slug,
        "name": slug.title(),
        "hosts": [f"{slug}.localhost"],
        "origins": [
            {"pattern": f"https://app.{slug}.example", "credentials": True},
            {"pattern": f"https://*.preview.{slug}.example", "scope": "/greet"},
        ],
        "paths": [{"path": "/greet", "methods": ["POST"], "request_headers": ["content-type"]}],
    }


@contextmanager
def staffed_site(prepared: Path, folder: Path, settings: str = "strict_settings") -> Iterator[Demo]:
    """Run the demo with customers of its own; usually under a strict content security policy."""
    database = Path(shutil.copy(prepared, folder))
    env = environment(
        database,
        ALLOWED_HOSTS=".localhost,localhost,127.0.0.1",
        DJANGO_SETTINGS_MODULE=f"tests.browsers.{settings}",
        # What there is to ask is on this machine.
        CORSADMIN_PROBE_PRIVATE_ADDRESSES="1",
    )
    slugs = ["bygone", *CUSTOMERS]
    file = folder / "customers.json"
    file.write_text(json.dumps({"version": 1, "tenants": [customer(slug) for slug in slugs]}))
    with shell(env) as run:
        run(command("migrate", "--verbosity=0"))
        run(command("cors_import", str(file)))
        run(PAST)
        with served(env, folder, run) as running:
            yield running


def chromium_browser() -> Browser:
    """Start Debian's Chromium, which finds nobody but this machine."""
    return playwright().chromium.launch(
        executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, LOOPBACK_ONLY, *ONE_PROCESS]
    )


def logged_in_state(browser: Browser, demo: Demo) -> Any:
    """Return the cookies of a member of staff."""
    with browser.new_context() as context:
        log_in(context.new_page(), demo)
        return context.storage_state()


def window(browser: Browser, cookies: Any) -> BrowserContext:
    """Open a window of a member of staff, whose browser remembers nothing else."""
    return browser.new_context(storage_state=cookies, viewport=DESK)


class Tab(NamedTuple):
    """A page, and what failed in it or was refused by its policy."""

    page: Page
    faults: list[str]


def watched_tab(context: BrowserContext) -> Tab:
    """Open a page of which all is noticed: what fails, what is refused, what a person does."""
    page = context.new_page()
    faults: list[str] = []

    def refuse(said: str) -> None:
        faults.append(said)

    observe(page)
    page.expose_function("refused", refuse)
    page.add_init_script(WATCH)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return Tab(page, faults)
