"""Every page of the admin as people meet it: small and large, light and dark, in each language."""

from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browsers.demo import Demo
from tests.browsers.scenes import SCENES, Scene
from tests.browsers.staff import COVERED
from tests.servers import ROOT

pytestmark = pytest.mark.slow

STYLES: Final = ROOT / "corsadmin" / "static"

AXE = Axe().axe_script
RUN = """
async (options) => {
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
  const context = {exclude: ["tbody tr:nth-of-type(n + 9)"]};  // they look like the first eight
  const found = (await axe.run(context, {...options, resultTypes: ["violations"]})).violations;
  const serious = found.filter(({impact}) => ["serious", "critical"].includes(impact));
  return serious.map(({id, nodes}) => [id, ...nodes.map(({html}) => html)]);
}
"""
# What nobody can read or reach, as it stands where something is cut off that does not scroll.
CUT = """
() => [...document.querySelectorAll("#content :is(.help, .errorlist, input, textarea, select)")]
  .filter((part) => {
    const { right, width } = part.getBoundingClientRect();
    for (let around = part.parentElement; width && around; around = around.parentElement) {
      const flow = getComputedStyle(around).overflowX;
      if (["auto", "scroll"].includes(flow)) {
        return false;
      }
      if (flow !== "visible" && right > around.getBoundingClientRect().right + 1) {
        return true;
      }
    }
    return false;
  })
  .map((part) => part.outerHTML)
"""
Scheme = Literal["light", "dark"]
# The other theme has other colours, and nothing else is asked of it again.
ALL: Final = {"preload": False}
COLOURS: Final = {**ALL, "runOnly": ["color-contrast"]}
WINDOWS: Final[list[tuple[int, Scheme, dict[str, Any]]]] = [
    (360, "light", ALL),
    (1280, "dark", COLOURS),
]


def serious(page: Page, scheme: Scheme, options: dict[str, Any]) -> Any:
    """Return what keeps somebody from using a page."""
    page.emulate_media(color_scheme=scheme)
    return page.evaluate(RUN, options)


def fits(page: Page, width: int) -> bool:
    """Report whether a page is no wider than the window."""
    page.set_viewport_size({"width": width, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("scene", [pytest.param(scene, id=scene.name) for scene in SCENES])
def test_everybody_can_use_a_page(scene: Scene, admin: Page, staffed: Demo) -> None:
    admin.set_extra_http_headers({"Accept-Language": "de"})
    scene.show(admin, staffed)

    admin.evaluate(AXE)  # which styles what it looks at, against the policy
    # Each width and each theme once: a theme changes nothing but colours, a width none of them.
    for width, scheme, options in WINDOWS:
        assert fits(admin, width)
        assert admin.evaluate(CUT) == []
        assert serious(admin, scheme, options) == []
    assert admin.evaluate(COVERED) == []
    assert fits(admin, 1600)

    admin.set_extra_http_headers({"Accept-Language": "es"})
    admin.reload()
    assert admin.locator("html[lang=es]").count() == 1
    for width in (360, 1280):
        assert fits(admin, width)


def test_no_style_locks_a_page_to_one_orientation() -> None:
    """axe would read all style sheets for it, on each page again."""
    sheets = [file.read_text(encoding="utf-8") for file in STYLES.rglob("*.css")]

    assert sheets
    assert [sheet for sheet in sheets if "orientation" in sheet] == []
