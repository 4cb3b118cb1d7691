"""Keep the most frequent refused origins of each tenant, in two lanes, so that no flood hides them.

An origin stays if it was seen in many hours or called often: an attacker who wants to push it out
must beat it in both. docs/sightings.md says which attackers cannot.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from corsadmin.engine import Reason
from corsadmin.models import Sighting, TenantHost, UnknownHost
from corsadmin.sightings.bounded import in_slices, read_bounded
from corsadmin.sightings.counts import MAX_UNKNOWN_HOSTS
from corsadmin.sightings.removing import remove

MAX_ORIGINS: Final = 250  # of a lane: kin, strangers, or samples of allowed origins
MAX_LANE_ROWS: Final = 2_500  # of a lane, counting each origin with all rules and reasons

_BUSY: Final = F("calls") + F("preflights")
_SAMPLE: Final = Q(reason=Reason.ALLOWED)


def evict_origins(alias: str) -> Iterator[int]:
    """Remove origins from lanes that have too many; yield the number of rows of each transaction.

    An origin is removed if it is neither in its lane's best half by hours nor in the best half by
    calls.
    """
    rows = Sighting.objects.using(alias)
    refused = rows.exclude(_SAMPLE)
    for tenant, is_kin in _too_long(refused, "tenant_id", "is_kin"):
        yield from _evict(refused.filter(tenant_id=tenant, is_kin=is_kin))
    samples = rows.filter(_SAMPLE)
    for (tenant,) in _too_long(samples, "tenant_id"):
        yield from _evict(samples.filter(tenant_id=tenant))


def evict_hosts(alias: str) -> Iterator[int]:
    """Remove hosts that now belong to a tenant, and make room for new ones if the table is full."""
    hosts = UnknownHost.objects.using(alias)
    taken = TenantHost.objects.using(alias).values("host")
    yield from remove(hosts.filter(host__in=taken))
    if read_bounded(hosts.values_list("pk")[MAX_UNKNOWN_HOSTS - 1 : MAX_UNKNOWN_HOSTS]):
        most = MAX_UNKNOWN_HOSTS * 3 // 8
        best = {
            key
            for order in ("-hours", "-calls")
            for key in read_bounded(hosts.order_by(order).values_list("pk", flat=True)[:most])
        }
        yield from remove(hosts.exclude(pk__in=best))


def _too_long(rows: "QuerySet[Sighting]", *lane: str) -> Iterator[Any]:
    """Yield the lanes with too many origins or rows.

    Counting the distinct origins of a million rows takes a database seconds, so this counts only
    for tenants with many rows, a few tenants at a time.
    """
    rows = rows.order_by()
    counts = (
        rows.values("tenant_id")
        .annotate(rows=Count("pk"))
        .filter(rows__gt=min(MAX_ORIGINS, MAX_LANE_ROWS))
    )
    for some in in_slices(sorted(read_bounded(counts.values_list("tenant_id", flat=True))), 50):
        lanes = (
            rows.filter(tenant_id__in=some)
            .values(*lane)
            .annotate(origins=Count("origin", distinct=True), rows=Count("pk"))
        )
        too_long = Q(origins__gt=MAX_ORIGINS) | Q(rows__gt=MAX_LANE_ROWS)
        yield from read_bounded(lanes.filter(too_long).values_list(*lane))


def _evict(lane: "QuerySet[Sighting]") -> Iterator[int]:
    origins = (
        lane.order_by()
        .values("origin")
        .annotate(most_hours=Max("hours"), busy=Sum(_BUSY), latest=Max("last_seen"))
    )
    if len(read_bounded(origins.values_list("origin")[: MAX_ORIGINS + 1])) > MAX_ORIGINS:
        half = MAX_ORIGINS // 2
        best = {
            origin
            for order in ("-most_hours", "-busy")
            for origin in read_bounded(
                origins.order_by(order, "-latest", "origin").values_list("origin", flat=True)[:half]
            )
        }
        yield from remove(lane.exclude(origin__in=best))
    best_first = lane.order_by("-hours", _BUSY.desc(), "pk").values_list("pk", flat=True)
    for some in in_slices(read_bounded(best_first[MAX_LANE_ROWS:])):
        yield from remove(lane.filter(pk__in=some))
