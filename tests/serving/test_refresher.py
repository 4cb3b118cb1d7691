"""The thread that looks for changes: when it looks, and when it is taken for one that hangs."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from corsadmin.push.postgres import PostgresListener
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import refresher
from corsadmin.serving.refresher import Refresher
from corsadmin.serving.store import Store
from tests.databases import wait_until
from tests.factories import OriginFactory, make_site
from tests.push.commits import SECONDS, deaf_commit
from tests.serving.conftest import MakeRefresher
from tests.serving.databases import Database
from tests.serving.snapshots import sees

NEW = "https://new.example.com"


class Polls:
    """Polls that take as long as a test likes."""

    def __init__(self) -> None:
        self.count = 0
        self.beats = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, alias: str, on_progress: Callable[[], None], *, hinted: bool) -> None:
        self.count += 1
        assert self.go_on.wait(10)

    def beat(self) -> None:
        self.beats += 1


@pytest.fixture
def polls(make_refresher: MakeRefresher) -> Iterator[Polls]:
    """Polls that go on before the refreshers of a test are stopped."""
    made = Polls()
    yield made
    made.go_on.set()


@pytest.fixture
def resting(sqlite: Database, polls: Polls, make_refresher: MakeRefresher) -> Refresher:
    """A refresher that has polled and waits for the next time."""
    made = make_refresher(polls, polls.beat, 60.0)
    wait_until(lambda: polls.count and made._busy_since is None, 10)
    return made


def test_it_polls_within_its_time(
    sqlite: Database,
    polls: Polls,
    make_refresher: MakeRefresher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    monkeypatch.setattr(wake_event, "wait", wait)
    monkeypatch.setattr(refresher, "MIN_COST_SECONDS", 0.0)

    make_refresher(polls, polls.beat, 60.0)
    wait_until(lambda: len(waits) > 50, 10)

    assert 50.0 < min(waits) < max(waits) <= 60.0
    assert len(set(waits)) > 1  # a fleet spreads out


def test_a_refresher_that_rests_is_not_taken_for_one_that_hangs(
    resting: Refresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresher, "MAX_SILENT_SECONDS", 0.0)

    resting.abort_if_hung()

    assert resting._busy_since is None


def test_r94_the_heartbeat_is_the_beginning_of_each_poll(resting: Refresher, polls: Polls) -> None:
    before = polls.count

    wake_event.set()

    wait_until(lambda: resting._busy_since is None and polls.beats == polls.count > before, 10)


def test_r94_a_second_thread_beats_while_a_poll_is_under_way(
    sqlite: Database, polls: Polls, make_refresher: MakeRefresher
) -> None:
    polls.go_on.clear()
    made = make_refresher(polls, polls.beat, 0.02)
    wait_until(lambda: polls.beats > 5, 10)
    assert polls.count == 1

    polls.go_on.set()
    made.stop()

    assert not made._heartbeat.is_alive()


def test_r94_between_polls_nobody_beats(
    sqlite: Database,
    polls: Polls,
    make_refresher: MakeRefresher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resting, go_on = threading.Event(), threading.Event()

    def wait(_seconds: float) -> bool:
        resting.set()
        return go_on.wait(10)

    monkeypatch.setattr(wake_event, "wait", wait)
    make_refresher(polls, polls.beat, 0.002)
    assert resting.wait(10)
    beats = polls.beats

    time.sleep(0.1)  # a hundred times the second thread looks

    go_on.set()
    assert polls.beats <= beats + 1  # a beat may have begun when the poll ended


@pytest.mark.parametrize("name", ["corsadmin-refresher", "corsadmin-heartbeat"])
def test_r35_where_one_thread_is_to_be_had_none_is_left_behind(
    sqlite: Database, polls: Polls, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    start = threading.Thread.start
    before = set(threading.enumerate())

    def refuse(thread: threading.Thread) -> None:
        if thread.name == name:
            message = "can't start new thread"
            raise RuntimeError(message)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    with pytest.raises(RuntimeError, match="new thread"):
        Refresher(polls, polls.beat, 60.0, "default")

    wait_until(lambda: set(threading.enumerate()) <= before, 10)
    assert polls.count == 0


def test_a_poll_that_gets_on_is_not_taken_for_one_that_hangs(
    resting: Refresher, polls: Polls
) -> None:
    polls.go_on.clear()
    wake_event.set()
    wait_until(lambda: polls.count == 2, 10)
    began = resting._busy_since = time.monotonic() - 2 * refresher.MAX_SILENT_SECONDS

    resting.touch()

    assert resting._busy_since > began + refresher.MAX_SILENT_SECONDS


@pytest.mark.slow
def test_r07_what_was_committed_before_it_listened_is_looked_for(
    postgresql: Database,
    settings: object,
    make_store: Callable[..., Store],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS}  # type: ignore[attr-defined]
    acme = make_site()
    begin = PostgresListener.begin

    def late(self: PostgresListener, line: BaseDatabaseWrapper) -> bool:
        if self._driver is None:
            with deaf_commit():
                OriginFactory(tenant=acme, pattern=NEW)
        return begin(self, line)

    monkeypatch.setattr(PostgresListener, "begin", late)
    held = make_store()
    held.current()

    wait_until(lambda: sees(held, NEW), 10)
