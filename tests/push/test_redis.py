"""Hints through Redis or Valkey: a server that is down or silent costs next to nothing."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from corsadmin import push
from corsadmin.models import Tenant
from corsadmin.push import connecting, publishing, subscribing
from corsadmin.push.publishing import Breaker
from corsadmin.push.subscribing import RedisListener
from corsadmin.push.wakeup import wake_event
from corsadmin.serving.store import Store
from tests.databases import Redis, folder_for, free_port, wait_until
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says, says, text, times
from tests.push.commits import SECONDS, deaf_commit
from tests.serving.conftest import Clock
from tests.serving.databases import Database
from tests.serving.snapshots import allowed

APP = "https://app.example.com"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(subscribing, "MAX_PAUSE", 0.1)
    monkeypatch.setattr(subscribing, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(publishing, "breaker", Breaker())
    wake_event.wait(0)


@contextmanager
def listener(made: Any) -> Iterator[RedisListener]:
    """Yield a listener once it listens; stop it in the end."""
    assert isinstance(made, RedisListener)
    assert wake_event.wait(SECONDS)  # set when it has begun to listen
    yield made
    made.stop()
    wait_until(lambda: not made.alive)


@contextmanager
def own_redis() -> Iterator[Redis]:
    with folder_for("redis") as folder, Redis(folder) as server:
        yield server


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
def test_it_hints_after_the_commit(
    sqlite: Database, redis_server: Redis, settings: Any, scheme: str
) -> None:
    settings.CORSADMIN = {"PUSH": redis_server.url.replace("redis", scheme)}
    with listener(push.listen("default")) as listening:
        with transaction.atomic(), deaf_commit():
            make_site()
            assert not listening.begin(transaction.get_connection())
            assert not listening.wait(0.2)

        assert listening.wait(SECONDS)


def test_r20_a_server_that_is_down_fails_no_save(
    sqlite: Database, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CORSADMIN = {"PUSH": f"redis://127.0.0.1:{free_port()}/0"}

    make_site(origins=[APP])

    assert Tenant.objects.filter(slug="acme").exists()
    assert times(caplog.text, "log-no-push-sent") == 1


@pytest.fixture(params=["accepts and says nothing", "does not even accept"])
def black_hole(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that never answers."""
    accepts = request.param == "accepts and says nothing"
    with socket.create_server(("127.0.0.1", 0), backlog=200 if accepts else 0) as hole:
        address = hole.getsockname()
        queue = [socket.socket() for _ in range(0 if accepts else 4)]
        for one in queue:
            one.setblocking(False)
            one.connect_ex(address)  # the queue of those who wait to be accepted is full
        yield address[1]
        for one in queue:
            one.close()


def test_r22_a_black_hole_holds_up_a_hundred_saves_for_less_than_a_second(
    sqlite: Database, settings: Any, black_hole: int, caplog: pytest.LogCaptureFixture
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
    assert times(caplog.text, "log-no-push-sent") == 1


def test_r22_a_black_hole_keeps_no_request_waiting(
    sqlite: Database, settings: Any, black_hole: int, make_store: Callable[..., Store]
) -> None:
    make_site(origins=[APP])
    settings.CORSADMIN = {
        "PUSH": f"redis://127.0.0.1:{black_hole}/0",
        "REFRESH_SECONDS": 0.1,
    }
    held = make_store()
    held.current()
    started = time.monotonic()

    for _ in range(1_000):
        assert held.current().untrusted_because is None

    assert time.monotonic() - started < 1.0


def test_r22_a_listener_leaves_a_server_that_has_gone_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with own_redis() as server, listener(RedisListener(server.url)):
        server.pause()
        wait_until(lambda: says(caplog.text, "log-no-push-redis"))
        wake_event.wait(0)

        server.resume()

        assert wake_event.wait(SECONDS)


def test_r07_a_subscriber_that_was_cut_off_subscribes_again_then_looks() -> None:
    with own_redis() as server, listener(RedisListener(server.url)):
        server.kill()
        server.start()

        assert wake_event.wait(SECONDS)


def test_a_listener_subscribes_anew_when_told_to(redis_server: Redis) -> None:
    with listener(RedisListener(redis_server.url)) as listening:
        listening.reconnect()

        assert wake_event.wait(SECONDS)


def test_a_listener_logs_once_until_it_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="corsadmin")
    with own_redis() as server:
        server.kill()
        listening = RedisListener(server.url)
        wait_until(lambda: listening._pause == subscribing.MAX_PAUSE)
        server.start()
        assert wake_event.wait(SECONDS)
        listening.stop()
        wait_until(lambda: not listening.alive)

    failing, fine = caplog.messages
    assert_says(failing, "log-no-push-redis")
    assert fine == text("log-push-again")


def test_r23_whatever_is_said_on_the_channel_is_only_a_hint(
    redis_server: Redis, sqlite: Database, settings: Any, make_store: Callable[..., Store]
) -> None:
    settings.CORSADMIN = {"PUSH": redis_server.url, "REFRESH_SECONDS": 60}
    make_site(origins=[APP])
    held = make_store()
    held.current()
    client = connecting.client(redis_server.url)
    for garbage in (b"\xff\x00", b"", b"x" * 100_000):
        client.publish(connecting.CHANNEL, garbage)
    client.set(connecting.CHANNEL, "a value of the same name")
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
