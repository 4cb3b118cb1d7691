"""Tenants and stores for the tests of freshness."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from corsadmin.models import Tenant
from corsadmin.serving.refresher import Poll, Refresher
from corsadmin.serving.store import Store
from tests.factories import make_site
from tests.serving.databases import Database

APP = "https://app.example.com"
MakeRefresher = Callable[[Poll, Callable[[], None], float], Refresher]


@pytest.fixture
def acme(database: Database) -> Tenant:
    """A tenant in each database, one after the other."""
    row: Tenant = make_site(origins=[APP])
    return row


@pytest.fixture
def rival(database: Database) -> Tenant:
    """A second tenant beside it, with the same origin."""
    row: Tenant = make_site("rival", origins=[APP])
    return row


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_store() -> Iterator[Callable[..., Store]]:
    """Make stores that are closed in the end."""
    made: list[Store] = []

    def make(*clocks: Clock) -> Store:
        made.append(Store(*(clocks * 2)[:2]))  # a single clock is both
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def make_refresher() -> Iterator[MakeRefresher]:
    """Make refreshers that are stopped in the end, also where a test fails."""
    made: list[Refresher] = []

    def make(poll: Poll, beat: Callable[[], None], seconds: float) -> Refresher:
        made.append(Refresher(poll, beat, seconds, "default"))
        return made[-1]

    yield make
    for refresher in made:
        refresher.stop()


@pytest.fixture
def in_a_thread() -> Callable[[Callable[[], object]], object]:
    """Run something in another thread, with connections of its own, and return its result."""

    def run(action: Callable[[], object]) -> object:
        def act() -> object:
            try:
                return action()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(act).result(timeout=60)

    return run
