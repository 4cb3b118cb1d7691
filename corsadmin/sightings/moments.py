"""Moments as the tables store them: aware if the site uses time zones; days and hours of UTC."""

from datetime import UTC, date, datetime

from corsadmin.models.database import stored_moment
from corsadmin.sightings.batch import HOUR


def moment(seconds: float) -> datetime:
    """Return seconds since the epoch as a moment for the database."""
    return stored_moment(datetime.fromtimestamp(seconds, UTC))


def hour_moment(hour: int) -> datetime:
    """Return the beginning of an hour, given as a number of hours since the epoch."""
    return moment(hour * HOUR)


def hour_number(seconds: float) -> int:
    """Return the number of whole hours since the epoch."""
    return int(seconds // HOUR)


def utc_day(seconds: float) -> date:
    """Return the UTC day of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).date()


def day_of(at: datetime) -> datetime:
    """Return the beginning of the day, in UTC or, on a site without time zones, in local time."""
    here = at if at.tzinfo is None else at.astimezone(UTC)
    return here.replace(hour=0, minute=0, second=0, microsecond=0)
