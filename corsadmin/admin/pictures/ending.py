"""The calendar of the coming weeks, with the number of origins that end on each day."""

from collections import Counter
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format, get_format
from django.utils.translation import ngettext

from corsadmin.admin.changelist.filters import SOON
from corsadmin.admin.pictures.weeks import ROW, WEEKS, CalendarDay, weeks_from
from corsadmin.admin.tenant_slugs import TENANT_SLUG
from corsadmin.models.policy_rows import name_entry

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from corsadmin.models import Origin

MAX_ENDS: Final = 5_000  # ends that a page counts
TOP: Final = 20  # pixels above the days, for the names of months


class EndingEntry(NamedTuple):
    """An origin entry that ends."""

    key: int
    pattern: str
    scope: str
    tenant: str
    until: datetime

    def __str__(self) -> str:
        return name_entry(self.pattern, self.scope)


class EndingPicture(NamedTuple):
    """How many origins end on each day. `counted_until` is the last day counted, or None for all.

    `soon` are the entries that the list of origins calls “ending soon”.
    """

    cells: list[tuple[CalendarDay, str]]
    months: list[tuple[str, str]]
    weekdays: list[tuple[int, str]]
    soon: list[EndingEntry]
    width: str
    total: int
    counted_until: date | None
    height: int = TOP + 7 * ROW

    @property
    def filled(self) -> list[CalendarDay]:
        """Return the days on which origins end, for the table."""
        return [cell for cell, _name in self.cells if cell.number]

    @property
    def description(self) -> str:
        """Return the chart's content in a sentence."""
        text = ngettext(
            "%(count)d origin ends in the next %(weeks)d weeks.",
            "%(count)d origins end in the next %(weeks)d weeks.",
            self.total,
        )
        return text % {"count": self.total, "weeks": WEEKS}


def picture_of_ends(entries: "QuerySet[Origin]") -> EndingPicture:
    """Return the ends of enabled entries in the coming weeks, by day in the page's time zone."""
    now = timezone.now()
    zone = timezone.get_current_timezone()
    today = _day(now, zone)
    until = now + timedelta(weeks=WEEKS)
    rows = entries.filter(enabled=True, valid_until__gt=now, valid_until__lt=until)
    columns = ("pk", "pattern", "scope", "slug", "valid_until")
    found = rows.annotate(slug=TENANT_SLUG).order_by("valid_until", "pk").values_list(*columns)
    ends = [EndingEntry._make(row) for row in found[: MAX_ENDS + 1]]
    days = [_day(end.until, zone) for end in ends]
    counted_until = None
    if len(days) > MAX_ENDS:
        # The last day may have more ends than were read.
        counted_until = days[-1] - timedelta(days=1)
        days = [day for day in days if day <= counted_until]
    weeks = weeks_from(today, Counter(days), begins_on=int(get_format("FIRST_DAY_OF_WEEK")))
    return EndingPicture(
        [(cell, date_format(cell.day, "DATE_FORMAT")) for cell in weeks.cells],
        list({cell.x: date_format(cell.day, "M") for cell in weeks.cells if cell.is_first}.items()),
        [
            (cell.y, str(WEEKDAYS_ABBR[cell.day.weekday()]))
            for cell in sorted(weeks.cells[:7], key=lambda cell: cell.y)[::2]
        ],
        [end for end in ends if end.until <= now + SOON],
        weeks.width,
        len(days),
        counted_until,
    )


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()
