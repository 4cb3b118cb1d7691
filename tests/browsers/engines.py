"""Two browsers behind one small interface: Chromium by Playwright, Firefox by Marionette."""

import base64
import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from playwright.sync_api import ConsoleMessage, Page, Playwright, sync_playwright

from tests.browsers.proxy import Proxy
from tests.servers import SECONDS, stop

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
# A browser without a proxy finds nobody but this machine.
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
# Debian's Chromium blocks the cookies of third parties unless told otherwise.
CHROMIUM_PREFERENCES = {"profile": {"cookie_controls_mode": 0}}
FIREFOX = "/usr/bin/firefox-esr"
FIREFOX_PREFERENCES = {
    "marionette.port": 0,
    "network.cookie.cookieBehavior": 0,
    "dom.security.https_first": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    # Nothing of its own to the network.
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.firstRunURL": "",
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Engine(Protocol):
    """A browser with one window."""

    name: str

    def visit(self, url: str) -> None:
        """Load a page."""

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function in the page; return what it returns.

        Its arguments are in the array `given`.
        """

    def screenshot(self, file: Path) -> None:
        """Save a picture of the page."""

    def console(self) -> list[str]:
        """Return what was written into the console."""

    def forget(self) -> None:
        """Forget all cookies, and what was written into the console."""


class Chromium:
    """Debian's Chromium."""

    name = "chromium"

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines: list[str] = []

        def note(message: ConsoleMessage) -> None:
            self.lines.append(message.text)

        page.on("console", note)

    def visit(self, url: str) -> None:
        self.page.goto(url)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.page.evaluate(f"async (given) => {{ {script} }}", list(arguments))

    def screenshot(self, file: Path) -> None:
        self.page.screenshot(path=file)

    def console(self) -> list[str]:
        return list(self.lines)

    def forget(self) -> None:
        self.page.context.clear_cookies()
        self.lines.clear()


class Firefox:
    """Debian's Firefox, spoken to by Marionette: lines of JSON over a socket."""

    name = "firefox"

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.number = 0
        self._receive()  # its greeting
        self.command("WebDriver:NewSession", acceptInsecureCerts=True)
        self.command("WebDriver:SetTimeouts", script=int(SECONDS * 1000))

    def command(self, name: str, **parameters: Any) -> Any:
        """Return the result of a command; RuntimeError with its error."""
        self.number += 1
        text = json.dumps([0, self.number, name, parameters])
        self.connection.sendall(f"{len(text.encode())}:{text}".encode())
        _kind, _number, error, result = self._receive()
        if error is not None:  # pragma: no cover (no test asks for what cannot be)
            message = f"{name}: {error}"
            raise RuntimeError(message)
        return result

    def visit(self, url: str) -> None:
        self.command("WebDriver:Navigate", url=url)

    def run(self, script: str, *arguments: Any) -> Any:
        body = (
            "const [given, done] = arguments;"
            f"(async () => {{ {script} }})().then(done, (error) => done('failed: ' + error));"
        )
        return self.command("WebDriver:ExecuteAsyncScript", script=body, args=[list(arguments)])[
            "value"
        ]

    def screenshot(self, file: Path) -> None:
        shot = self.command("WebDriver:TakeScreenshot", full=False)["value"]
        file.write_bytes(base64.b64decode(shot))

    def console(self) -> list[str]:
        script = "return Services.console.getMessageArray().map((line) => line.message)"
        return [str(line) for line in self._run_inside(script)]

    def forget(self) -> None:
        self._run_inside("Services.cookies.removeAll(); Services.console.reset();")

    def _run_inside(self, script: str) -> Any:
        """Run the body of a function in the browser itself; return what it returns."""
        self.command("Marionette:SetContext", value="chrome")
        returned = self.command("WebDriver:ExecuteScript", script=script, args=[])["value"]
        self.command("Marionette:SetContext", value="content")
        return returned

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self.stream.read(1)
            if not byte:  # pragma: no cover (only when Firefox crashes)
                message = "Firefox has gone"
                raise RuntimeError(message)
            length += byte
        return json.loads(self.stream.read(int(length[:-1])))


@cache
def playwright() -> Playwright:
    """Start Playwright. A thread can run only one, so the last user stops it."""
    return sync_playwright().start()


@contextmanager
def chromium(
    proxy: Proxy, folder: Path, more: Sequence[str] = (), without: Sequence[str] = ()
) -> Iterator[Chromium]:
    """Run Chromium behind a proxy, with a profile in the folder.

    `more` are arguments of its own, `without` those that Playwright would give it.
    """
    preferences = folder / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps(CHROMIUM_PREFERENCES))
    arguments = [
        *CHROMIUM_ARGUMENTS,
        f"--proxy-server=http://127.0.0.1:{proxy.server_port}",
        "--proxy-bypass-list=<-loopback>",
        f"--ignore-certificate-errors-spki-list={proxy.key_hash}",
        *more,
    ]
    context = playwright().chromium.launch_persistent_context(
        folder,
        executable_path=CHROMIUM,
        args=arguments,
        headless=True,
        ignore_default_args=list(without),
    )
    with context:
        yield Chromium(context.pages[0])


@contextmanager
def firefox(
    proxy: Proxy, folder: Path, more: Mapping[str, object] = MappingProxyType({})
) -> Iterator[Firefox]:
    """Run Firefox behind a proxy, with a profile in the folder; `more` are preferences."""
    ports = {
        "network.proxy.http_port": proxy.server_port,
        "network.proxy.ssl_port": proxy.server_port,
    }
    preferences = {**FIREFOX_PREFERENCES, **ports, **more}
    folder.mkdir(parents=True)
    (folder / "user.js").write_text(
        "".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in preferences.items())
    )
    options = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
    process = subprocess.Popen(
        [FIREFOX, *options, "--profile", str(folder)],
        env={**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if "Listening on port" in line:
                break
        else:  # pragma: no cover (only when Firefox does not start)
            raise RuntimeError(said)
        port = int(said.rsplit(maxsplit=1)[-1])
        with socket.create_connection(("127.0.0.1", port), timeout=2 * SECONDS) as connection:
            engine = Firefox(connection)
            yield engine
            engine.stream.close()
    finally:
        stop(process)
        process.stdout.close()
