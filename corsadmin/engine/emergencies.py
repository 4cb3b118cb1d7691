"""The emergency switch: what it takes away, and until when."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class StopLevel(StrEnum):
    """What an emergency takes away from callers."""

    ALL = "all"
    CREDENTIALS = "credentials"


class Stop(NamedTuple):
    """One emergency that is switched on. `until` is in epoch seconds, None for no end."""

    level: StopLevel
    until: float | None = None


def stop_of(level: object, until: float | None) -> Stop:
    """Return the stop of a stored level. An unknown level takes everything away."""
    known = level == StopLevel.CREDENTIALS
    return Stop(StopLevel.CREDENTIALS if known else StopLevel.ALL, until)


def level_at(stops: Iterable[Stop], now: float) -> StopLevel | None:
    """Return what these emergencies together take away at a time, None for nothing.

    An emergency is over at the instant of its end, like an origin entry.
    """
    levels = {stop.level for stop in stops if stop.until is None or now < stop.until}
    if StopLevel.ALL in levels:
        return StopLevel.ALL
    return StopLevel.CREDENTIALS if levels else None
