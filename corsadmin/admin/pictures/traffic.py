"""The charts of allowed and refused calls, by the hour and by the day."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from corsadmin.admin.pictures.changes import PolicyChange
from corsadmin.admin.pictures.geometry import (
    MAX_COMPARED,
    Bar,
    Line,
    Tick,
    bars,
    hour_ticks,
    percent,
    rise,
    rooms,
    scale_of,
    week_ticks,
)
from corsadmin.admin.pictures.refusals import allowed_in, compact, grouped, refused_in
from corsadmin.admin.words import local
from corsadmin.sightings.moments import day_of
from corsadmin.sightings.reading import TrafficSum, by_day

HOURS: Final = 48
DAYS: Final = 90
MAX_MARKS: Final = 20  # marks of changes in a chart
MAX_NAMED: Final = 3  # changes that one mark names
MAX_RISES: Final = 2  # rises that a sentence reports
PANEL: Final = 84  # pixels: the height of a panel
MARKS: Final = 9  # the vertical position of the marks
UPPER: Final = 42  # the top of the panel of allowed calls
LOWER: Final = UPPER + PANEL + 30
HEIGHT: Final = LOWER + PANEL + 24
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Panel(NamedTuple):
    """One half of the chart, with its own scale."""

    total: int
    bars: list[Bar]
    lines: list[tuple[Line, str]]
    y: int
    ground: int

    @property
    def counted(self) -> str:
        """Return the number of calls, formatted for people."""
        return grouped(self.total)


class Mark(NamedTuple):
    """A mark where policies were changed, with the latest of its changes."""

    x: str
    number: int
    changes: list[PolicyChange]
    more: int

    @property
    def first(self) -> PolicyChange:
        """Return the change that the mark links to."""
        return self.changes[0]


class Slot(NamedTuple):
    """An hour or a day: its name, its calls, and its room in the chart."""

    name: str
    allowed: int
    refused: int
    x: str = ""
    width: str = ""

    @property
    def counts(self) -> tuple[str, str]:
        """Return the numbers of allowed and of refused calls, formatted for people."""
        return grouped(self.allowed), grouped(self.refused)

    @property
    def words(self) -> str:
        """Return the tooltip."""
        given = {"when": self.name, "allowed": self.counts[0], "refused": self.counts[1]}
        return _("%(when)s: %(allowed)s allowed, %(refused)s refused") % given


class TrafficPicture(NamedTuple):
    """Calls over a time. `by_day` says that its slots are days of UTC."""

    by_day: bool
    slots: list[Slot]
    allowed: Panel
    refused: Panel
    ticks: list[tuple[Tick, str]]
    marks: list[Mark]
    rises: list[str]
    height: int = HEIGHT
    marks_y: int = MARKS

    @property
    def panels(self) -> list[tuple[Panel, str]]:
        """Return both halves, each with the name of its class."""
        return [(self.allowed, "allowed"), (self.refused, "refused")]

    @property
    def depth(self) -> int:
        """Return the distance from the top of the bars to the bottom line."""
        return self.refused.ground - self.allowed.y

    @property
    def filled(self) -> list[Slot]:
        """Return the slots with calls, the latest first, for the table."""
        return [slot for slot in reversed(self.slots) if slot.allowed or slot.refused]

    @property
    def description(self) -> str:
        """Return the chart's content in words, for users who cannot see it."""
        text = (
            _("%(allowed)s calls allowed and %(refused)s refused in %(count)d days.")
            if self.by_day
            else _("%(allowed)s calls allowed and %(refused)s refused in %(count)d hours.")
        )
        given = {"allowed": grouped(self.allowed.total), "refused": grouped(self.refused.total)}
        found = [text % {**given, "count": len(self.slots)}]
        if self.refused.total:
            peak = max(self.slots, key=lambda slot: slot.refused)
            most = {"when": peak.name, "refused": grouped(peak.refused)}
            found.append(_("Peak of refused calls: %(refused)s (%(when)s).") % most)
        return " ".join(found)


class Axis(NamedTuple):
    """The hours or days from one moment to another."""

    begun: datetime
    last: datetime
    step: timedelta

    @property
    def moments(self) -> list[datetime]:
        """Return the start of each hour or day."""
        number = (self.last - self.begun) // self.step + 1
        return [self.begun + self.step * place for place in range(number)]

    def share(self, at: datetime) -> float:
        """Return the position of a moment, from 0 at the left to 1 at the right end."""
        return (at - self.begun) / (self.last + self.step - self.begun)


