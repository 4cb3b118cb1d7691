"""Fill a database, or ask for every page of the admin; in a process of its own, with its URL."""

import json
import sys
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.processor import Processor
from tests.admin.forms import fields_of

if TYPE_CHECKING:
    from django.test import Client

    from benchmarks.admin_pages import Page

CONFIRMED: Final = {"change_reason": "OPS-1", "confirm_lockout": "on"}


def main() -> None:
    """Do `fill TENANTS` or `measure TIMES [WORD]`; the latter prints a line for each page."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 (Django must be set up)

    from benchmarks import admin_dataset  # noqa: PLC0415

    task, number, *words = sys.argv[1:]
    if task == "fill":
        call_command("migrate", verbosity=0, skip_checks=True)
        admin_dataset.fill(int(number))
    else:
        measure(int(number), words)


def measure(times: int, words: list[str]) -> None:
    """Print who, group, name, milliseconds and queries of each page whose text has all words.

    The fastest request counts: the others also measure what else the machine does.
    """
    import corsadmin  # noqa: PLC0415
    from benchmarks.admin_pages import pages, people  # noqa: PLC0415

    corsadmin.refresh()
    clients, clock = people(), Processor()
    for page in pages():
        if all(word in f"{page.who} {page.group} {page.name}" for word in words):
            again = range(1 if page.sent else times)
            asked = [ask(clients[page.who], page, clock) for _time in again]
            milliseconds, queries = min(asked)
            line = [page.who, page.group, page.name, milliseconds, queries]
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


def ask(client: "Client", page: "Page", clock: Processor) -> tuple[float, int]:
    """Return how many milliseconds and queries a page takes; what it writes is undone."""
    from django.db import connection, reset_queries, transaction  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    sent = page.sent
    if page.pressed:
        shown = client.post(page.path, sent)
        sent = {**fields_of(shown), **CONFIRMED, page.pressed: "Confirm"}

    def answer() -> Any:
        if sent is None:
            return client.get(page.path)
        with transaction.atomic():
            response = client.post(page.path, sent)
            transaction.set_rollback(True)
        return response

    reset_queries()  # the log has an end
    with CaptureQueriesContext(connection) as captured:
        began = clock.nanoseconds()
        response = answer()
        milliseconds = (clock.nanoseconds() - began) / 1_000_000
    if response.status_code not in {200, 302} or (page.pressed and response.status_code != 302):
        message = f"{page}: {response.status_code}"
        raise RuntimeError(message)
    return milliseconds, len(captured)


if __name__ == "__main__":
    main()
