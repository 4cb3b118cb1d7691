"""docs/rest-framework.md, done as it is written: its files, its commands, its button in two browsers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.browsers.engines import Engine
from tests.browsers.proxy import Proxy
from tests.servers import ROOT, SECONDS, eventually

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "rest-framework.md"
BLOCK = re.compile(
    r"(?:(?P<verb>Save this as|[Aa]t the end of)\s+`(?P<file>[^`\n]+)`:\n\n)?"
    r"^```(?P<kind>\w+)\n(?P<text>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
# What a test has already, or runs beside it.
INSTALLING = ("python3 -m venv", ".venv/bin/pip install")
SERVERS = ("manage.py runserver 8000", "-m http.server 3000")

RESTART_SECONDS = 8.0  # the server has restarted by then, if it has seen the change
PRESS = """
document.querySelector("button").click();
const shown = document.querySelector("p");
while (shown.innerText === "" || shown.innerText === "…") {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
return shown.innerText;
"""
ORDERED = '201 {"ordered":"a book","by":"ann"}'


class Reader:
    """Somebody who does what the page says, section by section, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".venv").symlink_to(sys.prefix)
        self.sections = PAGE.read_text(encoding="utf-8").split("\n## ")
        self.env: Mapping[str, str] = {
            **{name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def do(self, number: int) -> str:
        """Do all that a section says; return what its last command printed."""
        return [*self.steps(number)][-1]

    def steps(self, number: int) -> Iterator[str]:
        """Write a file or run commands, block by block; yield what the last command printed."""
        said = ""
        for match in BLOCK.finditer(self.sections[number]):
            if match["kind"] == "sh":
                for command in filter(is_run, match["text"].splitlines()):
                    said = self._run(command)
            elif match["file"]:
                file = self.folder / match["file"]
                file.parent.mkdir(exist_ok=True)
                before = "" if match["verb"] == "Save this as" else file.read_text()
                file.write_text(before + match["text"], encoding="utf-8")
            yield said

    def save_again(self) -> None:
        """Save the settings once more: a server that was just starting has not seen it."""
        os.utime(self.folder / "shop" / "settings.py")

    def quoted(self, number: int) -> str:
        """Return what a section says that a command prints."""
        return next(
            match["text"]
            for match in BLOCK.finditer(self.sections[number])
            if match["kind"] == "text"
        )

    @contextmanager
    def serve(self, server: str, port: int) -> Iterator[None]:
        """Run one of the page's servers at another port than it says."""
        (line,) = (
            line
            for line in self.sections[3].splitlines()
            if server in line and line.startswith(".")
        )
        written = server.rsplit(maxsplit=1)[-1]
        command = line.replace(f" {written}", f" {port}")
        with (self.folder / f"{port}.log").open("wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"], cwd=self.folder, env=self.env,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            eventually(lambda: is_open(port), bool, SECONDS)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()

    def _run(self, command: str) -> str:
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self.env, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

        assert done.returncode == 0, command + done.stdout + done.stderr
        return done.stdout


def is_run(command: str) -> bool:
    """Report whether a command is run where the page says it."""
    is_server = any(server in command for server in SERVERS)
    return not is_server and not command.startswith(INSTALLING)


def is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Pressing:
    """The button of the page at one of its addresses, in each browser."""

    def __init__(self, browsers: Sequence[Engine], address: str, reader: Reader) -> None:
        self.browsers = browsers
        self.reader = reader
        for browser in browsers:
            browser.visit(address)

    def until(self, wanted: str) -> None:
        """Press the button of each until it shows something: the server may be restarting.

        Django's reloader misses what is saved after a file was imported and before it looks at the
        file for the first time.
        """
        saved = time.monotonic()

        def press() -> list[str]:
            nonlocal saved
            if time.monotonic() > saved + RESTART_SECONDS:
                self.reader.save_again()
                saved = time.monotonic()
            return [browser.run(PRESS) for browser in self.browsers]

        eventually(press, lambda shown: all(wanted in one for one in shown), SECONDS)


def test_the_page_leads_a_newcomer_to_a_post_that_works(
    running_chromium: Engine, running_firefox: Engine, proxy: Proxy, tmp_path: Path
) -> None:
    browsers = [running_chromium, running_firefox]
    reader = Reader(tmp_path)
    reader.do(1)
    reader.do(2)
    reader.do(3)
    ports = [free_port(), free_port()]
    with ExitStack() as running:
        for server, port in zip(SERVERS, ports, strict=True):
            running.enter_context(reader.serve(server, port))
        proxy.routes |= {
            "localhost:8000": ports[0], "localhost:3000": ports[1], "127.0.0.1:3000": ports[1],
        }  # fmt: skip
        press = Pressing(browsers, "http://localhost:3000/", reader)
        press.until("Origin checking failed - http://localhost:3000 does not match")

        said = reader.do(4)
        for line in reader.quoted(4).splitlines():
            assert line in said
        press.until(ORDERED)

        press = Pressing(browsers, "http://127.0.0.1:3000/", reader)
        press.until("blocked: ")
        for _said, wanted in zip(
            reader.steps(5),
            ["Origin checking failed - http://127.0.0.1:3000", "CSRF cookie not set", ORDERED],
            strict=True,
        ):
            press.until(wanted)
