"""Where the parts of a picture are: plain numbers in, attributes of SVG out.

Positions across are shares of the width, so that a picture fits any page and its texts keep their
size. Positions down are pixels.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count, pairwise
from typing import Final, NamedTuple

MAX_STEPS: Final = 4  # between the lines of a scale
MIN_HEIGHT: Final = 2  # pixels of a bar: one call is seen beside a million
MAX_LABELED: Final = 94  # percent of the width: a label further to the right would be cut off
MAX_COMPARED: Final = 3  # values before a change, and after it
MIN_RISE: Final = 5  # fewer than this are not news
RISES: Final = 2  # times as many as before
_ROUND: Final = (1, 2, 5)
_GAP: Final = 0.2  # of the room of a bar
_QUARTER: Final = 6  # hours


class Line(NamedTuple):
    """A line across the picture, at a value of the scale."""

    value: int
    y: str


class Scale(NamedTuple):
    """From 0 to `top`, in round steps."""

    top: int
    step: int

    def lines(self, y: int, height: int) -> list[Line]:
        """Return the lines of a panel that begins at `y`, from the lowest to the highest."""
        values = range(0, self.top + 1, self.step)
        return [Line(value, number(y + height - height * value / self.top)) for value in values]


class Bar(NamedTuple):
    """An upright bar: the place of its value among the others, and where it stands."""

    place: int
    x: str
    width: str
    y: str
    height: str


class Tick(NamedTuple):
    """A moment below the picture; `is_day` says that a day begins there."""

    x: str
    moment: datetime
    is_day: bool
    is_labeled: bool


def scale_of(peak: int) -> Scale:
    """Return the smallest round scale that holds a value."""
    steps = (digit * 10**power for power in count() for digit in _ROUND)
    step = next(step for step in steps if step * MAX_STEPS >= peak)
    return Scale(step * max(1, -(-peak // step)), step)


def bars(values: Sequence[int], scale: Scale, y: int, height: int) -> list[Bar]:
    """Return the bars of a panel that begins at `y`. What is nothing has no bar."""
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
    """Return where each of some values has its room: its left side and its width."""
    room = 100 / max(1, parts)
    return [(percent(room * index), percent(room)) for index in range(parts)]


def hour_ticks(moments: Sequence[datetime]) -> Iterator[Tick]:
    """Yield a tick wherever a quarter of a day begins: hours of the wall clock, however long a day.

    Midnights and noons are labeled.
    """
    for index, (before, at) in enumerate(pairwise(moments), 1):
        quarter = at.hour // _QUARTER
        if (at.date(), quarter) != (before.date(), before.hour // _QUARTER):
            share = 100 * index / len(moments)
            is_labeled = quarter in {0, 2} and share <= MAX_LABELED
            yield Tick(percent(share), at, at.date() != before.date(), is_labeled)


def week_ticks(moments: Sequence[datetime]) -> Iterator[Tick]:
    """Yield a tick wherever a week begins among days; every second one is labeled."""
    weeks = [index for index, at in enumerate(moments) if at.weekday() == 0]
    for turn, index in enumerate(weeks):
        share = 100 * index / len(moments)
        is_labeled = turn % 2 == 0 and share <= MAX_LABELED
        yield Tick(percent(share), moments[index], is_day=True, is_labeled=is_labeled)


def share_of(value: int, whole: int) -> str:
    """Return how much of the width a value takes: something is always seen."""
    return percent(max(0.5, 100 * value / whole) if value else 0)


def percent(share: float) -> str:
    """Return a share of the width as an attribute."""
    return f"{number(share)}%"


def number(value: float) -> str:
    """Return a number as an attribute, whatever the language of the page is."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def rise(values: Sequence[int], index: int) -> tuple[int, int] | None:
    """Return from what to what the values rose at a place, on average; None where they did not.

    Up to three values from that place on are compared with as many before it.
    """
    span = min(MAX_COMPARED, index, len(values) - index)
    if span <= 0:
        return None
    before = sum(values[index - span : index]) / span
    after = sum(values[index : index + span]) / span
    if after < MIN_RISE or after < before * RISES:
        return None
    return round(before), round(after)
