"""The emergency switch: what it takes away, and until when."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class StopLevel(StrEnum):
    """What an emergency takes away from callers."""

    ALL = "all"
    CREDENTIALS = "credentials"


class Stop(NamedTuple):
    """One emergency that is switched on. `until` is in epoch seconds, None for until lifted."""

    level: StopLevel
    until: float | None = None


def stop_of(level: object, until: float | None) -> Stop:
    """Return the stop of a stored level. One that is not known takes everything away."""
    known = level == StopLevel.CREDENTIALS
    return Stop(StopLevel.CREDENTIALS if known else StopLevel.ALL, until)


def level_at(stops: Iterable[Stop], now: float) -> StopLevel | None:
    """Return what some emergencies together take away at a time, None for nothing.

    Each is over at the very second of its end, as an origin entry is.
    """
    levels = {stop.level for stop in stops if stop.until is None or now < stop.until}
    if StopLevel.ALL in levels:
        return StopLevel.ALL
    return StopLevel.CREDENTIALS if levels else None
