"""Where the tables of sightings are locked or fail, nothing else waits for them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from corsadmin.models import Origin, Sighting
from corsadmin.serving import refresher
from corsadmin.serving.connection import own_connection
from corsadmin.serving.store import Store
from corsadmin.sightings import pacing
from corsadmin.sightings import thread as module
from corsadmin.sightings.process import ProcessSightings
from corsadmin.sightings.ring import Ring
from corsadmin.sightings.thread import DrainThread
from tests.databases import Postgres, folder_for, wait_until
from tests.factories import make_site
from tests.servers import ROOT
from tests.serving.databases import Database, alias_leads_to
from tests.serving.snapshots import allowed
from tests.sightings.calls import APP, EVIL, text

EXITING = """
import django
django.setup()
from django.test import Client
client = Client(headers={"host": "acme.example.net", "origin": "https://evil.example"})
client.get("/api/none")
from corsadmin.sightings.process import process_sightings
from tests.databases import Postgres, folder_for, wait_until
wait_until(lambda: process_sightings._thread is not None)
"""


@contextmanager
def locked() -> Iterator[None]:
    """Lock the table of sightings against every writer and reader."""
    other = own_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE corsadmin_sighting IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        other.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def lets_in(process: ProcessSightings) -> bool:
    snapshot = process._store.current().snapshot
    return snapshot is None or allowed(snapshot, APP)


@contextmanager
def writing_at_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessSightings]:
    """Yield a process whose refresher polls, and whose drain writes at once."""
    settings.CORSADMIN = {"REFRESH_SECONDS": 0.1, "PUSH": "off"}
    monkeypatch.setattr(pacing, "MAX_WAIT", 0.01)
    monkeypatch.setattr(pacing, "FLUSH_SECONDS", 0.0)
    make_site(origins=[APP])
    store = Store()
    made = ProcessSightings(Ring(), store)
    made.want()
    store.observers.add(made.refreshed)
    store.current()
    wait_until(lambda: made._thread is not None)
    try:
        yield made
    finally:
        store.close()
        made.close()


@pytest.fixture
def process(
    postgresql: Database, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ProcessSightings]:
    with writing_at_once(settings, monkeypatch) as made:
        yield made


@pytest.mark.slow
def test_a_revocation_is_as_fast_while_the_table_is_locked(process: ProcessSightings) -> None:
    with locked():
        process._ring.append(text())
        wait_until(somebody_waits)

        Origin.objects.all().delete()

        wait_until(lambda: not lets_in(process))
        assert somebody_waits()  # all the while


@pytest.mark.slow
def test_a_locked_table_costs_what_was_to_be_written_and_no_more(process: ProcessSightings) -> None:
    with locked():
        process._ring.append(text())
        wait_until(lambda: process.is_failing)  # the statement's time was up
    process._ring.append(text("https://later.example"))

    wait_until(Sighting.objects.exists)
    assert Sighting.objects.get().origin == "https://later.example"


@pytest.mark.slow
def test_a_last_flush_that_hangs_is_cut_off(
    process: ProcessSightings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_STOP_SECONDS", 0.5)
    thread = process._thread
    assert thread is not None
    with locked():
        process._ring.append(text())
        wait_until(somebody_waits)

        process._store.close()  # so that it is not started anew
        thread.stop()

        assert not thread.alive


@pytest.mark.slow
def test_a_database_that_answers_nothing_any_more_is_let_go(
    django_db_blocker: DjangoDbBlocker, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suspended, or left behind by a failover: no time-out of the server's own ends the wait."""
    monkeypatch.setattr(module, "MAX_SILENT_SECONDS", 0.5)
    monkeypatch.setattr(refresher, "MAX_SILENT_SECONDS", 0.5)
    with folder_for("hung") as folder, Postgres(folder) as server:
        server.execute("CREATE DATABASE hung")
        with django_db_blocker.unblock(), alias_leads_to(server.settings("hung")):
            call_command("migrate", verbosity=0)
            with writing_at_once(settings, monkeypatch) as process:
                process._ring.append(text())
                wait_until(Sighting.objects.exists)
                server.pause()

                # Requests see to the refresher, and that to the thread.
                wait_until(lambda: (process._store.current(), process.is_failing)[1])

                server.resume()
                process._ring.append(text("https://later.example"))
                wait_until(lambda: Sighting.objects.count() == 2)


class Counting:
    """Work that is counted; to tidy takes until the thread is to end."""

    def __init__(self) -> None:
        self.drained = self.written = self.tidied = 0

    def drain(self) -> int:
        self.drained += 1
        return 0

    def write(self, alias: str) -> None:
        self.written += 1

    def tidy(self, alias: str, between: Callable[[], object]) -> None:
        self.tidied += 1
        while True:
            between()


class Failing(Counting):
    def drain(self) -> int:
        message = "not foreseen"
        raise ValueError(message)


@pytest.fixture
def _hurried(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MAX_WAIT", 0.01)


@pytest.mark.usefixtures("_hurried")
def test_a_drain_that_fails_ends_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    thread = DrainThread(Failing(), "default")
    wait_until(lambda: not thread.alive)

    assert [(record.name, record.levelname) for record in caplog.records] == [
        ("corsadmin", "ERROR")
    ]
    thread.stop()


@pytest.mark.usefixtures("_hurried")
def test_between_two_flushes_it_only_drains() -> None:
    work = Counting()
    thread = DrainThread(work, "default")
    wait_until(lambda: work.drained > 5)
    assert work.written == 0

    thread.stop()

    assert (work.written, work.tidied) == (1, 0)


@pytest.mark.usefixtures("_hurried")
def test_it_drains_and_writes_while_it_tidies_and_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To tidy may take ten minutes, and a process that is killed loses what it has not written."""
    monkeypatch.setattr(pacing, "FLUSH_SECONDS", 0.001)
    work = Counting()
    thread = DrainThread(work, "default")
    wait_until(lambda: work.drained > 2 * work.written > 10)

    thread.stop()

    assert (thread.alive, work.tidied) == (False, 1)


@pytest.mark.slow
def test_a_process_that_ends_writes_once_more(sqlite: Database) -> None:
    make_site()
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": sqlite.url,
        "SECRET_KEY": "only-for-the-tests",
        "ALLOWED_HOSTS": "*",
        "CORSADMIN_REFRESH_SECONDS": "0.1",
    }

    done = subprocess.run(
        [sys.executable, "-c", EXITING],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert Sighting.objects.get().origin == EVIL
