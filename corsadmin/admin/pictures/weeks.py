"""A calendar of the coming weeks, with a column for each week and a row for each weekday."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from corsadmin.admin.pictures.geometry import percent

WEEKS: Final = 12
ROW: Final = 22  # pixels from one day to the next
_LEVELS: Final = (1, 2, 5)  # the numbers from which a day looks fuller


class CalendarDay(NamedTuple):
    """A day: its position, its number of ends, and how full it looks, from 0 to 3."""

    day: date
    x: str
    y: int
    number: int
    level: int
    is_first: bool  # the first day of its month in the calendar


class Weeks(NamedTuple):
    """The days of the calendar, and the width of a column."""

    cells: list[CalendarDay]
    width: str


def weeks_from(first: date, counts: Mapping[date, int], *, begins_on: int) -> Weeks:
    """Return 12 weeks from a day on. `begins_on` is the first day of the week, 0 for Sunday."""
    return Weeks(list(_cells(first, counts, begins_on)), percent(100 / _columns(first, begins_on)))


def _cells(first: date, counts: Mapping[date, int], begins_on: int) -> Iterator[CalendarDay]:
    skipped, columns = _skipped(first, begins_on), _columns(first, begins_on)
    months: set[tuple[int, int]] = set()
    for place in range(WEEKS * 7):
        day = first + timedelta(days=place)
        column, row = divmod(place + skipped, 7)
        month = day.year, day.month
        number = counts.get(day, 0)
        level = sum(number >= least for least in _LEVELS)
        yield CalendarDay(
            day, percent(100 * column / columns), ROW * row, number, level, month not in months
        )
        months.add(month)


def _skipped(first: date, begins_on: int) -> int:
    """Return how many days of the week come before a day."""
    return (first.isoweekday() - begins_on) % 7


def _columns(first: date, begins_on: int) -> int:
    return -(-(WEEKS * 7 + _skipped(first, begins_on)) // 7)
