"""The demo's pages as a person uses them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

from project.frontend_server import make_server
from tests.browsers.shell import Run, shell
from tests.servers import ROOT, Site, environment, serve

USERNAME = "demo"
PASSWORD = "only-for-the-tests"


class Demo(NamedTuple):
    """A running demo: its API, the port of its front end, what runs code beside it."""

    api: Site
    front_port: int
    run: Run

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


def command(*arguments: str) -> str:
    """Return the code that runs a management command."""
    return f"from django.core.management import call_command; call_command(*{arguments})"


def prepare(file: Path) -> None:
    """Make a database file with the demo's sample policies and somebody who may log in."""
    env = environment(file, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    with shell(env) as run:
        run(command("migrate", "--verbosity=0"))
        run(command("cors_import", str(ROOT / "project" / "sample" / "policies.json")))
        run(command("createsuperuser", "--noinput", f"--username={USERNAME}", "--email="))


@contextmanager
def served(env: Mapping[str, str], folder: Path, run: Run) -> Iterator[Demo]:
    """Serve both halves of the demo; their logs go to the folder, and `run` is the shell's."""
    with serve("gunicorn gthread", folder, env) as api, make_server(0) as front:
        thread = threading.Thread(target=front.serve_forever, daemon=True)
        thread.start()
        try:
            yield Demo(api, front.server_port, run)
        finally:
            front.shutdown()
            thread.join()


def press(page: Page, button: str) -> str:
    """Press a button of the front end and return the state it ends in: allowed, blocked, error."""
    page.click(f"#{button}")
    panel = page.locator(f"#result-{button}")
    panel.and_(page.locator(":not([data-state=pending]):not([data-state=idle])")).wait_for()
    return panel.get_attribute("data-state") or ""


def log_in(page: Page, demo: Demo) -> None:
    """Log into the admin."""
    page.goto(f"{demo.api_url}/admin/")
    page.fill("[name=username]", USERNAME)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    # Themes hide it in a menu.
    page.locator("#logout-form").wait_for(state="attached")


def add_origin(page: Page, pattern: str) -> None:
    """Fill the empty row of a tenant's origins."""
    row = page.locator("tr.dynamic-origins:not(.has_original)").last
    row.locator("input[name$=-pattern]").fill(pattern)


def save(page: Page) -> None:
    """Save a page of the admin; assert that it says so."""
    page.click("input[name=_continue]")
    page.locator(".messagelist .success").first.wait_for()
