"""corsadmin.refresh() brings the calling process up to date."""

import threading
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

import corsadmin
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import loader, store
from corsadmin.serving.store import Store
from tests.factories import OriginFactory
from tests.serving.conftest import Clock
from tests.serving.snapshots import execute, sees
from tests.serving.store.steps import APP, NEW, hide_table, poll


@pytest.fixture
def of_the_process(held: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(store, "process_store", held)
    return held


def test_refresh_sees_what_raw_sql_wrote(of_the_process: Store) -> None:
    execute("DELETE FROM corsadmin_origin")
    assert sees(of_the_process, APP)

    corsadmin.refresh()

    assert not sees(of_the_process, APP)


def test_refresh_raises_the_error_and_keeps_what_is_in_force(of_the_process: Store) -> None:
    hide_table()

    with pytest.raises(Exception, match="no such table"):
        corsadmin.refresh()

    assert sees(of_the_process, APP)


def test_r09_refresh_inside_a_transaction_is_refused(of_the_process: Store) -> None:
    with transaction.atomic(), pytest.raises(TransactionManagementError, match="on_commit"):
        corsadmin.refresh()


def test_r09_refresh_is_refused_where_autocommit_is_off(of_the_process: Store) -> None:
    transaction.set_autocommit(False)
    try:
        execute("DELETE FROM corsadmin_origin")

        with pytest.raises(TransactionManagementError, match="on_commit"):
            corsadmin.refresh()
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)

    assert sees(of_the_process, APP)


def test_r09_without_a_thread_what_a_transaction_refreshed_ends_with_it(comparing: Store) -> None:
    assert sees(comparing, APP)
    with transaction.atomic():
        execute("DELETE FROM corsadmin_origin")
        assert sees(comparing, APP)

        comparing.reload()

        assert not sees(comparing, APP)
        transaction.set_rollback(True)
    assert sees(comparing, APP)


def test_refresh_after_the_commit(of_the_process: Store) -> None:
    with transaction.atomic():
        execute("DELETE FROM corsadmin_origin")
        transaction.on_commit(corsadmin.refresh)

    assert not sees(of_the_process, APP)


@pytest.mark.parametrize(
    "later", [pytest.param(0, id="at the same moment"), pytest.param(1, id="later")]
)
def test_refresh_during_a_poll_is_not_undone_by_it(
    of_the_process: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    load, waiting, go_on = loader.load, threading.Event(), threading.Event()

    def slow(*rest: Any, **named: Any) -> Any:
        found = load(*rest, **named)
        if threading.current_thread().name == "corsadmin-refresher":
            waiting.set()
            assert go_on.wait(10)
        return found

    monkeypatch.setattr(loader, "load", slow)
    wake_event.set()
    assert waiting.wait(10)
    clock.now += later
    execute("DELETE FROM corsadmin_origin")
    corsadmin.refresh()
    waiting.clear()

    go_on.set()
    assert waiting.wait(10)  # it looks again at once

    assert not sees(of_the_process, APP)


class Slow:
    """A refresh in a thread of its own that has read everything and waits to say so."""

    def __init__(self, held: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self._waiting, self._go_on = threading.Event(), threading.Event()
        self._load = loader.load
        monkeypatch.setattr(loader, "load", self._slow)
        self._thread = threading.Thread(target=self._reload, args=(held,), name="slow")
        self._thread.start()
        assert self._waiting.wait(10)

    def finish(self) -> None:
        self._go_on.set()
        self._thread.join()

    def _slow(self, *rest: Any, **named: Any) -> Any:
        found = self._load(*rest, **named)
        if threading.current_thread() is self._thread:
            self._waiting.set()
            assert self._go_on.wait(10)
        return found

    def _reload(self, held: Store) -> None:
        held.reload()
        connections.close_all()


@pytest.mark.parametrize("change", [True, False], ids=["that finds news", "that finds none"])
def test_a_poll_during_a_refresh_does_not_undo_it(
    held: Store, acme: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch, change: bool
) -> None:
    execute("DELETE FROM corsadmin_origin")  # nobody is told
    slow = Slow(held, monkeypatch)
    clock.now += 1
    if change:
        OriginFactory(tenant=acme, pattern=NEW)
    poll(held)

    slow.finish()

    assert not sees(held, APP)
    assert sees(held, NEW) == change


def test_a_refresh_that_began_earlier_does_not_undo_a_later_one(
    held: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(held, monkeypatch)
    clock.now += 1
    execute("DELETE FROM corsadmin_origin")  # nobody is told
    held.reload()

    slow.finish()

    assert not sees(held, APP)
