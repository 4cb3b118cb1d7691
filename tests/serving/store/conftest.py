"""A store with the clock in the test's hand."""

from typing import Any

import pytest

from corsadmin.push.wakeup import wake_event
from corsadmin.serving.store import Store
from tests.factories import make_site
from tests.push.commits import deaf_commit
from tests.serving.conftest import Clock
from tests.serving.databases import Database
from tests.serving.store.steps import APP, SECONDS, MakeStore


@pytest.fixture(autouse=True)
def polling(sqlite: Database, settings: Any) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "MAX_STALE_SECONDS": 3600.0}


@pytest.fixture
def acme() -> Any:
    """A tenant that no refresher has been woken for: a test alone says when its store polls."""
    wake_event.wait(0)
    with deaf_commit():
        return make_site(origins=[APP])


@pytest.fixture
def held(make_store: MakeStore, clock: Clock, acme: Any) -> Store:
    """A store that is READY, its clock in the test's hand."""
    made = make_store(clock)
    assert made.current().untrusted_because is None
    return made


@pytest.fixture
def comparing(make_store: MakeStore, acme: Any, settings: Any) -> Store:
    """A store that compares the counter in every request."""
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    return make_store()
