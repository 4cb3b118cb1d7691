"""Hints whichever way they come: another process follows at once, and without them all the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from corsadmin import push
from corsadmin.serving.store import Store
from tests.databases import Redis, wait_until
from tests.factories import OriginFactory, make_site
from tests.messages.screens import says
from tests.push.commits import SECONDS, deaf_commit
from tests.serving.databases import Database
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

    assert held.current().untrusted_because is None
    wait_until(lambda: says(caplog.text, "log-no-push-redis"))
