"""READY, STALE and NOT_READY: what serves how long, and what is logged."""

import logging
from typing import Any

import pytest

from corsadmin.engine import Reason
from corsadmin.models import Origin
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import loader
from corsadmin.serving.store import State, Store, View
from tests.databases import wait_until
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says, says
from tests.serving.conftest import Clock
from tests.serving.snapshots import allowed, execute, packed, sees
from tests.serving.store.steps import APP, NEW, SECONDS, MakeStore, hide_table, poll, show_table


def test_the_first_request_waits_for_the_first_load(make_store: MakeStore, acme: Any) -> None:
    held = make_store()
    assert held.state is State.NOT_READY

    view = held.current()

    assert view.untrusted_because is None
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
    ("age", "state", "reason"),
    [
        pytest.param(2 * SECONDS, State.READY, None, id="not yet late"),
        pytest.param(2 * SECONDS + 1, State.STALE, None, id="late"),
        pytest.param(3600, State.STALE, None, id="at the limit"),
        pytest.param(3601, State.NOT_READY, Reason.TOO_STALE, id="R25 beyond the limit"),
    ],
)
def test_r24_r25_what_cannot_be_confirmed_serves_for_a_while(
    held: Store, clock: Clock, age: float, state: State, reason: Reason | None
) -> None:
    hide_table()

    clock.now += age

    assert held.current().untrusted_because is reason
    assert held.state is state
    assert held.health.age == age
    assert sees(held, APP)


def test_r25_what_is_confirmed_is_the_state_before_the_read(
    held: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = loader.load

    def slow(*rest: Any, **named: Any) -> Any:
        found = load(*rest, **named)
        clock.now += 5
        return found

    # The wake event was set as the site was made: the refresher would confirm a later state.
    assert held._refresher is not None
    held._refresher.stop()
    clock.now += 1
    monkeypatch.setattr(loader, "load", slow)
    held.reload()

    assert held.health.age == 5


def test_r25_none_means_for_ever(held: Store, clock: Clock, settings: Any) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": None}
    hide_table()

    clock.now += 10**9

    assert held.current().untrusted_because is None
    assert held.state is State.STALE


def test_r25_a_limit_below_the_poll_is_kept(
    make_store: MakeStore, clock: Clock, acme: Any, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": 10}
    held = make_store(clock)
    assert held.current().untrusted_because is None

    clock.now += 11

    assert held.current().untrusted_because is Reason.TOO_STALE


def test_r25_a_limit_that_passes_between_two_looks_is_kept(held: Store, clock: Clock) -> None:
    hide_table()
    clock.now += 3599.99
    assert held.current().untrusted_because is None

    clock.now += 0.02

    assert held.current().untrusted_because is Reason.TOO_STALE


def test_r29_after_an_outage_all_is_well_again(held: Store, acme: Any, clock: Clock) -> None:
    hide_table()
    poll(held)
    clock.now += 3601
    assert held.current().untrusted_because is Reason.TOO_STALE
    show_table()
    OriginFactory(tenant=acme, pattern=NEW)

    wait_until(lambda: held.current().untrusted_because is None, 10)

    assert sees(held, NEW)
    assert held.health == (State.READY, held.health.generation, 0, "")


def test_r29_a_long_outage_ends_with_reading_what_changed(
    held: Store, acme: Any, clock: Clock
) -> None:
    before = held.current().snapshot
    hide_table()
    poll(held)
    clock.now += 3_000
    show_table()
    make_site("rival", origins=[NEW])

    wait_until(lambda: allowed(held.current().snapshot, NEW, "rival"), 10)  # type: ignore[arg-type]

    after = held.current().snapshot
    assert before is not None
    assert after is not None
    assert packed(after, acme) is packed(before, acme)


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

    assert view == View(None, Reason.NOT_READY)
    assert held.state is State.NOT_READY
    show_table()
    wake_event.set()
    wait_until(lambda: held.current().untrusted_because is None, 10)


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
    assert_says(caplog.records[0].message, "command-policies-unreadable")
    pauses = [record for record in caplog.records if says(record.message, "log-paused")]
    assert [record.args[1] for record in pauses] == [201, 3600]  # type: ignore[index]
    assert len(caplog.records) == 1 + 3 + 2


def test_r37_the_wall_clock_extends_nothing(
    held: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_table()
    monkeypatch.setattr("time.time", lambda: 0.0)

    clock.now += 3601

    assert held.current().untrusted_because is Reason.TOO_STALE


def test_r25_a_process_without_a_limit_loads(
    make_store: MakeStore, acme: Any, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": None}

    assert make_store().current().untrusted_because is None
