"""After a pause of the process requests wait for one poll, once, and never for long."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from corsadmin.engine import Reason
from corsadmin.models import Origin
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import freshness, loader
from corsadmin.serving.store import State, Store
from tests.databases import wait_until
from tests.messages.screens import assert_silent, times
from tests.serving.conftest import Clock
from tests.serving.snapshots import allowed, confirmed, execute, sees
from tests.serving.store.steps import APP, SECONDS, MakeStore, hide_table, poll, run

PAUSE = 2 * SECONDS + 1
Ask = Callable[[Store], Any]


def revoke() -> None:
    """Take the origin away as another process does: this one hears nothing of it."""
    execute("DELETE FROM corsadmin_origin")
    execute("UPDATE corsadmin_generation SET value = value + 1, rebuild = value + 1")


@pytest.fixture(
    params=[
        pytest.param(lambda held: held.current(), id="sync"),
        pytest.param(lambda held: run(held.acurrent()), id="async"),
    ]
)
def ask(request: pytest.FixtureRequest) -> Ask:
    found: Ask = request.param
    return found


class Loads:
    """Loads that a test holds up, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.waiting, self.go_on = threading.Event(), threading.Event()
        self._load = loader.load
        monkeypatch.setattr(loader, "load", self)

    def __call__(self, *rest: Any, **named: Any) -> Any:
        found = self._load(*rest, **named)
        self.count += 1
        self.waiting.set()
        assert self.go_on.wait(10)
        return found


@pytest.fixture
def hanging(held: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loads]:
    """Loads that have read the policies and hang until the test lets them go on."""
    monkeypatch.setattr(freshness, "MAX_PAUSE_WAIT_SECONDS", 0.3)
    made = Loads(monkeypatch)
    yield made
    made.go_on.set()


def pauses(caplog: pytest.LogCaptureFixture) -> int:
    return times(caplog.text, "log-paused")


def test_r94_what_was_revoked_during_a_pause_is_refused_from_the_first_request_on(
    held: Store, clock: Clock, ask: Ask
) -> None:
    revoke()
    clock.now += PAUSE

    view = ask(held)

    assert not allowed(view.snapshot, APP)
    assert (view.untrusted_because, held.state) == (None, State.READY)


@pytest.mark.parametrize("steady", [True, False], ids=["boot time", "wall-clock time alone"])
def test_r94_either_clock_tells_of_a_pause(make_store: MakeStore, acme: Any, steady: bool) -> None:
    clocks = Clock(), Clock()
    held = make_store(*clocks)
    assert sees(held, APP)
    revoke()

    clocks[0 if steady else 1].now += PAUSE

    assert not sees(held, APP)


def test_r37_a_wall_clock_that_is_set_back_prolongs_nothing(
    make_store: MakeStore, acme: Any
) -> None:
    steady, wall = Clock(), Clock()
    held = make_store(steady, wall)
    assert sees(held, APP)
    revoke()

    wall.now -= 3_600
    steady.now += PAUSE

    assert not sees(held, APP)


def test_r94_the_poll_that_the_pause_met_proves_nothing(
    held: Store, clock: Clock, hanging: Loads
) -> None:
    wake_event.set()
    assert hanging.waiting.wait(10)  # it has read the policies of before the pause
    revoke()
    clock.now += PAUSE

    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(sees, held, APP)
        wait_until(lambda: held._freshness.awaited == clock.now - 1_000, 10)
        hanging.go_on.set()

        assert not seen.result(10)


