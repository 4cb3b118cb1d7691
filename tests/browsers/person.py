"""A person at a page: what they click and paste is counted, what the keyboard reaches is seen."""

from collections import Counter
from collections.abc import Iterator
from typing import Final
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

# Presses of the Enter key are clicks too, of no mouse button: their detail is 0.
COUNT: Final = """
addEventListener("click", (event) => {
  if (event.isTrusted && event.detail) {
    counted("click");
  }
}, true);
addEventListener("paste", () => counted("paste"), true);
"""
# Whether the element with the focus looks otherwise without it.
IS_SEEN: Final = """
() => {
  const element = document.activeElement;
  const look = () => {
    const style = getComputedStyle(element);
    return [
      style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow,
      style.borderColor, style.backgroundColor, style.textDecorationLine,
    ].join();
  };
  const focused = look();
  element.blur();
  const plain = look();
  element.focus({focusVisible: true});
  return focused !== plain;
}
"""
NAME: Final = """
() => {
  const {id, name, textContent, type, value} = document.activeElement;
  if (document.activeElement === document.body) {
    return "the end";
  }
  return (["button", "submit"].includes(type) && value) || name || textContent || id;
}
"""
MOST_STOPS: Final = 150


_counters: WeakKeyDictionary[Page, Counter[str]] = WeakKeyDictionary()


def observe(page: Page) -> None:
    """Count the clicks, pastes and loads in a page for `counting`."""

    def count(kind: str) -> None:
        _counters[page][kind] += 1

    counting(page)
    page.expose_function("counted", count)
    page.add_init_script(COUNT)
    page.on("load", lambda _page: count("load"))


def counting(page: Page) -> Counter[str]:
    """Return what is counted in an observed page from now on."""
    counted = _counters[page] = Counter()
    return counted


def focused(page: Page) -> str:
    """Return what the element with the focus is called."""
    return str(page.evaluate(NAME)).strip()


def stops(page: Page) -> Iterator[str]:
    """Press the tab key and yield what gets the focus, again and again."""
    for _press in range(MOST_STOPS):
        page.keyboard.press("Tab")
        yield focused(page)


def tab_to(page: Page, name: str) -> None:
    """Press the tab key until the focus is on what is called so; assert that it can be seen."""
    assert name in stops(page)
    assert page.evaluate(IS_SEEN)


def enter(page: Page) -> None:
    """Press the enter key on what leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
