"""REFRESH_SECONDS = 0: every request compares the counter itself."""

from typing import Any

import pytest
from django.db import connection, transaction

from corsadmin.engine import Reason
from corsadmin.serving.store import State, Store, View
from tests.factories import OriginFactory
from tests.serving.snapshots import sees
from tests.serving.store.steps import APP, NEW, hide_table, names, show_table


def test_without_a_thread_every_request_sees_the_latest(comparing: Store, acme: Any) -> None:
    assert not sees(comparing, NEW)
    OriginFactory(tenant=acme, pattern=NEW)

    assert sees(comparing, NEW)
    assert comparing.state is State.READY
    assert "corsadmin-refresher" not in names()


def test_without_a_thread_nothing_uncommitted_is_shared(
    comparing: Store, acme: Any, in_a_thread: Any
) -> None:
    comparing.current()
    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)

        assert sees(comparing, NEW)
        assert not in_a_thread(lambda: sees(comparing, NEW))

        transaction.set_rollback(True)

    assert not sees(comparing, NEW)


def test_without_a_thread_numbers_that_are_given_out_again_are_told_apart(
    comparing: Store, acme: Any
) -> None:
    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)
        assert sees(comparing, NEW)
        transaction.set_rollback(True)
    OriginFactory(tenant=acme, pattern="https://other.example.com")

    assert not sees(comparing, NEW)
    assert sees(comparing, "https://other.example.com")


def test_without_a_thread_an_error_keeps_the_last_policies(comparing: Store) -> None:
    comparing.current()
    hide_table()

    assert [sees(comparing, APP), comparing.health.state] == [True, State.STALE]
    show_table()
    assert [sees(comparing, APP), comparing.health.state] == [True, State.READY]


def test_without_a_thread_and_tables_nothing_is_allowed(comparing: Store) -> None:
    hide_table()

    assert comparing.current() == View(None, Reason.NOT_READY)


def test_without_a_thread_an_alias_that_is_none_is_no_error_page(
    comparing: Store, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0, "DATABASE": "nowhere"}

    assert comparing.current() == View(None, Reason.NOT_READY)
    assert "nowhere" in comparing.health.last_error


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(AssertionError("Database queries are not allowed"), id="SimpleTestCase"),
        pytest.param(RuntimeError("Database access not allowed"), id="pytest-django"),
    ],
)
def test_a_test_that_may_not_ask_the_database_gets_nothing_of_another_ones_silently(
    comparing: Store, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assert sees(comparing, APP)
    caplog.clear()

    def forbid(*_query: object) -> None:
        raise error

    with connection.execute_wrapper(forbid):
        assert comparing.current() == View(None, Reason.NOT_READY)

    assert caplog.records == []
    assert comparing.health.last_error == ""
    assert sees(comparing, APP)


def test_without_a_thread_refresh_inside_a_transaction_is_allowed(comparing: Store) -> None:
    with transaction.atomic():
        comparing.reload()
