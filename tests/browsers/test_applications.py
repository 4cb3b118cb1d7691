"""A page of a browser extension: an origin with an application's scheme, in two real browsers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.browsers.conftest import API, Api
from tests.browsers.engines import Engine, chromium, firefox
from tests.browsers.proxy import Proxy
from tests.browsers.scripts import CALL
from tests.servers import PROMISED_SECONDS, eventually

pytestmark = pytest.mark.slow

EXTENSION = Path(__file__).with_name("extension")
UUID = "6f5b1f3e-0d7b-4a3d-9a53-2a9a0a1d9c11"

numbers = count()


class Installed(NamedTuple):
    """A browser that has the extension, and the origin of the extension's pages."""

    engine: Engine
    origin: str


@contextmanager
def in_chromium(proxy: Proxy, folder: Path) -> Iterator[Installed]:
    path = str(EXTENSION)
    arguments = [
        f"--load-extension={path}",
        f"--disable-extensions-except={path}",
        "--disable-features=DisableLoadExtensionCommandLineSwitch",
    ]
    # Chromium names an extension without a key by the hash of its path, in letters from a to p.
    digits = sha256(path.encode()).hexdigest()[:32]
    name = "".join(chr(ord("a") + int(digit, 16)) for digit in digits)
    with chromium(proxy, folder, arguments, ["--disable-extensions"]) as engine:
        yield Installed(engine, f"chrome-extension://{name}")


@contextmanager
def in_firefox(proxy: Proxy, folder: Path) -> Iterator[Installed]:
    uuids = json.dumps({"caller@example.org": UUID})
    with firefox(proxy, folder, {"extensions.webextensions.uuids": uuids}) as engine:
        engine.command("Addon:Install", path=str(EXTENSION), temporary=True)
        yield Installed(engine, f"moz-extension://{UUID}")


@pytest.fixture(scope="module", params=[in_chromium, in_firefox], ids=["Chromium", "Firefox"])
def installed(
    request: pytest.FixtureRequest, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    """Each browser in turn, on a page of the extension."""
    with request.param(proxy, tmp_path_factory.mktemp("extension") / "profile") as running:
        running.engine.visit(f"{running.origin}/page.html")
        yield running


def call(installed: Installed) -> dict[str, Any]:
    url = f"{API}/api/echo?{next(numbers)}"
    found: dict[str, Any] = installed.engine.run(CALL, url, {"method": "PUT"})
    return found


def is_read(answer: dict[str, Any]) -> bool:
    return answer.get("status") == 200


@pytest.mark.parametrize("entry", ["exact", "any host of the scheme"])
def test_a_page_of_an_extension_may_read_what_an_entry_allows(
    entry: str, installed: Installed, called: Proxy, api: Api
) -> None:
    scheme = installed.origin.partition("://")[0]
    pattern = installed.origin if entry == "exact" else f"{scheme}://*"
    add = f"Origin.objects.create(tenant=Tenant.objects.get(slug='api'), pattern='{pattern}')"
    remove = f"Origin.objects.filter(pattern='{pattern}').delete()"

    assert call(installed) == {"error": "TypeError"}
    api.run(f"from corsadmin.models import *; {add}")
    answer = eventually(lambda: call(installed), is_read, PROMISED_SECONDS)
    api.run(f"from corsadmin.models import *; {remove}")

    assert json.loads(answer["body"])["origin"] == installed.origin
    eventually(lambda: call(installed), lambda found: not is_read(found), PROMISED_SECONDS)
