"""corsadmin.refresh() brings the calling process up to date."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

import corsadmin
from corsadmin import store
from corsadmin.store import Store
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
