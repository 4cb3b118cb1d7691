"""All charts of calls on a page, from traffic that is read once and within bounds."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone

from corsadmin.admin.pictures.changes import PolicyChange
from corsadmin.admin.pictures.refusals import ReasonPicture, refused_by_reason
from corsadmin.admin.pictures.traffic import (
    DAY,
    DAYS,
    HOUR,
    HOURS,
    TrafficPicture,
    picture_of_days,
    picture_of_hours,
)
from corsadmin.admin.words import local
from corsadmin.models import Unseen
from corsadmin.sightings.moments import day_of
from corsadmin.sightings.reading import (
    MAX_ROWS,
    TrafficSum,
    readable_since,
    traffic_by_hour,
    traffic_of,
)


class SeenTraffic(NamedTuple):
    """The traffic of some tenants in the last 90 days, or less if there is too much."""

    since: datetime
    is_cut: bool
    sums: list[TrafficSum]


class CallPictures(NamedTuple):
    """The charts of calls, and how complete they are.

    They start at `since` if there is too much traffic to add up. `ring_full` is how often a process
    lost an unknown number of calls.
    """

    hours: TrafficPicture
    days: TrafficPicture
    reasons: ReasonPicture
    since: datetime | None
    ring_full: int


def read_traffic(keys: Collection[int] | None, *, is_short: bool) -> SeenTraffic:
    """Read the traffic of the tenants with these keys, or of all, as much as a page can add up.

    The present hour is always read, or a page could say nothing about today. With `is_short`, as
    for few tenants, all traffic is read.
    """
    now = timezone.now()
    wanted = since = day_of(now) - DAY * (DAYS - 1)
    if not is_short:
        present = now.replace(minute=0, second=0, microsecond=0)
        since = min(present, readable_since(keys, wanted, MAX_ROWS))
    return SeenTraffic(since, since > wanted, list(traffic_by_hour(traffic_of(keys), since)))


def calls_in_pictures(seen: SeenTraffic, changes: Collection[PolicyChange]) -> CallPictures | None:
    """Return the charts of traffic, with marks for policy changes, or None without traffic."""
    if not (seen.sums or seen.is_cut):
        return None
    lately = timezone.now() - HOUR * HOURS
    lost = Unseen.objects.filter(tenant__isnull=True, hour__gte=lately)
    return CallPictures(
        picture_of_hours(seen.sums, seen.since, changes),
        picture_of_days(seen.sums, seen.since, changes),
        refused_by_reason(seen.sums, lately),
        local(seen.since) if seen.is_cut else None,
        lost.aggregate(sum=Sum("ring_full"))["sum"] or 0,
    )
