"""The demo behind a real server, its front end on another port, and browsers to look at them."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from project.frontend_server import make_server
from tests.browsers.demo import PASSWORD, USERNAME, Demo
from tests.servers import ROOT, environment, manage, serve

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo's sample policies and somebody who may log in."""
    file = tmp_path_factory.mktemp("prepared") / "demo.sqlite3"
    env = environment(file, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    manage(env, "migrate", "--verbosity", "0")
    manage(env, "cors_import", str(ROOT / "project" / "sample" / "policies.json"))
    manage(env, "createsuperuser", "--noinput", "--username", USERNAME, "--email", "")
    return file


@pytest.fixture
def demo(prepared: Path, tmp_path: Path) -> Iterator[Demo]:
    """The demo, as after its first start."""
    database = Path(shutil.copy(prepared, tmp_path))
    env = environment(database, ALLOWED_HOSTS=".localhost,localhost,127.0.0.1")
    with serve("gunicorn gthread", tmp_path, env) as api, make_server(0) as front:
        thread = threading.Thread(target=front.serve_forever, daemon=True)
        thread.start()
        try:
            yield Demo(api, front.server_port, env)
        finally:
            front.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Of a module, for its event loop must not meet that of other tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
