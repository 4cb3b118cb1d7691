"""The dates that people write into a table, and the date cells of a spreadsheet."""

import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

_DATE: Final = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:(?:,? +|T)(\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII
)
# As Excel counts days: 20000 is in 1954, 99999 in 2173.
_DAYS: Final = re.compile(r"[2-9]\d{4}", re.ASCII)
_DAY_ZERO: Final = date(1899, 12, 30)
_YEAR: Final = 4  # digits
_MONTHS: Final = 12
_LAST_MINUTE: Final = time(23, 59)


class EitherDayError(Exception):
    """A date may have the day first or the month first."""


class NumberedDayError(Exception):
    """A number may be a day in a cell that is not formatted as a date.

    `day` is the day that Excel shows for it. A workbook that counts from 1904 means another one, so
    a person has to confirm it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.day = (_DAY_ZERO + timedelta(days=number)).isoformat()


def iso_moment(
    cell: object, *, is_end: bool, day_first: bool | None, zone: tzinfo | None
) -> str | None:
    """Return the moment in a cell in ISO 8601, or None if the cell contains no date.

    A day without a time means its first minute, or with `is_end` its last one. Without a `zone`, the
    result has none either. Raises EitherDayError if `day_first` is None and the date leaves it open.
    Raises NumberedDayError for a number that may be a day.
    """
    found = _moment(cell, day_first)
    if found is None:
        return None
    if is_end and found.time() == time():
        found = datetime.combine(found, _LAST_MINUTE)
    return found.replace(tzinfo=zone).isoformat()


def _moment(cell: object, day_first: bool | None) -> datetime | None:  # noqa: FBT001 (of three values)
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    text = str(cell).strip()
    if _DAYS.fullmatch(text):
        raise NumberedDayError(int(text))
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    first, sign, second, last, *clock = found.groups()
    try:
        day = date(*_ordered(first, sign, second, last, day_first))
        hour, minute, second = (int(part or 0) for part in clock)
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None


def _ordered(
    first: str,
    sign: str,
    second: str,
    last: str,
    day_first: bool | None,  # noqa: FBT001
) -> tuple[int, int, int]:
    """Return year, month and day; an invalid year 0 if the year does not have four digits."""
    one, two, three = int(first), int(second), int(last)
    if len(first) == _YEAR:
        return one, two, three
    if len(last) != _YEAR:
        return 0, 0, 0
    if sign == ".":
        return three, two, one
    if day_first is None:
        if max(one, two) <= _MONTHS and one != two:
            raise EitherDayError
        day_first = one > _MONTHS or one == two
    return (three, two, one) if day_first else (three, one, two)
