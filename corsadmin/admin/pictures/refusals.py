"""Interpret sums of traffic: allowed calls, refused calls, and refused calls by reason."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from django.utils.formats import number_format
from django.utils.functional import Promise

from corsadmin.admin.pictures.geometry import share_of
from corsadmin.engine import Reason
from corsadmin.messages import REASONS
from corsadmin.sightings.reading import TrafficSum

REASON_ROW: Final = 34  # pixels from one reason to the next
# The least number for each unit, the size of the unit, and its sign.
_UNITS: Final = ((10**9, 10**9, "G"), (10**6, 10**6, "M"), (10**4, 10**3, "k"))


class ReasonBar(NamedTuple):
    """How many calls were refused for a reason."""

    reason: str
    sentence: str | Promise
    number: int
    width: str
    y: int

    @property
    def counted(self) -> str:
        """Return the number, formatted for people."""
        return grouped(self.number)


class ReasonPicture(NamedTuple):
    """Refused calls by reason, the most frequent first."""

    bars: list[ReasonBar]

    @property
    def height(self) -> int:
        """Return the height of the chart in pixels."""
        return REASON_ROW * len(self.bars)

    @property
    def description(self) -> str:
        """Return the chart's content in a sentence."""
        return ", ".join(f"{bar.reason}: {grouped(bar.number)}" for bar in self.bars)


def refused_by_reason(sums: Iterable[TrafficSum], since: datetime) -> ReasonPicture:
    """Return the calls refused since a moment, by reason."""
    counts: Counter[str] = Counter()
    for one in sums:
        if one.begun >= since:
            counts[one.outcome] += refused_in(one)
    most = max(counts.values(), default=0)
    found = [
        ReasonBar(reason, sentence_of(reason), count, share_of(count, most), REASON_ROW * place)
        for place, (reason, count) in enumerate((+counts).most_common())
    ]
    return ReasonPicture(found)


def sentence_of(reason: str) -> str | Promise:
    """Return a reason in words, or its name if this version does not know it."""
    return REASONS[Reason(reason)] if reason in set(Reason) else reason


def refused_in(one: TrafficSum) -> int:
    """Return how many refused calls a sum counts. After a refused preflight, no call follows."""
    return 0 if one.outcome == Reason.ALLOWED else one.calls + one.preflights


def allowed_in(one: TrafficSum) -> int:
    """Return how many allowed calls a sum counts. An allowed preflight is not a call."""
    return one.calls if one.outcome == Reason.ALLOWED else 0


def grouped(number: int) -> str:
    """Return a number with its digits grouped, formatted for people."""
    return number_format(number, force_grouping=True)


def compact(number: int) -> str:
    """Return a round number in short form, for the scale of a chart."""
    for least, unit, sign in _UNITS:
        if number >= least:
            whole, rest = divmod(number, unit)
            return f"{number_format(number / unit if rest else whole)}{sign}"
    return grouped(number)
