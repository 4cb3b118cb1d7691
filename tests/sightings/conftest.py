"""What a process has seen, with and without a thread."""

from collections.abc import Iterator
from typing import Any

import pytest

from corsadmin.serving.store import Store, process_store
from corsadmin.sightings import pacing
from corsadmin.sightings.process import ProcessSightings, process_sightings
from corsadmin.sightings.ring import Ring
from tests.factories import make_site
from tests.serving.databases import Database
from tests.sightings.calls import APP


@pytest.fixture
def new_process() -> None:
    """Forget the policies, callers and calls that other tests left in this process."""
    process_store.close()
    process_sightings._renew()


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def found(ring: Ring) -> ProcessSightings:
    """What a process has seen that has no thread."""
    return ProcessSightings(ring, Store())


@pytest.fixture
def live(
    ring: Ring, sqlite: Database, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ProcessSightings]:
    """What a process has seen whose threads drain and write at once."""
    settings.CORSADMIN = {"REFRESH_SECONDS": 60.0}
    monkeypatch.setattr(pacing, "MAX_WAIT", 0.01)
    monkeypatch.setattr(pacing, "FLUSH_SECONDS", 0.0)
    make_site(origins=[APP])
    made = ProcessSightings(ring, Store())
    made.want()
    yield made
    made.close()
