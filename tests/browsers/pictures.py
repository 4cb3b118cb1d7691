"""Take the pictures of the docs from the demo: `make screenshots`."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, NamedTuple

from playwright.sync_api import Page, ViewportSize

from tests.browsers.demo import Demo, add_origin, prepare, save, served
from tests.browsers.engines import playwright
from tests.browsers.scenes import NEARLY, SCENES, follow, visit, visit_tenant
from tests.browsers.shell import shell
from tests.browsers.staff import chromium_browser, logged_in_state
from tests.servers import ROOT, environment

FOLDER: Final = ROOT / "docs" / "images"
# A fair that is over in three days, and a customer who left.
STORY: Final = """
from datetime import timedelta
from django.utils import timezone
from corsadmin.models import *
Origin.objects.create(
    tenant=Tenant.objects.get(slug="globex"), pattern="https://trade-fair.example",
    valid_until=timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3),
    note="The booth at the fair.",
)
Tenant.objects.create(slug="initech", name="Initech", is_active=True)
"""


class Picture(NamedTuple):
    """A picture's name, what it shows, and its size."""

    name: str
    show: Callable[[Page, Demo], None]
    height: int
    width: int = 1280
    scheme: Literal["light", "dark"] = "light"


def scene(name: str) -> Callable[[Page, Demo], None]:
    """Return what brings a page into a state that the tests look at too."""
    (found,) = (scene.show for scene in SCENES if scene.name == name)
    return found


def answer(page: Page, demo: Demo) -> None:
    """Show what the trial of a refused call says."""
    visit(page, demo, f"tenant/try/?{NEARLY}")
    page.evaluate("document.querySelector('.corsadmin-answer').scrollIntoView()")


def ask_answer(page: Page, demo: Demo) -> None:
    """Show what a live server answered."""
    scene("ask, allowed")(page, demo)
    page.evaluate("document.querySelector('.corsadmin-answer').scrollIntoView()")


def origins(page: Page, demo: Demo) -> None:
    """Show the origins of a tenant with one that is to be corrected."""
    scene("tenant with faults")(page, demo)
    page.evaluate("document.querySelector('#origins-group').scrollIntoView()")


def policy(page: Page, demo: Demo) -> None:
    """Show the policy in force where a rule of the tenant's own shadows one of the platform's."""
    visit_tenant(page, demo, "globex")
    page.evaluate("document.querySelector('.corsadmin-effective').scrollIntoView()")


def history(page: Page, demo: Demo) -> None:
    """Show what happened to a tenant, after something has happened."""
    visit_tenant(page, demo, "globex")
    add_origin(page, "https://partner.example")
    page.fill("#id_change_reason", "Ticket 4711: their partner's shop")
    save(page)
    rule = page.locator("#paths-group .inline-related.has_original").first
    rule.locator("input[name$=-max_age]").fill("600")
    page.fill("#id_change_reason", "Fewer preflights")
    save(page)
    visit_tenant(page, demo, "globex", "history/")


def restore(page: Page, demo: Demo) -> None:
    """Show what putting a tenant back would write."""
    visit_tenant(page, demo, "globex", "history/")
    follow(page, "li:nth-child(2) > p > a[href*='restore/?before']")


PICTURES: Final = [
    Picture("admin-start", scene("start"), 640),
    Picture("admin-try", answer, 880),
    Picture("admin-ask", ask_answer, 900),
    Picture("admin-make", scene("make it work"), 1140),
    Picture("admin-tenant", scene("tenant"), 1100),
    Picture("admin-corrections", origins, 460),
    Picture("admin-policy", policy, 420),
    Picture("admin-paste", scene("paste, answered"), 720),
    Picture("admin-search", scene("origins"), 640),
    Picture("admin-copy", scene("copy, answered"), 560),
    Picture("admin-import", scene("import, plan"), 860),
    Picture("admin-history", history, 900),
    Picture("admin-restore", restore, 520),
    Picture("admin-conflict", scene("conflict"), 620),
    Picture("admin-small", answer, 800, width=360, scheme="dark"),
]


def take(folder: Path) -> None:
    """Write every picture into a folder."""
    with TemporaryDirectory() as temporary:
        database = Path(temporary) / "demo.sqlite3"
        prepare(database)
        env = environment(
            database,
            ALLOWED_HOSTS=".localhost,localhost,127.0.0.1",
            CORSADMIN_PROBE_PRIVATE_ADDRESSES="1",
        )
        with (
            shell(env) as run,
            served(env, Path(temporary), run) as demo,
            chromium_browser() as browser,
        ):
            run(STORY)
            cookies = logged_in_state(browser, demo)
            for picture in PICTURES:
                size: ViewportSize = {"width": picture.width, "height": picture.height}
                with browser.new_context(
                    storage_state=cookies, viewport=size, color_scheme=picture.scheme
                ) as context:
                    page = context.new_page()
                    picture.show(page, demo)
                    page.screenshot(path=folder / f"{picture.name}.png")


if __name__ == "__main__":
    take(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
    playwright().stop()
