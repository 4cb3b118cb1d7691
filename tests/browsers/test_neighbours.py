"""The admin's pages in other clothes and on another site: all is there and within reach."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers.demo import Demo, add_origin
from tests.browsers.scenes import SCENES, Scene, visit, visit_tenant
from tests.browsers.staff import COVERED, Tab, logged_in_state, staffed_site, watched_tab, window

pytestmark = pytest.mark.slow

# Where the links of a page lead, but for those of other sites.
LINKS = """
() => [...document.querySelectorAll("[href], [action]")]
  .map((one) => new URL(one.getAttribute("href") ?? one.getAttribute("action"), location))
  .filter(({origin}) => origin === location.origin)
  .map(({pathname}) => pathname)
"""
NEIGHBOURS = [
    pytest.param("jazzmin_settings", id="django-jazzmin"),
    pytest.param("interface_settings", id="django-admin-interface"),
    pytest.param("second_site_settings", id="a second admin site"),
]
# These scenes have the buttons of another one, or fewer: of a theme they show nothing more.
LIKE_ANOTHER = {
    "tenants", "new tenant", "tenant with a finding", "new origin", "path rules", "hosts", "try",
    "try, allowed", "ask", "ask, allowed", "inbox", "clean up", "paste", "new customer", "import",
    "tenant with pictures", "conflict", "lockout", "copy a policy, answered", "ask, many paths",
    "make it work, of which tenant", "restore",
}  # fmt: skip
# The second site looks like the first (test_admin_pages.py), and tests/admin/test_sites.py walks
# through all its pages: these are some with scripts and with answers to what was sent.
ON_THE_SECOND_SITE = {
    "start",
    "tenant",
    "conflict",
    "origins",
    "copy, answered",
    "try, refused",
    "undo",
}
SHOWN = [
    pytest.param(theme.values[0], scene, id=f"{theme.id}-{scene.name}")
    for theme in NEIGHBOURS
    for scene in SCENES
    if (
        scene.name in ON_THE_SECOND_SITE
        if theme.values[0] == "second_site_settings"
        else scene.name not in LIKE_ANOTHER
    )
]


class Neighbour(NamedTuple):
    """The demo beside a neighbour, and a tab of a member of its staff."""

    demo: Demo
    tab: Tab


@pytest.fixture(scope="module")
def opened(
    chrome: Browser, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Neighbour]]:
    """What starts a neighbour when the first test asks for it, and stops them all in the end."""
    with ExitStack() as running:

        @cache
        def open_beside(settings: str) -> Neighbour:
            folder = tmp_path_factory.mktemp("neighbour")
            demo = running.enter_context(staffed_site(prepared, folder, settings))
            context = running.enter_context(window(chrome, logged_in_state(chrome, demo)))
            return Neighbour(demo, watched_tab(context))

        yield open_beside


@pytest.fixture(params=NEIGHBOURS)
def neighbour(request: pytest.FixtureRequest, opened: Callable[[str], Neighbour]) -> Neighbour:
    """One neighbour, of whose tab nothing is on record."""
    found = opened(request.param)
    found.tab.faults.clear()
    return found


def covered(page: Page) -> list[str]:
    """Return the buttons of a page that nobody can press, on each of its tabs."""
    found: list[str] = page.evaluate(COVERED)
    for tab in page.locator("#jazzy-tabs a").all():
        tab.click()
        page.locator(f"{tab.get_attribute('href')}.show").wait_for()
        found += page.evaluate(COVERED)
    return found


@pytest.mark.parametrize(("neighbour", "scene"), SHOWN, indirect=["neighbour"])
def test_every_button_of_a_page_can_be_pressed(scene: Scene, neighbour: Neighbour) -> None:
    page, faults = neighbour.tab

    scene.show(page, neighbour.demo)

    assert faults == []
    assert covered(page) == []
    assert [path for path in page.evaluate(LINKS) if path.startswith("/elsewhere/")] == []


def test_a_tenant_is_added_with_its_rows(neighbour: Neighbour) -> None:
    page = neighbour.tab.page
    visit(page, neighbour.demo, "tenant/add/")
    page.fill("#id_slug", "newcomer")
    assert page.locator("[name$=-TOTAL_FORMS]").count() == 4
    add_origin(page, "https://app.newcomer.example")

    page.click("[name=_continue]")
    page.wait_for_url("**/change/**")

    assert page.input_value("[name=origins-0-pattern]") == "https://app.newcomer.example"


def test_the_page_of_a_tenant_has_its_rows_and_asks_for_the_reason(neighbour: Neighbour) -> None:
    page = neighbour.tab.page
    visit_tenant(page, neighbour.demo, "acme")

    for prefix in ("origins", "hosts", "paths"):
        assert int(page.input_value(f"[name={prefix}-INITIAL_FORMS]")) > 0
    assert page.locator("[name=change_reason]").is_visible()
    assert page.locator("label[for=id_version]").count() == 0
