"""The state of the process that shows a page: its policies, refresher and recording of callers."""

from datetime import datetime
from math import ceil
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.models.counter import current_generation
from corsadmin.models.database import alias_for_writing
from corsadmin.serving.store import State, process_store
from corsadmin.sightings.moments import moment
from corsadmin.sightings.process import process_sightings

STATES: Final = {
    State.READY: _("ready"),
    State.STALE: _("stale"),
    State.NOT_READY: _("not ready"),
}


class ProcessState(NamedTuple):
    """The state of one process. `age` is in seconds, None if its policies are unconfirmed so far."""

    state: str | Promise
    is_well: bool
    known: int | None
    stored: int
    age: int | None
    written: datetime | None
    fails_to_write: bool


def process_state() -> ProcessState:
    """Return the current state of this process."""
    known = process_store.current().snapshot
    health = process_store.health
    written = process_sightings.written
    return ProcessState(
        STATES[health.state],
        health.state is State.READY,
        None if known is None else known.generation,
        current_generation(alias_for_writing())[0],
        None if health.age is None else ceil(health.age),
        None if written is None else moment(written),
        process_sightings.is_failing,
    )
