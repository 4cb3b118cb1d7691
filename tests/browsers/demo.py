"""The demo's pages as a person uses them."""

from collections.abc import Mapping
from typing import NamedTuple

from playwright.sync_api import Page

from tests.servers import Site

USERNAME = "demo"
PASSWORD = "only-for-the-tests"


class Demo(NamedTuple):
    """A running demo: its API, the port of its front end, the environment for commands."""

    api: Site
    front_port: int
    env: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """The address of the API, on a host that belongs to the tenant acme."""
        return f"http://localhost:{self.api.port}"

    @property
    def origin(self) -> str:
        """The origin of the front end."""
        return f"http://localhost:{self.front_port}"

    @property
    def page(self) -> str:
        """The address of the front end, told where the API is."""
        return f"{self.origin}/?api={self.api_url}"


def press(page: Page, button: str) -> str:
    """Press a button of the front end and return the state it ends in: allowed, blocked, error."""
    page.click(f"#{button}")
    panel = page.locator(f"#result-{button}")
    panel.and_(page.locator(":not([data-state=pending]):not([data-state=idle])")).wait_for()
    return panel.get_attribute("data-state") or ""


def log_in(page: Page, demo: Demo) -> None:
    """Log into the admin."""
    page.goto(f"{demo.api_url}/admin/")
    page.fill("#id_username", USERNAME)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.locator("#user-tools").wait_for()


def open_tenant(page: Page, slug: str) -> None:
    """Go to a tenant's page from the admin's first page."""
    page.click("#content-main a:text-is('Tenants')")
    page.click(f"#result_list a:text-is('{slug}')")


def add_origin(page: Page, pattern: str) -> None:
    """Fill the empty row of a tenant's origins."""
    row = page.locator("tr.dynamic-origins:not(.has_original)").last
    row.locator("input[name$=-pattern]").fill(pattern)


def delete_origin(page: Page, pattern: str) -> None:
    """Mark the row of an origin for deletion."""
    rows = page.locator("tr.dynamic-origins.has_original")
    row = rows.filter(has=page.locator(f"input[name$=-pattern][value='{pattern}']"))
    row.locator("input[name$=-DELETE]").check()


def save(page: Page) -> None:
    """Save a page of the admin; assert that it says so."""
    page.click("input[name=_continue]")
    page.locator(".messagelist .success").wait_for()