def picture_of_hours(
    sums: Iterable[TrafficSum], since: datetime, changes: Collection[PolicyChange]
) -> TrafficPicture:
    """Return the chart of the last two days by hour, or since a moment, in the page's time zone."""
    last = timezone.now().replace(minute=0, second=0, microsecond=0)
    axis = Axis(min(last, max(last - HOUR * (HOURS - 1), since)), last, HOUR)
    here = [local(moment) for moment in axis.moments]
    ticks = [
        (tick, date_format(tick.moment, day_label() if tick.is_day else "TIME_FORMAT"))
        for tick in hour_ticks(here)
    ]
    names = [date_format(moment, "DATETIME_FORMAT") for moment in here]
    return _picture(axis, names, ticks, sums, changes)


def picture_of_days(
    sums: Iterable[TrafficSum], since: datetime, changes: Collection[PolicyChange]
) -> TrafficPicture:
    """Return the chart of the last 90 days, or since a moment. Traffic is stored by days of UTC."""
    last = day_of(timezone.now())
    axis = Axis(min(last, max(last - DAY * (DAYS - 1), day_of(since))), last, DAY)
    ticks = [(tick, date_format(tick.moment, day_label())) for tick in week_ticks(axis.moments)]
    names = [date_format(moment, "DATE_FORMAT") for moment in axis.moments]
    return _picture(axis, names, ticks, by_day(sums), changes)


def day_label() -> str:
    """Return the format of a day on a chart's axis: short, in the page's language."""
    return pgettext("format of a day on a chart (date filter)", "j M")


def _picture(
    axis: Axis,
    names: Sequence[str],
    ticks: list[tuple[Tick, str]],
    sums: Iterable[TrafficSum],
    changes: Collection[PolicyChange],
) -> TrafficPicture:
    allowed, refused = Counter[datetime](), Counter[datetime]()
    for one in sums:
        allowed[one.begun] += allowed_in(one)
        refused[one.begun] += refused_in(one)
    moments = axis.moments
    slots = [
        Slot(name, allowed[moment], refused[moment], *room)
        for name, moment, room in zip(names, moments, rooms(len(moments)), strict=True)
    ]
    shown = [one for one in changes if 0 <= axis.share(one.at) < 1]
    values = [slot.refused for slot in slots]
    calls = [slot.allowed + slot.refused for slot in slots]
    return TrafficPicture(
        axis.step == DAY,
        slots,
        _panel([slot.allowed for slot in slots], UPPER),
        _panel(values, LOWER),
        ticks,
        list(_marks(axis, shown)),
        list(islice(_rises(axis, shown, values, calls), MAX_RISES)),
    )


def _panel(values: Sequence[int], y: int) -> Panel:
    scale = scale_of(max(values))
    lines = [(line, compact(line.value)) for line in scale.lines(y, PANEL)]
    return Panel(sum(values), bars(values, scale, y, PANEL), lines, y, y + PANEL)


def _marks(axis: Axis, changes: Iterable[PolicyChange]) -> Iterator[Mark]:
    """Yield the marks from left to right, at most MAX_MARKS, so that each is easy to tap."""
    places: dict[int, list[PolicyChange]] = {}
    for one in changes:
        places.setdefault(int(axis.share(one.at) * MAX_MARKS), []).append(one)
    for number, (_place, some) in enumerate(sorted(places.items()), 1):
        x = percent(100 * axis.share(some[0].at))
        yield Mark(x, number, some[:MAX_NAMED], max(0, len(some) - MAX_NAMED))


def _rises(
    axis: Axis, changes: Iterable[PolicyChange], values: Sequence[int], calls: Sequence[int]
) -> Iterator[str]:
    """Yield sentences about changes after which more calls were refused, the latest first.

    Without any recorded call before a change, there is nothing to compare with.
    """
    places: dict[int, PolicyChange] = {}
    for one in changes:
        places[int(axis.share(one.at) * len(values))] = one
    for place, one in places.items():
        is_first = not any(calls[max(0, place - MAX_COMPARED) : place])
        found = None if is_first else rise(values, place)
        if found is not None:
            before, after = map(grouped, found)
            when = date_format(local(one.at), "DATETIME_FORMAT")
            yield _rise_text(axis) % {"before": before, "after": after, "when": when}


def _rise_text(axis: Axis) -> str:
    if axis.step == DAY:
        return _(
            "After the change of %(when)s, refused calls rose from %(before)s to %(after)s a day."
        )
    return _(
        "After the change of %(when)s, refused calls rose from %(before)s to %(after)s an hour."
    )
