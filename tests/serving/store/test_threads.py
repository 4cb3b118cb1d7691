"""One refresher for each process, whatever becomes of threads and processes."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from corsadmin import conf
from corsadmin.engine import Reason
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import freshness, loader, refresher
from corsadmin.serving.connection import SHARED
from corsadmin.serving.store import State, Store, View, process_store
from tests.databases import wait_until
from tests.factories import OriginFactory
from tests.messages.screens import assert_says, times
from tests.serving.conftest import Clock
from tests.serving.databases import Database
from tests.serving.snapshots import sees
from tests.serving.store.steps import NEW, SECONDS, MakeStore, names


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_r35_a_refresher_that_died_is_replaced(
    held: Store, acme: Any, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def die(*_arguments: object) -> None:
        raise SystemExit

    refresher = held._refresher
    assert refresher is not None
    line: Any = refresher._connection
    line.execute_wrappers.append(die)
    wake_event.set()
    wait_until(lambda: not refresher.alive, 10)
    OriginFactory(tenant=acme, pattern=NEW)

    clock.now += 2 * SECONDS + 1
    held.current()

    wait_until(lambda: sees(held, NEW), 10)
    assert_says(caplog.text, "log-died")


def test_r35_a_refresher_that_cannot_be_replaced_is_spoken_of_once(
    held: Store, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held._refresher is not None
    held._refresher.stop()

    def refuse(_thread: object) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _ in range(3):
        clock.now += 2 * SECONDS + 1
        assert held.current().untrusted_because is None

    assert times(caplog.text, "log-died") == 1


def test_r35_no_thread_to_be_had_is_no_error_page(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: object) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    held = make_store()

    assert held.current() == View(None, Reason.NOT_READY)
    assert "can't start new thread" in held.health.last_error


def test_threads_that_share_their_connections_are_no_error_page(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SimpleNamespace(default=connections["default"])
    # What becomes of Django's when gevent patches Python after it was imported. Undone here: the
    # fixtures put the test's own connection back where they find Django's.
    with monkeypatch.context() as patch:
        patch.setattr(connections, "_connections", shared)
        held = make_store()

        assert held.current() == View(None, Reason.NOT_READY)
        assert SHARED in held.health.last_error


@pytest.fixture
def child(held: Store) -> Store:
    """A store as a forked child finds it: the parent's number, and none of its threads."""
    assert held._refresher is not None
    held._refresher.stop()
    held._fork._pid = -1
    held.distrust()
    return held


def test_r34_a_forked_child_starts_afresh(child: Store, acme: Any) -> None:
    parents = child._refresher
    OriginFactory(tenant=acme, pattern=NEW)

    assert sees(child, NEW)
    assert child._refresher is not parents


class LockOfTheParents:
    """A lock that a thread of the parent held at the fork: here nobody will ever release it."""

    def __enter__(self) -> None:  # pragma: no cover (only a child that is wrong comes here)
        message = "this waits for ever"
        raise AssertionError(message)

    def __exit__(self, *_error: object) -> None:  # pragma: no cover
        pass


def test_r34_a_child_that_is_asked_for_its_health_waits_for_no_lock_of_its_parents(
    child: Store,
) -> None:
    child._lock = LockOfTheParents()  # type: ignore[assignment]

    assert child.health == (State.NOT_READY, None, None, "")


def test_r34_threads_of_a_child_agree_on_one_refresher(child: Store) -> None:
    with ThreadPoolExecutor(20) as pool:
        views = list(pool.map(lambda _: child.current(), range(200)))

    assert {view.untrusted_because for view in views} == {None}
    assert names().count("corsadmin-refresher") == 1


def test_r31_two_hundred_threads_at_start_make_one_load(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = make_store()
    loads = []
    load = loader.load

    def count(*rest: Any, **named: Any) -> Any:
        loads.append(rest)
        return load(*rest, **named)

    monkeypatch.setattr(loader, "load", count)

    with ThreadPoolExecutor(200) as pool:
        views = list(pool.map(lambda _: held.current(), range(400)))

    assert {view.untrusted_because for view in views} == {None}
    assert [known for _alias, known, _alive in loads].count(None) == 1
    assert names().count("corsadmin-refresher") == 1


def test_a_listener_that_cannot_be_imported_leaves_the_poll(
    make_store: MakeStore,
    acme: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "PUSH": "redis://127.0.0.1/0"}
    monkeypatch.setitem(sys.modules, "corsadmin.push.subscribing", None)

    assert make_store().current().untrusted_because is None
    assert_says(caplog.text, "log-no-push-received")


def test_a_poll_that_hangs_does_not_keep_the_process_from_ending(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresher, "MAX_SILENT_SECONDS", 0)
    waiting, go_on = threading.Event(), threading.Event()
    load = loader.load

    def hang(*rest: Any, **named: Any) -> Any:
        waiting.set()
        assert go_on.wait(10)
        return load(*rest, **named)

    monkeypatch.setattr(loader, "load", hang)
    monkeypatch.setattr(freshness, "MAX_FIRST_LOAD_SECONDS", 0.05)
    held = make_store()
    held.current()
    assert waiting.wait(10)
    assert held.state is State.NOT_READY  # breaks off what hangs; SQLite has nothing to break
    threading.Timer(0.1, go_on.set).start()

    held.close()

    assert "corsadmin-refresher" not in names()


def test_a_thread_ends_with_the_setting_that_asked_for_it(
    sqlite: Database, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "_of_the_project", conf.Config())
    settings.CORSADMIN = {}  # the project's own: no thread in tests
    with override_settings(CORSADMIN={"REFRESH_SECONDS": SECONDS}):
        process_store.current()
        started = process_store._refresher
        assert started is not None
        with override_settings(ALLOWED_HOSTS=[]):
            assert started.alive

    assert not started.alive
