"""A connection that another thread waits on can be aborted."""

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from corsadmin.serving.connection import abort_connection
from tests.databases import wait_until
from tests.push.commits import SECONDS
from tests.serving.databases import Database


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

    abort_connection(drivers[0])

    thread.join(SECONDS)
    assert len(failed) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_there_may_be_nothing_to_abort() -> None:
    abort_connection(None)
    abort_connection(object())  # type: ignore[arg-type]
