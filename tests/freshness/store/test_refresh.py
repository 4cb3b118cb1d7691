"""corsadmin.refresh() brings the calling process up to date."""

import threading
from typing import Any

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

import corsadmin
from corsadmin import loader, store
from corsadmin.store import Store
from corsadmin.wake import bell
from tests.freshness.conftest import Clock
from tests.freshness.snapshots import execute, sees
from tests.freshness.store.steps import APP, hide_table


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


def test_refresh_after_the_commit(of_the_process: Store) -> None:
    with transaction.atomic():
        execute("DELETE FROM corsadmin_origin")
        transaction.on_commit(corsadmin.refresh)

    assert not sees(of_the_process, APP)


def test_refresh_during_a_poll_is_not_undone_by_it(
    of_the_process: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, waiting, go_on = loader.load, threading.Event(), threading.Event()

    def slow(*rest: Any, **named: Any) -> Any:
        found = load(*rest, **named)
        if threading.current_thread().name == "corsadmin-refresher":
            waiting.set()
            assert go_on.wait(10)
        return found

    monkeypatch.setattr(loader, "load", slow)
    bell.ring()
    assert waiting.wait(10)
    clock.now += 1
    execute("DELETE FROM corsadmin_origin")
    corsadmin.refresh()
    waiting.clear()

    go_on.set()
    assert waiting.wait(10)  # it looks again at once

    assert not sees(of_the_process, APP)
