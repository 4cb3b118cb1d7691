"""What a warm and a cold process do while PostgreSQL is stopped, killed, suspended or slow."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoDbBlocker

from corsadmin.engine import Reason
from corsadmin.models import Origin
from corsadmin.serving import connection as connection_options
from corsadmin.serving import freshness, refresher
from corsadmin.serving.store import State, Store, View
from tests.databases import Postgres, folder_for, wait_until
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Templates, alias_leads_to, locked_table
from tests.serving.snapshots import allowed

APP = "https://app.example.com"
NEW = "https://new.example.com"
SECONDS = 0.1

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server that these tests may stop."""
    with folder_for("outage") as folder, Postgres(folder) as found:
        yield found


@pytest.fixture(autouse=True)
def site(
    server: Postgres,
    templates: Templates,
    django_db_blocker: DjangoDbBlocker,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    monkeypatch.setattr(refresher, "MAX_SILENT_SECONDS", 0.5)
    monkeypatch.setitem(connection_options._OPTIONS, "postgresql", {"connect_timeout": 2})
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS}
    with django_db_blocker.unblock():
        found = templates.postgres(server)
        with alias_leads_to(found.settings):
            make_site(origins=[APP])
            yield
            server.resume()
            if server.process is None:
                server.start()


@pytest.fixture
def held(make_store: Callable[..., Store], site: None) -> Store:
    made = make_store()
    made.current()
    return made


def sees(held: Store, origin: str) -> bool:
    view = held.current()
    return (
        view.untrusted_because is None
        and view.snapshot is not None
        and allowed(view.snapshot, origin)
    )


def state_becomes(held: Store, state: State) -> None:
    wait_until(lambda: held.health.state is state, what=state)


def add_new() -> None:
    connection.close()
    OriginFactory(tenant=Origin.objects.get(pattern=APP).tenant, pattern=NEW)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_r24_r29_a_warm_process_goes_on_and_catches_up(
    server: Postgres, held: Store, how: str
) -> None:
    getattr(server, how)()
    state_becomes(held, State.STALE)
    assert sees(held, APP)

    server.start()

    state_becomes(held, State.READY)
    add_new()
    wait_until(lambda: sees(held, NEW))


def test_r25_a_server_that_stays_away_closes_the_site_to_strangers(
    server: Postgres, held: Store, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": 0.6}
    held.reload()
    server.kill()

    wait_until(lambda: held.current().untrusted_because is Reason.TOO_STALE)

    assert held.state is State.NOT_READY


def test_r24_a_server_that_hangs_holds_up_no_request_and_not_freshness(
    server: Postgres, held: Store
) -> None:
    server.pause()
    state_becomes(held, State.STALE)
    worst = 0.0
    for _ in range(1_000):
        started = time.monotonic()
        assert sees(held, APP)
        worst = max(worst, time.monotonic() - started)
    # The poll that hangs is broken off; so is the connection it tries next.
    wait_until(lambda: sees(held, APP) and held.health.last_error)

    server.resume()

    state_becomes(held, State.READY)
    add_new()
    wait_until(lambda: sees(held, NEW))
    assert worst < 0.5


def test_r26_a_cold_process_starts_without_its_database(
    server: Postgres, make_store: Callable[..., Store]
) -> None:
    connection.close()
    server.stop()
    held = make_store()
    started = time.monotonic()

    view = held.current()

    assert view == View(None, Reason.NOT_READY)
    assert time.monotonic() - started < freshness.MAX_FIRST_LOAD_SECONDS
    assert held.state is State.NOT_READY
    server.start()
    wait_until(lambda: sees(held, APP))


def test_r30_a_slow_database_makes_nobody_wait(held: Store) -> None:
    with locked_table():
        state_becomes(held, State.STALE)
        started = time.monotonic()
        assert sees(held, APP)
        assert time.monotonic() - started < 0.5
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("corsadmin-refresher") == 1

    state_becomes(held, State.READY)


def test_r30_a_slow_first_load_makes_nobody_wait_for_long(
    make_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "MAX_FIRST_LOAD_SECONDS", 0.2)
    with locked_table():
        held = make_store()

        assert held.current() == View(None, Reason.NOT_READY)

    wait_until(lambda: sees(held, APP))


def test_r27_permission_lost_is_an_error_and_not_an_empty_table(
    server: Postgres, held: Store
) -> None:
    name = connection.settings_dict["NAME"]
    server.execute("ALTER TABLE corsadmin_generation RENAME TO hidden", name)

    wait_until(lambda: held.health.last_error)

    assert sees(held, APP)
    server.execute("ALTER TABLE hidden RENAME TO corsadmin_generation", name)
    wait_until(lambda: not held.health.last_error)


def test_r24_without_a_thread_an_outage_is_no_error_page(
    server: Postgres, make_store: Callable[..., Store], settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    held = make_store()
    assert sees(held, APP)
    server.kill()
    with pytest.raises(OperationalError):
        Origin.objects.count()

    assert sees(held, APP)
    assert held.state is State.STALE

    server.start()
    connection.close()
    add_new()
    assert sees(held, NEW)
