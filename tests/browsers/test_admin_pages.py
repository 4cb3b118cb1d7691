"""Every page of the admin as people meet it: small and large, light and dark, in each language."""

from collections.abc import Iterator
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browsers.demo import Demo
from tests.browsers.scenes import SCENES, Scene
from tests.browsers.staff import COVERED, watched_page

pytestmark = pytest.mark.slow

AXE = Axe().axe_script
RUN = """
async () => {
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
  const found = (await axe.run(document, {resultTypes: ["violations"]})).violations;
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
WINDOWS: Final[list[tuple[int, Scheme]]] = [(360, "light"), (1280, "dark")]


@pytest.fixture(scope="module")
def faults() -> list[str]:
    """What failed in the page or was refused by its policy."""
    return []


@pytest.fixture(scope="module")
def page(chrome: Browser, cookies: Any, faults: list[str]) -> Iterator[Page]:
    """A tab of somebody who is logged in."""
    with chrome.new_context(storage_state=cookies) as context:
        yield watched_page(context, faults)


def serious(page: Page, scheme: Scheme) -> Any:
    """Return what keeps somebody from using a page."""
    page.emulate_media(color_scheme=scheme)
    return page.evaluate(RUN)


def fits(page: Page, width: int) -> bool:
    """Report whether a page is no wider than the window."""
    page.set_viewport_size({"width": width, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("scene", [pytest.param(scene, id=scene.name) for scene in SCENES])
def test_everybody_can_use_a_page(
    scene: Scene, page: Page, staffed: Demo, faults: list[str]
) -> None:
    faults.clear()
    page.set_extra_http_headers({"Accept-Language": "en"})
    page.set_viewport_size({"width": 1280, "height": 900})
    scene.show(page, staffed)
    assert faults == []

    page.evaluate(AXE)  # which styles what it looks at, against the policy
    # Each width and each theme once: a theme changes nothing but colours, a width none of them.
    for width, scheme in WINDOWS:
        assert fits(page, width)
        assert page.evaluate(CUT) == []
        assert serious(page, scheme) == []
    assert page.evaluate(COVERED) == []
    assert fits(page, 1600)

    for language in ("de", "es"):
        page.set_extra_http_headers({"Accept-Language": language})
        page.reload()
        assert page.locator(f"html[lang={language}]").count() == 1
        assert fits(page, 1280)
        assert fits(page, 360)
