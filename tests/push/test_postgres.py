"""Hints through PostgreSQL: heard on the very connection that polls."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin import push
from corsadmin.models import generation
from corsadmin.push.postgres import PostgresListener
from corsadmin.push.wakeup import wake_event
from corsadmin.serving.connection import own_connection
from corsadmin.serving.store import Store
from tests.databases import wait_until
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says
from tests.push.commits import SECONDS, deaf_commit
from tests.serving.databases import Database
from tests.serving.snapshots import allowed

NEW = "https://new.example.com"

pytestmark = pytest.mark.slow


@pytest.fixture
def line(postgresql: Database) -> Iterator[BaseDatabaseWrapper]:
    """The connection of a refresher."""
    made = own_connection("default")
    made.ensure_connection()
    yield made
    made.close()


@pytest.fixture
def fresh(line: BaseDatabaseWrapper) -> Iterator[PostgresListener]:
    """A listener that has not begun to listen."""
    made = push.listen("default")
    assert isinstance(made, PostgresListener)
    yield made
    made.stop()


@pytest.fixture
def hint(fresh: PostgresListener, line: BaseDatabaseWrapper) -> Callable[[float], bool]:
    """Wait for a hint with a listener that listens."""
    assert fresh.begin(line)  # what came before may have been missed
    assert not fresh.begin(line)
    return fresh.wait


def end(line: BaseDatabaseWrapper) -> None:
    """Have the server close a connection, and wait until it has."""
    pid = line.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_it_hints_with_the_commit_and_not_before(hint: Callable[[float], bool]) -> None:
    with transaction.atomic():
        with generation.change() as change:
            change.touch_all()
        with generation.change() as change:
            change.touch_all()
        transaction.get_connection().run_on_commit = []  # this process's own wake-up
        assert not hint(0.2)

    assert hint(SECONDS)


def test_it_hints_of_nothing_that_was_rolled_back(hint: Callable[[float], bool]) -> None:
    with transaction.atomic():
        make_site()
        transaction.set_rollback(True)

    assert not hint(0.3)


def test_many_hints_end_one_wait(hint: Callable[[float], bool]) -> None:
    with connection.cursor() as cursor:
        for _ in range(10):
            cursor.execute("NOTIFY corsadmin")
        cursor.execute("SELECT 1")
    assert hint(SECONDS)

    wait_until(lambda: not hint(0.2))  # the last of them may have come a moment later


def test_a_hint_that_comes_beside_the_answer_to_a_poll_ends_the_next_wait(
    hint: Callable[[float], bool], line: BaseDatabaseWrapper
) -> None:
    with line.cursor() as cursor:
        cursor.execute("BEGIN")
        with deaf_commit():
            make_site()  # the server tells of it after the transaction
        cursor.execute("COMMIT")
        cursor.execute("SELECT 1")

    assert hint(SECONDS)


def test_the_bell_of_the_process_ends_a_wait_too(hint: Callable[[float], bool]) -> None:
    threading.Timer(0.05, wake_event.set).start()

    assert hint(SECONDS)


def test_r07_a_connection_that_is_cut_off_ends_a_wait_and_the_next_one_listens(
    hint: Callable[[float], bool], fresh: PostgresListener, line: BaseDatabaseWrapper
) -> None:
    end(line)
    assert hint(SECONDS)
    line.close()
    assert not fresh.begin(line)
    assert not hint(0)

    line.connect()

    assert fresh.begin(line)
    with deaf_commit():
        make_site()
    assert hint(SECONDS)


def test_a_server_that_refuses_to_tell_leaves_the_poll(
    fresh: PostgresListener, line: BaseDatabaseWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    end(line)

    assert not fresh.begin(line)

    assert not fresh.wait(0.0)
    assert_says(caplog.text, "log-no-push-postgres")


def test_a_listener_leaves_the_connection_to_who_owns_it(
    fresh: PostgresListener, hint: Callable[[float], bool]
) -> None:
    fresh.reconnect()

    with deaf_commit():
        make_site()
    assert hint(SECONDS)


def test_r07_a_process_that_was_cut_off_catches_up_with_the_next_poll(
    postgresql: Database, settings: Any, make_store: Callable[..., Store]
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0.2}
    acme = make_site()
    held = make_store()
    held.current()
    refresher = held._refresher
    assert refresher is not None
    wait_until(
        lambda: refresher._connection is not None and refresher._connection.connection is not None
    )
    assert refresher._connection is not None
    first = refresher._connection.connection

    end(refresher._connection)
    with deaf_commit():
        OriginFactory(tenant=acme, pattern=NEW)

    wait_until(lambda: allowed(held.current().snapshot, NEW))  # type: ignore[arg-type]
    assert refresher._connection.connection is not first


def test_psycopg_2_cannot_listen_but_can_hint(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corsadmin.push.postgres.is_psycopg3", False)

    assert push.listen("default") is None
