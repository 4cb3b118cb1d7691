"""The processes of the propagation harness: `machine FD FD`, two workers, or `writer FD`.

A machine is a parent that has loaded the application and forks its workers, as gunicorn does with
--preload. Each worker asks the middleware all the while, and says when its answer changed.
"""

import logging
import os
import socket
import sys
import threading
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

import django
from django.conf import settings

django.setup()
settings.CORSADMIN = {
    "REFRESH_SECONDS": float(os.environ["REFRESH"]),
    "PUSH": os.environ.get("PUSH", "auto"),
}

from benchmarks import propagation_changes, traffic  # noqa: E402
from benchmarks.lines import Line  # noqa: E402
from benchmarks.rivals import MIDDLEWARES, View  # noqa: E402
from corsadmin.engine.headers import ACAO  # noqa: E402

logging.getLogger("corsadmin").setLevel(logging.ERROR)  # outages are part of the plan
IDLE_SECONDS = 0.0005  # between two looks of a worker that is not loaded


class Worker:
    """Asks for ever. Tells the harness when it watches, and when the answer is the wanted one."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.view = View()
        self.middleware = MIDDLEWARES["corsadmin"](self.view)
        self.wanted: tuple[str, bool] | None = None
        self.slowest = 0.0

    def is_allowed(self, origin: str) -> bool:
        self.view.prepare(1)
        environ = traffic.environ(traffic.get(origin), host=propagation_changes.HOST)
        request = traffic.fresh_requests(lambda _: environ, 1)[0]
        started = time.monotonic()
        headers = self.middleware(request).headers
        self.slowest = max(self.slowest, time.monotonic() - started)
        return ACAO in headers

    def hear(self) -> None:
        """Read what is wanted next: an origin, and whether it is to be allowed."""
        while True:
            origin, allowed = self.line.read().split()
            if origin == "ping":
                self.line.tell(repr(time.monotonic()))
                continue
            self.wanted = (origin, allowed == "True")
            self.slowest = 0.0

    def work(self, *, loaded: bool) -> None:
        self.is_allowed("https://nobody.example.com")  # the first request starts the refresher
        threading.Thread(target=self.hear, daemon=True).start()
        self.line.tell("ready")
        watched = None
        while True:
            wanted = self.wanted
            if wanted is None:
                self.is_allowed("https://nobody.example.com")
            elif self.is_allowed(wanted[0]) is wanted[1]:
                answer = f"{time.monotonic()!r} {self.slowest!r}"
                self.wanted = watched = None  # before the harness may want something else
                self.line.tell(answer)
            elif wanted is not watched:
                self.line.tell("watching")
                watched = wanted
            if not loaded:
                time.sleep(IDLE_SECONDS)


def machine(numbers: list[int]) -> None:
    for number in numbers:
        if not os.fork():
            Worker(line_of(number)).work(loaded=os.environ["LOAD"] == "1")
    os.wait()


def writer(number: int) -> None:
    propagation_changes.prepare()
    line = line_of(number)
    line.tell("ready")
    while True:
        line.tell(repr(propagation_changes.commit(int(line.read()))))


def line_of(number: int) -> Line:
    """Open the socket that the harness has passed on."""
    return Line(socket.socket(fileno=number), None)


if __name__ == "__main__":
    role, *given = sys.argv[1:]
    fds = [int(number) for number in given]
    if role == "writer":
        writer(fds[0])
    else:
        machine(fds)
