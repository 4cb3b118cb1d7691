"""Tasks wait for the first load without blocking their loop."""

import asyncio
import threading
from typing import Any

import pytest

from corsadmin.engine import Reason
from corsadmin.serving import freshness, loader
from corsadmin.serving.store import State, Store, View
from tests.databases import wait_until
from tests.serving.conftest import Clock
from tests.serving.store.steps import (
    SECONDS,
    MakeStore,
    hide_table,
    run,
)


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

    assert {view.untrusted_because for view in views} == {None}
    assert turns > 1
    assert run(held.acurrent()) is held.current()


def test_r36_a_task_that_gives_up_does_not_stop_the_others(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = make_store()
    go_on = threading.Event()
    load = loader.load
    monkeypatch.setattr(
        loader, "load", lambda *rest, **named: go_on.wait(10) and load(*rest, **named)
    )

    async def ask() -> Any:
        impatient = asyncio.create_task(held.acurrent())
        patient = asyncio.create_task(held.acurrent())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
        go_on.set()
        return await patient

    assert run(ask()).untrusted_because is None


def test_without_a_thread_tasks_compare_in_a_thread(comparing: Store) -> None:
    assert run(comparing.acurrent()).untrusted_because is None


def test_r24_tasks_are_served_by_the_last_policies_too(held: Store, clock: Clock) -> None:
    hide_table()

    clock.now += 2 * SECONDS + 1

    assert run(held.acurrent()).untrusted_because is None
    assert held.state is State.STALE


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_r26_r30_nobody_waits_for_the_first_load_for_ever(
    make_store: MakeStore, acme: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(freshness, "MAX_FIRST_LOAD_SECONDS", 0.1)
    go_on = threading.Event()
    load = loader.load
    monkeypatch.setattr(
        loader, "load", lambda *rest, **named: go_on.wait(10) and load(*rest, **named)
    )
    held = make_store()

    view = held.current() if kind == "sync" else run(held.acurrent())
    again = held.current()

    assert view == again == View(None, Reason.NOT_READY)
    go_on.set()
    wait_until(lambda: held.current().untrusted_because is None, 10)
