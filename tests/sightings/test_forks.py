"""What a process has seen stays with it: after a fork, and when its policies are replaced."""

import os
from typing import Any

import pytest

from corsadmin.serving.store import Store
from corsadmin.sightings.process import ProcessSightings
from corsadmin.sightings.ring import Ring, process_ring
from tests.factories import make_site
from tests.serving.databases import Database
from tests.sightings.calls import APP, text


def test_a_forked_child_leaves_to_its_parent_what_was_seen_before(
    ring: Ring, found: ProcessSightings
) -> None:
    process_ring.append(text())
    ring.append(text())
    found.tally.recorded = 5
    found._drain.take_in([text()], 0.0, max_looks=1)

    child = os.fork()
    if not child:  # pragma: no cover (another process)
        process_is_empty = process_ring.drain() == []
        found._fork.check()
        empty = ring.drain() == [] and not found._drain.take(everything=True).callers
        os._exit(0 if process_is_empty and empty and found.tally.recorded == 6 else 1)

    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(ring.drain()) == 1
    process_ring.clear()


@pytest.mark.django_db
def test_where_python_does_not_hear_of_a_fork_the_next_refresh_does(
    ring: Ring, found: ProcessSightings
) -> None:
    ring.append(text())
    found._fork._pid = 0

    found.flush()

    assert (ring.drain(), found.tally.recorded) == ([], 0)


def test_a_child_does_not_stop_its_parents_thread(live: ProcessSightings) -> None:
    live.refreshed(0.1)
    thread, parent = live._thread, live._fork._pid
    live._fork._pid = 0

    live.close()

    assert thread is not None
    assert thread.alive
    live._thread, live._fork._pid = thread, parent


def test_replaced_policies_are_freed_gradually(ring: Ring, sqlite: Database) -> None:
    """A million origins that are freed at once would hold up every request."""
    make_site(origins=[APP])
    store = Store()
    store.reload()
    found = ProcessSightings(ring, store)
    ring.append(text())
    whole = found._drain.take_in

    def replace(*items: Any, **given: Any) -> int:
        looks = whole(*items, **given)
        store.reload()
        return looks

    found._drain.take_in = replace  # type: ignore[method-assign]
    before = store.snapshot
    make_site("other")

    assert found.drain() == 1
    assert store.snapshot is not before
