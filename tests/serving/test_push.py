"""Hints whichever way they come: another process follows at once, and without them all the same."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from corsadmin import push
from corsadmin.push.wakeup import Bell, Ear, bell
from corsadmin.serving import refresher
from corsadmin.serving.connection import hang_up
from corsadmin.serving.refresher import BURST_SECONDS, LEAST_COST, RateLimiter
from corsadmin.serving.store import Store
from tests.databases import Redis, wait_until
from tests.factories import OriginFactory, make_site
from tests.serving.conftest import Clock, MakeRefresher
from tests.serving.databases import Database
from tests.serving.push import SECONDS, deaf_commit
from tests.serving.snapshots import allowed

APP = "https://app.example.com"
NEW = "https://new.example.com"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_another_process_is_enforcing_long_before_the_next_poll(
    kind: str,
    postgresql: Database,
    redis_server: Redis,
    settings: Any,
    make_store: Callable[..., Store],
) -> None:
    settings.CORSADMIN = {
        "REFRESH_SECONDS": 2 * SECONDS,
        "PUSH": "auto" if kind == "postgresql" else redis_server.url,
    }
    acme = make_site(origins=[APP])
    held = make_store()
    held.current()

    def sees() -> bool:
        view = held.current()
        return view.snapshot is not None and allowed(view.snapshot, NEW)

    # Whether it listens by now or looks once it does: it must not be missed.
    with transaction.atomic(), deaf_commit():
        OriginFactory(tenant=acme, pattern=NEW)

    wait_until(sees, SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("value", ["off", "nonsense"])
def test_push_off_hints_nobody(postgresql: Database, settings: Any, value: str) -> None:
    settings.CORSADMIN = {"PUSH": value}
    assert push.listen("default") is None
    with connections.create_connection("default").cursor() as cursor:
        cursor.execute("LISTEN corsadmin")
        make_site()
        cursor.execute("SELECT 1")
        assert not list(cursor.connection.notifies(timeout=0.2))
        cursor.connection.close()


def test_auto_is_nothing_on_sqlite(sqlite: Database) -> None:
    assert push.listen("default") is None
    make_site()


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


# The bell ---------------------------------------------------------------------------------------


@pytest.fixture
def ear() -> Ear:
    return Ear()


def test_an_ear_hears_a_ring_that_came_before_it_waits(ear: Ear) -> None:
    ear.ring()
    ear.ring()

    assert ear.wait(SECONDS)
    assert not ear.wait(0)
    ear.close()


def test_an_ear_that_nobody_empties_or_that_is_closed_keeps_nobody_waiting(ear: Ear) -> None:
    for _ in range(10_000):
        ear.ring()

    ear.close()
    ear.ring()


def test_the_bell_rings_in_every_ear_until_it_is_removed(ear: Ear) -> None:
    other = Ear()
    bell.add(ear)
    bell.add(other)

    bell.ring()

    assert ear.wait(0)
    assert other.wait(0)
    bell.remove(ear)
    bell.ring()
    assert other.wait(0)
    bell.remove(other)


def test_r34_a_forked_child_rings_in_no_ear_of_its_parent(ear: Ear) -> None:
    renewed = Bell()
    renewed.add(ear)
    renewed.ring()

    renewed.renew()

    assert not renewed.wait(0)
    with pytest.raises(ValueError, match="descriptor"):
        ear.wait(0)


# The pace ---------------------------------------------------------------------------------------


def test_a_few_polls_need_no_rest_and_an_endless_row_of_them_does(clock: Clock) -> None:
    pace = RateLimiter(0.25, clock)
    rests = []
    for _ in range(1_000):
        rests.append(pace.rest(0.0))
        clock.now += rests[-1] + 0.001

    assert not any(rests[: int(BURST_SECONDS / LEAST_COST)])
    assert clock.now - 1_000 == pytest.approx(1_000 * LEAST_COST, rel=0.05)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        pytest.param(0.1, 0.0, id="short enough to be followed by another one"),
        pytest.param(0.3, 0.1, id="twice its time, less what a burst is allowed"),
        pytest.param(60.0, 0.25, id="never so long that the promise is broken"),
    ],
)
def test_a_long_poll_is_followed_by_a_rest(clock: Clock, spent: float, expected: float) -> None:
    assert RateLimiter(0.25, clock).rest(spent) == pytest.approx(expected)


def test_a_rest_is_forgotten_with_time(clock: Clock) -> None:
    pace = RateLimiter(0.25, clock)
    assert pace.rest(60.0)

    clock.now += 10

    assert not pace.rest(0.1)


def test_a_storm_of_hints_is_followed_at_a_pace(
    sqlite: Database, make_refresher: MakeRefresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresher, "BURST_SECONDS", 0.0)
    polls: list[float] = []

    def poll(alias: str, on_progress: Callable[[], None], *, hinted: bool) -> None:
        polls.append(time.monotonic())
        bell.ring()

    make_refresher(poll, lambda: None, 60.0)
    wait_until(lambda: len(polls) > 5)

    assert polls[5] - polls[0] > 5 * LEAST_COST - 0.01


# Connections ------------------------------------------------------------------------------------


@pytest.mark.slow
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
