"""Read the traffic of tenants for charts and figures: by the hour, or by the day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import Sum

from corsadmin.models import Traffic
from corsadmin.sightings.batch import Calls
from corsadmin.sightings.moments import day_of

if TYPE_CHECKING:
    from django.db.models import QuerySet


MAX_ROWS: Final = 50_000  # rows of traffic that a page adds up


class TrafficSum(NamedTuple):
    """How many requests to tenants had this outcome, in the hour or day from `begun` on."""

    begun: datetime
    outcome: str
    calls: int
    preflights: int


def traffic_of(keys: Collection[int] | None) -> "QuerySet[Traffic]":
    """Return the traffic of the tenants with these keys; None for all tenants."""
    rows = Traffic.objects.order_by()
    return rows.filter(tenant__isnull=False) if keys is None else rows.filter(tenant__in=keys)


def readable_since(keys: Collection[int] | None, since: datetime, most: int) -> datetime:
    """Return a moment since which tenants have at most `most` rows: `since`, or a later hour.

    The keys are those of `traffic_of`.
    """
    # With the few rows that belong to no tenant, the index of hours is enough.
    traffic = Traffic.objects.all() if keys is None else traffic_of(keys)
    hours = traffic.filter(hour__gte=since).order_by("-hour").values_list("hour", flat=True)
    for hour in hours[most : most + 1]:
        return hour + timedelta(hours=1)
    return since


def traffic_by_hour(traffic: "QuerySet[Traffic]", since: datetime) -> Iterator[TrafficSum]:
    """Yield the sums of each hour and outcome, in order; of each day, if over a week ago."""
    sums = (
        traffic.filter(hour__gte=since)
        .order_by("hour", "outcome")
        .values("hour", "outcome")
        .annotate(all_calls=Sum("calls"), all_preflights=Sum("preflights"))
    )
    for row in sums.values_list("hour", "outcome", "all_calls", "all_preflights"):
        yield TrafficSum(*row)


def by_day(sums: Iterable[TrafficSum]) -> Iterator[TrafficSum]:
    """Yield the sums of each day and outcome, in order."""
    days: defaultdict[tuple[datetime, str], Calls] = defaultdict(Calls)
    for one in sums:
        total = days[day_of(one.begun), one.outcome]
        total.calls += one.calls
        total.preflights += one.preflights
    for (begun, outcome), total in sorted(days.items(), key=lambda item: item[0]):
        yield TrafficSum(begun, outcome, total.calls, total.preflights)
