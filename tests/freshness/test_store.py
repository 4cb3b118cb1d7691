"""How far a process trusts its snapshot: states, waits and clocks, on an SQLite file."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

import corsadmin
from corsadmin import loader, refresher, store
from corsadmin.engine import Reason
from corsadmin.models import Origin
from corsadmin.store import State, Store
from corsadmin.wake import bell
from tests.databases import wait_until
from tests.factories import OriginFactory, make_site
from tests.freshness.conftest import Clock
from tests.freshness.test_loader import allowed

APP = "https://app.example.com"
NEW = "https://new.example.com"
SECONDS = 100.0  # between polls: in these tests only the bell and the clock make things happen
MakeStore = Callable[..., Store]

pytestmark = pytest.mark.usefixtures("sqlite")


@pytest.fixture(autouse=True)
def polling(settings: Any) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": 3600.0}


@pytest.fixture
def acme() -> Any:
    return make_site(origins=[APP])


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def hide_table() -> None:
    """Let every look at the counter fail, as a database without migrations does."""
    execute("ALTER TABLE corsadmin_generation RENAME TO hidden")


def show_table() -> None:
    execute("ALTER TABLE hidden RENAME TO corsadmin_generation")


def poll(held: Store) -> None:
    """Make the refresher look, and wait until it has."""
    before = held._confirmed, held._last_error
    bell.ring()
    wait_until(lambda: (held._confirmed, held._last_error) != before, 10)


def sees(held: Store, origin: str) -> bool:
    view = held.current()
    assert view.snapshot is not None
    return allowed(view.snapshot, origin)


@pytest.fixture
def held(make_store: MakeStore, clock: Clock, acme: Any) -> Store:
    """A store that is READY, its clock in the test's hand."""
    made = make_store(clock)
    assert made.current().doubt is None
    return made


def test_the_first_request_waits_for_the_first_load(make_store: MakeStore, acme: Any) -> None:
    held = make_store()
    assert held.state is State.NOT_READY

    view = held.current()

    assert view.doubt is None
    assert view.snapshot is not None
    health = held.health
    assert health == (State.READY, view.snapshot.generation, health.age, "")


