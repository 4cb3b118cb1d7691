"""What sums of traffic mean: allowed calls, refused ones, and for which reasons they were refused."""

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
# From which number on which unit is written.
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
        """Return the number as people read it."""
        return grouped(self.number)


class ReasonPicture(NamedTuple):
    """Refused calls by reason, the most frequent first."""

    bars: list[ReasonBar]

    @property
    def height(self) -> int:
        """Return the height of the picture in pixels."""
        return REASON_ROW * len(self.bars)

    @property
    def description(self) -> str:
        """Return the picture in a sentence."""
        return ", ".join(f"{bar.reason}: {grouped(bar.number)}" for bar in self.bars)


def refused_by_reason(sums: Iterable[TrafficSum], since: datetime) -> ReasonPicture:
    """Return for which reasons calls were refused from a moment on."""
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
    """Return a reason in words; of one that this version does not know, its name."""
    return REASONS[Reason(reason)] if reason in set(Reason) else reason


def refused_in(one: TrafficSum) -> int:
    """Return how many refused calls a sum counts: after a refused preflight there is no call."""
    return 0 if one.outcome == Reason.ALLOWED else one.calls + one.preflights


def allowed_in(one: TrafficSum) -> int:
    """Return how many allowed calls a sum counts. Preflights only ask."""
    return one.calls if one.outcome == Reason.ALLOWED else 0


def grouped(number: int) -> str:
    """Return a number as people read it."""
    return number_format(number, force_grouping=True)


def compact(number: int) -> str:
    """Return a round number in few signs, for the side of a picture."""
    for least, unit, sign in _UNITS:
        if number >= least:
            whole, rest = divmod(number, unit)
            return f"{number_format(number / unit if rest else whole)}{sign}"
    return grouped(number)
