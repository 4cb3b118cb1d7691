"""Remove what has expired: hours become days, days end, and rows of deleted objects go too."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from corsadmin.engine import PLATFORM
from corsadmin.models import (
    Dismissal,
    EntrySeen,
    Origin,
    PathRule,
    RuleNames,
    Tenant,
    Traffic,
    Unseen,
    UpkeepTurn,
)
from corsadmin.sightings.batch import Calls
from corsadmin.sightings.bounded import MAX_ROWS, bounded_transaction, read_bounded
from corsadmin.sightings.counts import ADD_TRAFFIC, traffic_row
from corsadmin.sightings.moments import day_of
from corsadmin.sightings.removing import MAX_REMOVED, OF_TENANTS, lock_free, remove

HOURS_KEPT: Final = timedelta(days=7)  # traffic by the hour; then by the day
KEPT: Final = timedelta(days=90)
MAX_SWEPT: Final = 10_000  # rows scanned by one query


def merge_hours(now: datetime, alias: str) -> Iterator[int]:
    """Merge hours of traffic that are a week old into days; yield the number of rows merged."""
    rows = Traffic.objects.using(alias)
    hours = rows.filter(hour__lt=day_of(now - HOURS_KEPT))
    for [hour] in _distinct(hours, "hour", 1):  # a day may have a million rows
        if hour != day_of(hour):
            yield from _merge(rows.filter(hour=hour), day_of(hour))


def end_days(now: datetime, alias: str) -> Iterator[int]:
    """Remove rows that are 90 days old, and dismissals that have ended."""
    yield from remove(Traffic.objects.using(alias).filter(hour__lt=now - KEPT))
    yield from remove(Unseen.objects.using(alias).filter(hour__lt=now - KEPT))
    yield from remove(Dismissal.objects.using(alias).filter(until__lt=now))


def follow_the_gone(now: datetime, alias: str) -> Iterator[int]:
    """Remove the rows of tenants, entries and path rules that no longer exist."""
    for model in OF_TENANTS:
        rows: QuerySet[Model] = model._base_manager.using(alias)  # noqa: SLF001 (Django's documented name)
        for some in _distinct(rows, "tenant_id", MAX_ROWS):
            tenants = Tenant.objects.using(alias).filter(pk__in=some)
            gone = {*some}.difference(read_bounded(tenants.values_list("pk", flat=True)))
            yield 0  # lets the caller drain the ring, which fills up in the meantime
            if gone:
                yield from remove(rows.filter(tenant_id__in=gone))
    entries = Origin.objects.using(alias).filter(pk=OuterRef("pk"))
    yield from _sweep(EntrySeen.objects.using(alias).filter(~Exists(entries)))
    owner = Q(tenant=OuterRef("tenant")) | Q(tenant__slug=PLATFORM)
    rules = PathRule.objects.using(alias).filter(owner, path=OuterRef("rule"))
    # A rule that was used today still exists.
    idle = RuleNames.objects.using(alias).filter(last_day__lt=now.date())
    yield from _sweep(idle.filter(~Exists(rules)))


def _distinct(rows: "QuerySet[Model]", column: str, at_once: int) -> Iterator[list[Any]]:
    """Yield the distinct values of an indexed column in order, without null, in slices.

    Each query reads only up to its last value, because reading all rows of a large table could take
    longer than a statement may.
    """
    values = rows.filter(**{f"{column}__isnull": False}).order_by(column)
    values = values.values_list(column, flat=True).distinct()
    found = read_bounded(values[:at_once])
    while found:
        yield found
        found = read_bounded(values.filter(**{f"{column}__gt": found[-1]})[:at_once])


def _merge(rows: "QuerySet[Traffic]", day: datetime) -> Iterator[int]:
    alias = rows.db
    keys = rows.order_by().values_list("pk", flat=True)
    columns = ("tenant_id", "outcome", "calls", "preflights")
    while found := read_bounded(keys[:MAX_REMOVED]):
        with bounded_transaction(alias):
            # Write first, so that SQLite waits for other writers here and cannot fail further down.
            UpkeepTurn.objects.using(alias).update(begun=F("begun"))
            free = lock_free(Traffic, found, alias)
            hours = Traffic.objects.using(alias).filter(pk__in=free)
            days: defaultdict[tuple[int | None, str], Calls] = defaultdict(Calls)
            for tenant, outcome, calls, preflights in hours.values_list(*columns):
                days[tenant, outcome].calls += calls
                days[tenant, outcome].preflights += preflights
            hours.delete()
            ADD_TRAFFIC.write(alias, [traffic_row(*key, day, sums) for key, sums in days.items()])
        yield len(free)
        if len(free) < MAX_REMOVED:
            return


def _sweep(rows: "QuerySet[Model]") -> Iterator[int]:
    """Remove rows; each query scans a bounded number of the table's rows."""
    table = rows.model._base_manager.using(rows.db).order_by("pk")  # noqa: SLF001 (Django's documented name)
    passed: list[object] = []
    while True:
        rest = Q(pk__gt=passed[0]) if passed else Q()
        keys = table.filter(rest).values_list("pk", flat=True)
        passed = read_bounded(keys[MAX_SWEPT - 1 : MAX_SWEPT])
        upto = Q(pk__lte=passed[0]) if passed else Q()
        yield from remove(rows.filter(rest, upto))
        if not passed:
            return
