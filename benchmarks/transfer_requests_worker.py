"""The processes beside an import: `writer PATH FD` imports, `worker PATH FD` serves requests."""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from benchmarks import traffic  # noqa: E402
from benchmarks.lines import Line  # noqa: E402
from benchmarks.rivals import MIDDLEWARES, View  # noqa: E402
from corsadmin.engine.headers import ACAO  # noqa: E402

PAUSE = 0.0005  # between two requests
ALONE = 6_000  # requests without an import beside them


class Worker:
    """Asks the middleware for what the import will allow, and keeps how long each request took."""

    def __init__(self, path: Path) -> None:
        self.view = View()
        self.middleware = MIDDLEWARES["corsadmin"](self.view)
        # The last tenant of the file is written last.
        tenant = json.loads(path.read_text())["tenants"][-1]
        self.host, self.origin = tenant["hosts"][0], tenant["origins"][-1]["pattern"]

    def ask(self) -> tuple[float, bool]:
        """Return how long one request took, and whether it was allowed."""
        self.view.prepare(1)
        environ = traffic.environ(traffic.get(self.origin), host=self.host)
        request = traffic.fresh_requests(lambda _: environ, 1)[0]
        began = time.perf_counter()
        headers = self.middleware(request).headers
        return time.perf_counter() - began, ACAO in headers

    def work(self, line: Line) -> None:
        """Warm up, then answer each wish with p99.9, the slowest (ms) and the time of the end."""
        for _ in range(100):
            self.ask()
            time.sleep(PAUSE)
        line.tell("ready")
        while True:
            is_import = line.read() == "import"
            spans: list[float] = []
            allowed = False
            while not allowed if is_import else len(spans) < ALONE:
                span, allowed = self.ask()
                spans.append(span)
                time.sleep(PAUSE)
            ended = time.monotonic()
            spans.sort()
            p999 = spans[int(len(spans) * 0.999)]
            line.tell(f"{p999 * 1_000} {spans[-1] * 1_000} {ended}")


def write(path: str, line: Line) -> None:
    """Make the tables, then import and tell when that was committed."""
    call_command("migrate", verbosity=0, skip_checks=True)
    line.tell("ready")
    line.read()

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        result = execute(sql, *arguments)
        if "INSERT INTO" in sql and "corsadmin_move" in sql:
            transaction.on_commit(lambda: line.tell(repr(time.monotonic())))
        return result

    with connection.execute_wrapper(watch):
        call_command("cors_import", path, verbosity=0)
    time.sleep(60)  # the harness ends it


if __name__ == "__main__":
    role, name, number = sys.argv[1:]
    own = Line(socket.socket(fileno=int(number)), None)
    if role == "writer":
        write(name, own)
    else:
        Worker(Path(name)).work(own)
