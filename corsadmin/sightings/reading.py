"""Read the traffic of tenants for pictures and figures: by the hour, or by the day."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Sum

from corsadmin.models import Tenant, Traffic
from corsadmin.sightings.batch import Calls
from corsadmin.sightings.moments import day_of

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TrafficSum(NamedTuple):
    """How many requests of some tenants were answered so, in an hour or a day from `begun` on."""

    begun: datetime
    outcome: str
    calls: int
    preflights: int


def traffic_by_hour(tenants: "QuerySet[Tenant]", since: datetime) -> Iterator[TrafficSum]:
    """Yield the sums of each hour and outcome, in their order. Of more than a week ago, days."""
    rows = Traffic.objects.using(tenants.db).filter(tenant__in=tenants.order_by(), hour__gte=since)
    sums = (
        rows.order_by("hour", "outcome")
        .values("hour", "outcome")
        .annotate(all_calls=Sum("calls"), all_preflights=Sum("preflights"))
    )
    for row in sums.values_list("hour", "outcome", "all_calls", "all_preflights"):
        yield TrafficSum(*row)


def traffic_by_day(tenants: "QuerySet[Tenant]", since: datetime) -> Iterator[TrafficSum]:
    """Yield the sums of each day and outcome, in their order, from the day of a moment on."""
    days: defaultdict[tuple[datetime, str], Calls] = defaultdict(Calls)
    for one in traffic_by_hour(tenants, day_of(since)):
        total = days[day_of(one.begun), one.outcome]
        total.calls += one.calls
        total.preflights += one.preflights
    for (begun, outcome), total in sorted(days.items(), key=lambda item: item[0]):
        yield TrafficSum(begun, outcome, total.calls, total.preflights)