def test_r94_many_requests_wait_for_one_poll(
    held: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = Loads(monkeypatch)
    revoke()
    clock.now += PAUSE
    with ThreadPoolExecutor(20) as pool:
        seen = [pool.submit(sees, held, APP) for _ in range(20)]
        assert loads.waiting.wait(10)
        loads.go_on.set()

        assert not any(each.result(10) for each in seen)
    # The wake-up sets the wake event too: the refresher may look once more.
    assert loads.count <= 2


def test_r94_when_that_poll_fails_the_last_policies_serve_at_once(
    held: Store, clock: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "MAX_PAUSE_WAIT_SECONDS", 60.0)
    hide_table()
    clock.now += PAUSE
    started = time.monotonic()

    view = ask(held)

    assert allowed(view.snapshot, APP)
    assert (view.untrusted_because, held.state) == (None, State.STALE)
    assert time.monotonic() - started < 30


def test_r94_a_connection_that_was_cut_during_the_pause_is_made_anew(
    held: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert held._refresher is not None
    line: Any = held._refresher._connection

    def cut(execute: Callable[..., Any], *rest: Any) -> Any:
        line.execute_wrappers.remove(cut)
        line.connection.close()
        return execute(*rest)

    revoke()
    line.execute_wrappers.append(cut)
    clock.now += PAUSE

    assert not sees(held, APP)
    assert held.health.last_error == ""
    assert_silent(caplog.text, "command-policies-unreadable")


def test_r94_a_database_that_hangs_after_a_pause_is_waited_for_once(
    held: Store, clock: Clock, ask: Ask, hanging: Loads, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "corsadmin")
    clock.now += PAUSE

    assert ask(held).untrusted_because is None  # it waits in vain
    for _ in range(100):
        clock.now += 0.5
        assert held._freshness.wait(clock.now - 1_000) == 0
        assert ask(held).untrusted_because is None

    assert held.state is State.STALE
    assert pauses(caplog) == 1


@pytest.mark.parametrize("ends", [True, False], ids=["that comes", "that does not come"])
def test_r25_r94_the_limit_is_judged_after_the_wait(
    held: Store, clock: Clock, ends: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if not ends:
        hide_table()
    clock.now += 3_601
    assert held.state is State.STALE

    view = held.current()

    assert view.untrusted_because is (None if ends else Reason.TOO_STALE)
    assert ("NOT_READY" in caplog.text) is not ends


def test_r94_r36_tasks_that_wait_for_a_poll_block_no_loop(
    held: Store, clock: Clock, hanging: Loads
) -> None:
    clock.now += PAUSE

    async def beat() -> int:
        beats = 0
        while not hanging.go_on.is_set():
            beats += 1
            await asyncio.sleep(0.001)
        return beats

    async def ask_all() -> tuple[set[Any], int]:
        beating = asyncio.create_task(beat())
        views = await asyncio.gather(*(held.acurrent() for _ in range(100)))
        hanging.go_on.set()
        return {view.untrusted_because for view in views}, await beating

    reasons, beats = run(ask_all())

    assert reasons == {None}
    assert beats > 10


def test_r94_an_outage_is_no_pause(
    held: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "corsadmin")
    hide_table()
    for _ in range(5):
        clock.now += SECONDS
        beaten = held._freshness.beaten
        wake_event.set()
        wait_until(lambda beaten=beaten: held._freshness.beaten != beaten, 10)  # type: ignore[misc]
        assert held._freshness.wait(clock.now - 1_000) == 0

    assert sees(held, APP)
    assert held.state is State.STALE
    assert pauses(caplog) == 0


def test_r94_a_process_that_polls_in_time_is_not_paused(
    held: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "corsadmin")
    for _ in range(5):
        clock.now += SECONDS
        poll(held)
        assert sees(held, APP)

    assert confirmed(held) == clock.now - 1_000
    assert pauses(caplog) == 0


def test_without_a_thread_a_pause_is_nothing(
    make_store: MakeStore, clock: Clock, acme: Any, settings: Any
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    held = make_store(clock)
    assert sees(held, APP)
    Origin.objects.all().delete()

    clock.now += 10**6

    assert not sees(held, APP)
    assert held.state is State.READY


def test_r94_a_second_pause_during_the_wait_is_waited_for_too(
    held: Store, clock: Clock, hanging: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "MAX_PAUSE_WAIT_SECONDS", 10.0)
    clock.now += PAUSE
    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(sees, held, APP)
        assert hanging.waiting.wait(10)  # it reads the policies of between the pauses
        revoke()
        clock.now += PAUSE
        held._beat()
        assert wait([seen], 0.2).done == set()
        hanging.go_on.set()

        assert not seen.result(10)
