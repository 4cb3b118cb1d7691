"""The geometry of charts: plain numbers in, SVG attributes out.

Horizontal positions are shares of the width, so that a chart fits any page while its texts keep
their size. Vertical positions are pixels.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count, pairwise
from typing import Final, NamedTuple

MAX_STEPS: Final = 4  # between the lines of a scale
MIN_HEIGHT: Final = 2  # pixels of a bar, so that one call is visible beside a million
MAX_LABELED: Final = 94  # percent of the width; a label further to the right would be cut off
MAX_COMPARED: Final = 3  # values before a change, and as many after it
MIN_RISE: Final = 5  # lower averages are not worth reporting
RISES: Final = 2  # the factor that counts as a rise
_ROUND: Final = (1, 2, 5)
_GAP: Final = 0.2  # share of a bar's room
_QUARTER: Final = 6  # hours


class Line(NamedTuple):
    """A horizontal line at a value of the scale."""

    value: int
    y: str


class Scale(NamedTuple):
    """From 0 to `top`, in round steps."""

    top: int
    step: int

    def lines(self, y: int, height: int) -> list[Line]:
        """Return the lines of a panel that starts at `y`, from the lowest to the highest."""
        values = range(0, self.top + 1, self.step)
        return [Line(value, number(y + height - height * value / self.top)) for value in values]


class Bar(NamedTuple):
    """A vertical bar: the index of its value, and its position and size."""

    place: int
    x: str
    width: str
    y: str
    height: str


class Tick(NamedTuple):
    """A moment on the time axis. `is_day` says that a day begins there."""

    x: str
    moment: datetime
    is_day: bool
    is_labeled: bool


def scale_of(peak: int) -> Scale:
    """Return the smallest round scale that includes a value."""
    steps = (digit * 10**power for power in count() for digit in _ROUND)
    step = next(step for step in steps if step * MAX_STEPS >= peak)
    return Scale(step * max(1, -(-peak // step)), step)


def bars(values: Sequence[int], scale: Scale, y: int, height: int) -> list[Bar]:
    """Return the bars of a panel that starts at `y`. A value of 0 has no bar."""
    room = 100 / max(1, len(values))
    found = []
    for index, value in enumerate(values):
        if value:
            size = min(height, max(MIN_HEIGHT, height * value / scale.top))
            left, width = room * (index + _GAP / 2), room * (1 - _GAP)
            found.append(
                Bar(index, percent(left), percent(width), number(y + height - size), number(size))
            )
    return found


def rooms(parts: int) -> list[tuple[str, str]]:
    """Return the room of each of some values: its left side and its width."""
    room = 100 / max(1, parts)
    return [(percent(room * index), percent(room)) for index in range(parts)]


def hour_ticks(moments: Sequence[datetime]) -> Iterator[Tick]:
    """Yield a tick wherever a quarter of a day begins by the wall clock, even if a day has 23 hours.

    Midnights and noons have labels.
    """
    for index, (before, at) in enumerate(pairwise(moments), 1):
        quarter = at.hour // _QUARTER
        if (at.date(), quarter) != (before.date(), before.hour // _QUARTER):
            share = 100 * index / len(moments)
            is_labeled = quarter in {0, 2} and share <= MAX_LABELED
            yield Tick(percent(share), at, at.date() != before.date(), is_labeled)


def week_ticks(moments: Sequence[datetime]) -> Iterator[Tick]:
    """Yield a tick wherever a week begins among days. Every second tick has a label."""
    weeks = [index for index, at in enumerate(moments) if at.weekday() == 0]
    for turn, index in enumerate(weeks):
        share = 100 * index / len(moments)
        is_labeled = turn % 2 == 0 and share <= MAX_LABELED
        yield Tick(percent(share), moments[index], is_day=True, is_labeled=is_labeled)


def share_of(value: int, whole: int) -> str:
    """Return the share of the width for a value. Any value above 0 is visible."""
    return percent(max(0.5, 100 * value / whole) if value else 0)


def percent(share: float) -> str:
    """Return a share of the width as an attribute."""
    return f"{number(share)}%"


def number(value: float) -> str:
    """Return a number as an attribute, independent of the page's language."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def rise(values: Sequence[int], index: int) -> tuple[int, int] | None:
    """Return the averages before and after a rise at an index, or None without a rise.

    Up to three values from the index on are compared with as many before it.
    """
    span = min(MAX_COMPARED, index, len(values) - index)
    if span <= 0:
        return None
    before = sum(values[index - span : index]) / span
    after = sum(values[index : index + span]) / span
    if after < MIN_RISE or after < before * RISES:
        return None
    return round(before), round(after)
