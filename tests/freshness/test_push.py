"""Hints: they arrive at once, they may all be lost, and they never keep anybody waiting."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from corsadmin import generation, push
from corsadmin.connection import hang_up
from corsadmin.models import Tenant
from corsadmin.push import listening, publishing, subscribing
from corsadmin.push.postgres import PostgresListener
from corsadmin.push.publishing import Breaker
from corsadmin.push.subscribing import RedisListener
from corsadmin.store import Store
from corsadmin.wake import bell
from tests.databases import Postgres, Redis, folder_for, free_port, wait_until
from tests.factories import OriginFactory, make_site
from tests.freshness.conftest import Clock
from tests.freshness.databases import Database, Templates, alias_leads_to
from tests.freshness.snapshots import allowed

APP = "https://app.example.com"
NEW = "https://new.example.com"
SECONDS = 30.0

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(listening, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(subscribing, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(publishing, "breaker", Breaker())
    bell.wait(0)


@contextmanager
def listener(made: Any) -> Iterator[Any]:
    """Yield a listener once it listens; stop it in the end."""
    assert made is not None
    assert bell.wait(SECONDS)  # it rings when it has begun to listen
    yield made
    made.stop()
    wait_until(lambda: not made.alive)


@contextmanager
def deaf_commit() -> Iterator[None]:
    """A commit that does not ring this process's own bell, as another process's does not."""
    ring, bell.ring = bell.ring, lambda: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        bell.ring = ring  # type: ignore[method-assign]


def test_postgresql_hints_with_the_commit_and_not_before(
    postgresql: Database, in_a_thread: Callable[[Callable[[], object]], object]
) -> None:
    with listener(push.listen("default")):
        with transaction.atomic():
            with generation.change() as change:
                change.touch_all()
            with generation.change() as change:
                change.touch_all()
            transaction.get_connection().run_on_commit = []  # this process's own bell
            assert not bell.wait(0.2)

        assert bell.wait(SECONDS)


def test_postgresql_hints_of_nothing_that_was_rolled_back(postgresql: Database) -> None:
    with listener(push.listen("default")):
        with transaction.atomic():
            make_site()
            transaction.set_rollback(True)

        assert not bell.wait(0.3)


def test_r07_a_listener_that_was_cut_off_listens_again_then_looks(postgresql: Database) -> None:
    with listener(push.listen("default")), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
        )

        assert bell.wait(SECONDS)  # by itself: hints may have been missed

        cursor.execute("NOTIFY corsadmin")
        assert bell.wait(SECONDS)


def test_a_listener_starts_over_when_told_to(postgresql: Database) -> None:
    with listener(push.listen("default")) as listening_now:
        listening_now.reconnect()

        assert bell.wait(SECONDS)


def test_listeners_log_once_until_they_succeed(
    templates: Templates, django_db_blocker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="corsadmin")
    with folder_for("postgres") as folder, Postgres(folder) as server:
        with django_db_blocker.unblock():
            found = templates.postgres(server)
        server.stop()
        with django_db_blocker.unblock(), alias_leads_to(found.settings):
            made: Any = push.listen("default")
            wait_until(lambda: made._pause == listening.LONGEST_PAUSE)
            server.start()
            assert bell.wait(SECONDS)
            made.stop()
            wait_until(lambda: not made.alive)

    lines = [record.getMessage()[:24] for record in caplog.records]
    assert lines == ["No push hints for now (P", "Push hints arrive again "]


@pytest.mark.parametrize("value", ["off", "nonsense"])
def test_push_off_hints_nobody(postgresql: Database, settings: Any, value: str) -> None:
    settings.CORSADMIN = {"PUSH": value}
    assert push.listen("default") is None
    with postgresql_listener(), deaf_commit():
        make_site()

        assert not bell.wait(0.2)


@contextmanager
def postgresql_listener() -> Iterator[PostgresListener]:
    with listener(PostgresListener("default")) as made:
        yield made


def test_auto_is_nothing_on_sqlite(sqlite: Database) -> None:
    assert push.listen("default") is None
    make_site()


def test_psycopg_2_cannot_listen_but_can_hint(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corsadmin.push.postgres.is_psycopg3", False)

    assert push.listen("default") is None


def test_a_listener_that_cannot_be_made_leaves_the_poll(
    sqlite: Database,
    settings: Any,
    make_store: Callable[..., Store],
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0.05, "PUSH": "redis://127.0.0.1:no/0"}
    held = make_store()

    assert held.current().doubt is None
    wait_until(lambda: "the poll alone finds changes" in caplog.text)


# Redis ------------------------------------------------------------------------------------------


@pytest.fixture
def redis_push(redis_server: Redis, settings: Any) -> str:
    settings.CORSADMIN = {"PUSH": redis_server.url}
    return redis_server.url


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
def test_redis_hints_after_the_commit(
    sqlite: Database, redis_push: str, settings: Any, scheme: str
) -> None:
    settings.CORSADMIN = {"PUSH": redis_push.replace("redis", scheme)}
    with listener(push.listen("default")):
        with transaction.atomic(), deaf_commit():
            make_site()
            assert not bell.wait(0.2)

        assert bell.wait(SECONDS)


def test_r20_redis_that_is_down_fails_no_save(
    sqlite: Database, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CORSADMIN = {"PUSH": f"redis://127.0.0.1:{free_port()}/0"}

    make_site(origins=[APP])

    assert Tenant.objects.filter(slug="acme").exists()
    assert caplog.text.count("No push hints can be sent") == 1


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as hole:
        yield hole.getsockname()[1]


def test_r22_a_black_hole_holds_up_a_hundred_saves_for_less_than_a_second(
    sqlite: Database, settings: Any, black_hole: int
) -> None:
    acme = make_site()
    settings.CORSADMIN = {"PUSH": f"redis://127.0.0.1:{black_hole}/0"}
    spent = []

    for number in range(100):
        with transaction.atomic():
            OriginFactory(tenant=acme, pattern=f"https://n{number}.example")
            started = time.monotonic()
        spent.append(time.monotonic() - started)

    assert sum(spent) - 100 * sorted(spent)[50] < 1.0


@contextmanager
def own_redis() -> Iterator[Redis]:
    with folder_for("redis") as folder, Redis(folder) as server:
        yield server


def test_r22_a_listener_leaves_a_server_that_has_gone_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with own_redis() as server, listener(RedisListener(server.url)):
        server.pause()
        wait_until(lambda: "No push hints for now" in caplog.text)
        bell.wait(0)

        server.resume()

        assert bell.wait(SECONDS)


def test_r07_a_subscriber_that_was_cut_off_subscribes_again_then_looks() -> None:
    with own_redis() as server, listener(RedisListener(server.url)):
        server.kill()
        server.start()

        assert bell.wait(SECONDS)


def test_r23_whatever_is_said_on_the_channel_is_only_a_hint(
    redis_server: Redis, sqlite: Database, settings: Any, make_store: Callable[..., Store]
) -> None:
    settings.CORSADMIN = {"PUSH": redis_server.url, "REFRESH_SECONDS": 60}
    make_site(origins=[APP])
    held = make_store()
    held.current()
    client = subscribing.client(redis_server.url)
    for garbage in (b"\xff\x00", b"", b"x" * 100_000):
        client.publish(publishing.CHANNEL, garbage)
    client.set(publishing.CHANNEL, "a value of the same name")
    client.flushall()

    view = held.current()

    assert view.snapshot is not None
    assert allowed(view.snapshot, APP)
    client.close()


def test_the_breaker_tries_again_after_a_while(clock: Clock) -> None:
    breaker, calls = Breaker(clock), []

    def fail() -> None:
        calls.append(clock.now)
        raise ConnectionError

    breaker.call(fail)
    breaker.call(fail)
    clock.now += publishing.OPEN_SECONDS
    breaker.call(fail)
    clock.now += publishing.OPEN_SECONDS
    breaker.call(lambda: calls.append(clock.now))

    assert calls == [1_000.0, 1_030.0, 1_060.0]


# Together ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_another_process_is_enforcing_long_before_the_next_poll(
    kind: str,
    postgresql: Database,
    redis_server: Redis,
    settings: Any,
    make_store: Callable[..., Store],
) -> None:
    settings.CORSADMIN = {
        "REFRESH_SECONDS": 60.0,
        "PUSH": "auto" if kind == "postgresql" else redis_server.url,
    }
    acme = make_site(origins=[APP])
    held = make_store()
    held.current()
    wait_until(lambda: held._refresher is not None and held._refresher._listener is not None)

    def sees() -> bool:
        view = held.current()
        return view.snapshot is not None and allowed(view.snapshot, NEW)

    polled = held._confirmed
    wait_until(lambda: held._confirmed > polled or held._refresher is not None)
    with transaction.atomic(), deaf_commit():
        OriginFactory(tenant=acme, pattern=NEW)
    started = time.monotonic()

    wait_until(sees)

    assert time.monotonic() - started < SECONDS


# Connections ------------------------------------------------------------------------------------


def test_hanging_up_ends_a_wait_and_harms_nobody_else(postgresql: Database) -> None:
    def wait() -> None:
        with connections["default"].cursor() as cursor:
            drivers.append(connections["default"].connection)
            cursor.execute("SELECT pg_sleep(60)")

    drivers: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            wait()
        except OperationalError as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: drivers)
    time.sleep(0.1)

    hang_up(drivers[0])

    thread.join(SECONDS)
    assert len(failed) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_there_may_be_nothing_to_hang_up() -> None:
    hang_up(None)
    hang_up(object())  # type: ignore[arg-type]
