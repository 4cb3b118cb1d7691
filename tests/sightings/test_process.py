"""What a process does with its ring: by a thread of its own, and when somebody asks."""

import logging
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import override_settings

from corsadmin import sightings
from corsadmin.models import Sighting, Traffic, UpkeepTurn
from corsadmin.serving.connection import SHARED
from corsadmin.serving.store import Store, process_store
from corsadmin.sightings import pacing, process
from corsadmin.sightings.process import ProcessSightings, process_sightings
from corsadmin.sightings.ring import MAX_ITEMS, Ring, process_ring
from corsadmin.sightings.steps import StepReport
from corsadmin.sightings.thread import NAME
from tests.databases import wait_until
from tests.factories import make_site
from tests.serving.databases import Database
from tests.sightings.calls import APP, EVIL, allowed, text


def caller(number: int) -> Any:
    return text(f"https://c{number}.example")


def origins() -> set[str]:
    return set(Sighting.objects.values_list("origin", flat=True))


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


@pytest.mark.django_db
@pytest.mark.usefixtures("new_process")
def test_flush_writes_what_this_process_holds() -> None:
    make_site(origins=[APP])
    for item in (text(), text(), allowed()):
        process_ring.append(item)

    sightings.flush()

    [row] = Sighting.objects.all()
    assert (row.tenant.slug, row.rule, row.origin) == ("acme", "/api/", EVIL)
    assert (row.reason, row.calls, row.preflights, row.is_kin) == ("origin-not-listed", 2, 0, False)
    assert dict(Traffic.objects.values_list("outcome", "calls")) == {
        "allowed": 1,
        "origin-not-listed": 2,
    }


def test_however_many_threads_flush_each_call_is_counted_once(
    ring: Ring, found: ProcessSightings, sqlite: Database
) -> None:
    make_site(origins=[APP])

    def work() -> None:
        for _round in range(5):
            for _call in range(100):
                ring.append(allowed())
                ring.append(text())
            found.flush()
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert dict(Traffic.objects.values_list("outcome", "calls")) == {
        "allowed": 2_000,
        "origin-not-listed": 2_000,
    }
    assert Sighting.objects.get().calls == 2_000


@pytest.mark.django_db
def test_flush_leaves_nobody_waiting(ring: Ring, found: ProcessSightings) -> None:
    """However many are new, and more than are looked at in a second."""
    for slug in ("acme", "other"):
        make_site(slug)
        for number in range(MAX_ITEMS // 2):
            ring.append(text(f"https://c{number % 150}.example", slug))

    found.flush()

    assert Sighting.objects.count() == 300
    assert found.tally.looked_at == MAX_ITEMS


def test_kin_are_known_by_the_policies_in_force(ring: Ring, sqlite: Database) -> None:
    make_site(origins=[APP])
    store = Store()
    store.reload()
    ring.append(text("https://other.example.com"))

    ProcessSightings(ring, store).flush()

    assert Sighting.objects.get().is_kin


def test_the_thread_drains_and_writes(ring: Ring, live: ProcessSightings) -> None:
    live.refreshed(0.1)
    ring.append(text())

    wait_until(lambda: origins() == {EVIL}, 10)
    assert len(threads()) == 1


def test_stopping_writes_once_more(
    ring: Ring, live: ProcessSightings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "FLUSH_SECONDS", 1_000.0)
    monkeypatch.setattr(pacing, "MAX_WAIT", 1_000.0)
    live.refreshed(0.1)
    ring.append(text())

    live.close()

    assert origins() == {EVIL}
    assert threads() == []


def test_each_refresh_sees_to_it_that_there_is_one_thread(live: ProcessSightings) -> None:
    live.refreshed(0.1)
    [first] = threads()
    live.refreshed(None)
    assert threads() == [first]

    assert live._thread is not None
    live._thread.stop()  # as if it had died
    live.refreshed(0.1)

    [second] = threads()
    assert second is not first


def test_without_anything_that_records_there_is_no_thread(live: ProcessSightings) -> None:
    live._is_wanted = False
    live.refreshed(0.1)

    assert threads() == []


def test_where_each_request_compares_the_counter_there_is_no_thread(
    settings: Any, live: ProcessSightings
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    live.refreshed(0.1)

    assert threads() == []


def test_where_threads_share_a_connection_there_is_no_thread(
    live: ProcessSightings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_alias: str) -> None:
        raise RuntimeError(SHARED)

    monkeypatch.setattr(process, "require_own", refuse)
    with caplog.at_level(logging.INFO, "corsadmin"):
        live.refreshed(0.1)
        live.refreshed(0.1)

    assert threads() == []
    assert live.tally.failed == 2
    assert len(caplog.records) == 1


def test_the_thread_of_the_process_ends_with_the_setting_that_a_test_overrides(
    live: ProcessSightings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert process_sightings.refreshed in process_store.observers
    monkeypatch.setattr(process_sightings, "_is_wanted", True)
    with override_settings(CORSADMIN={"REFRESH_SECONDS": 0.5}):
        process_sightings.refreshed(0.1)
        assert len(threads()) == 1

    with override_settings(CORSADMIN={"REFRESH_SECONDS": 0}):
        assert threads() == []


def test_what_cannot_be_written_is_forgotten_and_counted(
    ring: Ring, live: ProcessSightings, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_sighting RENAME TO hidden")
    with caplog.at_level(logging.INFO, "corsadmin"):
        for number in range(3):
            ring.append(caller(number))
            live.flush()
    assert live.tally.failed == 3
    assert [record.levelname for record in caplog.records] == ["INFO"]  # and once only

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hidden RENAME TO corsadmin_sighting")
    ring.append(caller(3))
    live.flush()

    assert origins() == {"https://c3.example"}
    assert live.tally.failed == 3
    assert live.tally.flushed > 0


def test_the_ring_is_drained_while_a_batch_is_written(
    ring: Ring, live: ProcessSightings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drained = []

    def write(batch: Any, alias: str, between: Any) -> StepReport:
        ring.append(text())
        between()
        drained.append(ring.drain() == [])
        return StepReport()

    monkeypatch.setattr(process, "write_batch", write)

    live.flush()

    assert drained == [True]


@pytest.mark.django_db
@pytest.mark.parametrize(("refresh", "tidied"), [(0, True), (60.0, False)])
def test_who_flushes_without_a_thread_tidies_too(
    settings: Any, found: ProcessSightings, refresh: float, tidied: bool
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": refresh}

    found.flush()

    assert UpkeepTurn.objects.exists() is tidied


def test_the_thread_tidies_after_it_has_written(live: ProcessSightings) -> None:
    live.refreshed(0.1)

    wait_until(UpkeepTurn.objects.exists)