def test_a_warm_request_asks_nobody(held: Store, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        first, second = held.current(), held.current()

    assert first is second


def test_a_commit_in_this_process_is_enforced_at_once(held: Store, acme: Any) -> None:
    OriginFactory(tenant=acme, pattern=NEW)

    wait_until(lambda: sees(held, NEW), 10)


@pytest.mark.parametrize(
    ("age", "state", "doubt"),
    [
        pytest.param(2 * SECONDS, State.READY, None, id="not yet late"),
        pytest.param(2 * SECONDS + 1, State.STALE, None, id="late"),
        pytest.param(3600, State.STALE, None, id="at the limit"),
        pytest.param(3601, State.NOT_READY, Reason.TOO_STALE, id="R25 beyond the limit"),
    ],
)
def test_r24_r25_what_cannot_be_confirmed_serves_for_a_while(
    held: Store, clock: Clock, age: float, state: State, doubt: Reason | None
) -> None:
    hide_table()

    clock.now += age

    assert held.current().doubt is doubt
    assert held.state is state
    assert held.health.age == age
    assert sees(held, APP)


def test_r25_none_means_for_ever(held: Store, clock: Clock, settings: Any) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": None}
    hide_table()

    clock.now += 10**9

    assert held.current().doubt is None
    assert held.state is State.STALE


def test_r25_a_limit_below_the_poll_is_kept(
    make_store: MakeStore, clock: Clock, acme: Any, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": 10}
    held = make_store(clock)
    assert held.current().doubt is None

    clock.now += 11

    assert held.current().doubt is Reason.TOO_STALE


def test_r29_after_an_outage_all_is_well_again(held: Store, acme: Any, clock: Clock) -> None:
    hide_table()
    poll(held)
    clock.now += 3601
    assert held.current().doubt is Reason.TOO_STALE
    show_table()
    OriginFactory(tenant=acme, pattern=NEW)

    wait_until(lambda: held.current().doubt is None, 10)

    assert sees(held, NEW)
    assert held.health == (State.READY, held.health.generation, 0, "")


def test_r29_an_outage_that_may_hide_a_restore_ends_with_a_full_load(
    held: Store, clock: Clock
) -> None:
    hide_table()
    poll(held)
    clock.now += store.RESTORE_SECONDS + 1
    # Rows and counter of a backup; by chance the counter is the one that is remembered.
    execute("DELETE FROM corsadmin_origin")
    show_table()

    poll(held)

    assert not sees(held, APP)


def test_r27_an_error_is_not_an_empty_table(held: Store, clock: Clock) -> None:
    hide_table()
    poll(held)

    clock.now += 2 * SECONDS + 1

    assert sees(held, APP)
    assert "hidden" not in held.health.last_error
    assert "no such table" in held.health.last_error


def test_r27_an_empty_table_denies(held: Store) -> None:
    Origin.objects.all().delete()

    wait_until(lambda: not sees(held, APP), 10)


def test_r33_without_tables_no_request_fails_or_waits(make_store: MakeStore, acme: Any) -> None:
    hide_table()
    held = make_store()

    view = held.current()

    assert view == (None, Reason.NOT_READY)
    assert held.state is State.NOT_READY
    show_table()
    bell.ring()
    wait_until(lambda: held.current().doubt is None, 10)


def test_r33_a_column_that_is_not_there_yet(held: Store, clock: Clock) -> None:
    execute("ALTER TABLE corsadmin_origin RENAME COLUMN risk_accepted TO later")
    execute("UPDATE corsadmin_generation SET value = value + 1, rebuild = value + 1")
    poll(held)

    assert sees(held, APP)


def test_states_are_logged_once_per_transition(
    held: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="corsadmin")
    hide_table()
    poll(held)
    for age in (201, 1, 3600, 1, 1):
        clock.now += age
        held.current()
    show_table()
    poll(held)
    clock.now += 1
    poll(held)

    states = [record.args[1] for record in caplog.records if len(record.args or ()) == 3]  # type: ignore[index]

    assert states == ["STALE", "NOT_READY", "READY"]
    assert caplog.records[0].message.startswith("The policies cannot")
    assert len(caplog.records) == 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_r35_a_refresher_that_died_is_replaced(
    held: Store, acme: Any, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def die(*_arguments: object) -> None:
        raise SystemExit

    refresher = held._refresher
    assert refresher is not None
    line: Any = refresher._line
    line.execute_wrappers.append(die)
    bell.ring()
    wait_until(lambda: not refresher.alive, 10)
    OriginFactory(tenant=acme, pattern=NEW)

    clock.now += 2 * SECONDS + 1
    held.current()

    wait_until(lambda: sees(held, NEW), 10)
    assert "had died" in caplog.text


def test_r35_no_thread_to_be_had_is_no_error_page(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: object) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    held = make_store()

    assert held.current() == (None, Reason.NOT_READY)
    assert "can't start new thread" in held.health.last_error


def test_r34_a_forked_child_starts_afresh(held: Store, acme: Any) -> None:
    parents = held._refresher
    held._pid = -1  # what a child finds: the parent's number, and none of its threads
    held.distrust()
    OriginFactory(tenant=acme, pattern=NEW)

    assert sees(held, NEW)
    assert held._refresher is not parents
    assert parents is not None
    parents.stop()


def test_r34_threads_of_a_child_agree_on_one_refresher(held: Store) -> None:
    parents = held._refresher
    held._pid = -1
    held.distrust()

    with ThreadPoolExecutor(20) as pool:
        views = list(pool.map(lambda _: held.current(), range(200)))

    assert {view.doubt for view in views} == {None}
    assert parents is not None
    parents.stop()
    assert names().count("corsadmin-refresher") == 1


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_r31_two_hundred_threads_at_start_make_one_load(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = make_store()
    loads = []
    load = loader.load

    def count(*rest: Any) -> Any:
        loads.append(rest)
        return load(*rest)

    monkeypatch.setattr(loader, "load", count)

    with ThreadPoolExecutor(200) as pool:
        views = list(pool.map(lambda _: held.current(), range(400)))

    assert {view.doubt for view in views} == {None}
    assert [known for _alias, known, _alive in loads].count(None) == 1
    assert names().count("corsadmin-refresher") == 1


def test_a_load_that_began_earlier_does_not_undo_a_later_one(
    held: Store, acme: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, waiting, go_on = loader.load, threading.Event(), threading.Event()

    def slow(*rest: Any) -> Any:
        found = load(*rest)
        if threading.current_thread().name == "slow":
            waiting.set()
            assert go_on.wait(10)
        return found

    monkeypatch.setattr(loader, "load", slow)
    thread = threading.Thread(target=held.reload, name="slow")
    thread.start()
    assert waiting.wait(10)
    clock.now += 1
    OriginFactory(tenant=acme, pattern=NEW)
    held.reload()

    go_on.set()
    thread.join()

    assert sees(held, NEW)


def test_r37_the_wall_clock_extends_nothing(
    held: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_table()
    monkeypatch.setattr("time.time", lambda: 0.0)

    clock.now += 3601

    assert held.current().doubt is Reason.TOO_STALE


def test_r25_a_process_without_a_limit_loads(
    make_store: MakeStore, acme: Any, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": None}

    assert make_store().current().doubt is None


def test_r24_tasks_are_served_by_the_last_policies_too(held: Store, clock: Clock) -> None:
    hide_table()

    clock.now += 2 * SECONDS + 1

    assert run(held.acurrent()).doubt is None
    assert held.state is State.STALE


def test_a_listener_that_cannot_be_imported_leaves_the_poll(
    make_store: MakeStore,
    acme: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "PUSH": "redis://127.0.0.1/0"}
    monkeypatch.setitem(sys.modules, "corsadmin.push.subscribing", None)

    assert make_store().current().doubt is None
    assert "Push hints cannot be heard" in caplog.text


def test_a_poll_that_hangs_does_not_keep_the_process_from_ending(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresher, "HUNG_SECONDS", 0)
    waiting, go_on = threading.Event(), threading.Event()
    load = loader.load

    def hang(*rest: Any) -> Any:
        waiting.set()
        assert go_on.wait(10)
        return load(*rest)

    monkeypatch.setattr(loader, "load", hang)
    monkeypatch.setattr(store, "FIRST_LOAD_SECONDS", 0.05)
    held = make_store()
    held.current()
    assert waiting.wait(10)
    assert held.state is State.NOT_READY  # breaks off what hangs; SQLite has nothing to break
    threading.Timer(0.1, go_on.set).start()

    held.close()

    assert "corsadmin-refresher" not in names()


# refresh() --------------------------------------------------------------------------------------


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


# REFRESH_SECONDS = 0 ----------------------------------------------------------------------------


@pytest.fixture
def comparing(make_store: MakeStore, acme: Any, settings: Any) -> Store:
    """A store that compares the counter in every request."""
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    return make_store()


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

    assert comparing.current() == (None, Reason.NOT_READY)


def test_without_a_thread_an_alias_that_is_none_is_no_error_page(
    comparing: Store, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0, "DATABASE": "nowhere"}

    assert comparing.current() == (None, Reason.NOT_READY)
    assert "nowhere" in comparing.health.last_error


def test_without_a_thread_refresh_inside_a_transaction_is_allowed(comparing: Store) -> None:
    with transaction.atomic():
        comparing.reload()


# Async ------------------------------------------------------------------------------------------


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def test_r36_a_thousand_tasks_at_start_block_no_loop(make_store: MakeStore, acme: Any) -> None:
    held = make_store()
    turns = 0

    async def spin() -> None:
        nonlocal turns
        while True:
            turns += 1
            # Not 0: a loop that never rests would keep the interpreter from the refresher.
            await asyncio.sleep(0.001)

    async def ask() -> list[Any]:
        spinning = asyncio.create_task(spin())
        views = await asyncio.gather(*(held.acurrent() for _ in range(1_000)))
        spinning.cancel()
        return views

    views = run(ask())

    assert {view.doubt for view in views} == {None}
    assert turns > 1
    assert run(held.acurrent()) is held.current()


def test_r36_a_task_that_gives_up_does_not_stop_the_others(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = make_store()
    go_on = threading.Event()
    load = loader.load
    monkeypatch.setattr(loader, "load", lambda *rest: go_on.wait(10) and load(*rest))

    async def ask() -> Any:
        impatient = asyncio.create_task(held.acurrent())
        patient = asyncio.create_task(held.acurrent())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
        go_on.set()
        return await patient

    assert run(ask()).doubt is None


def test_without_a_thread_tasks_compare_in_a_thread(comparing: Store) -> None:
    assert run(comparing.acurrent()).doubt is None


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_r26_r30_nobody_waits_for_the_first_load_for_ever(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(store, "FIRST_LOAD_SECONDS", 0.1)
    go_on = threading.Event()
    load = loader.load
    monkeypatch.setattr(loader, "load", lambda *rest: go_on.wait(10) and load(*rest))
    held = make_store()

    view = held.current() if kind == "sync" else run(held.acurrent())
    again = held.current()

    assert view == again == (None, Reason.NOT_READY)
    go_on.set()
    wait_until(lambda: held.current().doubt is None, 10)
