"""For how long emergencies stopped a tenant's callers, so that what they use looks unused."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from django.db.models import Q
from django.utils import timezone

from corsadmin.engine import PLATFORM
from corsadmin.engine.emergencies import StopLevel
from corsadmin.models import Emergency, Tenant

Span: TypeAlias = tuple[datetime, datetime]
# What it takes away leaves every caller a caller whose use is seen.
_HARMLESS: Final = StopLevel.CREDENTIALS.value


def stopped_shares(keys: Collection[int], days: int) -> dict[int, float]:
    """Return which part of the last days emergencies stopped every origin of some tenants.

    Those of which none was stopped are left out. The platform's stop each tenant.
    """
    now = timezone.now()
    first = now - timedelta(days=days)
    spans = _spans(keys, now)
    platform = Tenant.objects.filter(slug=PLATFORM).values_list("pk", flat=True).first()
    shared = spans.get(platform, []) if spans else []
    found = {
        key: _length((max(begin, first), end) for begin, end in [*spans.get(key, ()), *shared])
        / (now - first)
        for key in keys
    }
    return {key: share for key, share in found.items() if share}


def _spans(keys: Collection[int], now: datetime) -> dict[Any, list[Span]]:
    """Return when every origin of tenants was stopped, by the tenants' keys.

    Of an emergency that no version tells of, it is since it began.
    """
    whose = Q(tenant__in=keys) | Q(tenant__slug=PLATFORM)
    versions = Emergency.history.filter(whose).order_by("id", "history_date", "history_id")
    fields = ("id", "tenant_id", "level", "until", "history_date", "history_type")
    told = [*versions.values_list(*fields)]
    known = {row for row, *_rest in told}
    rows = Emergency.objects.filter(whose).exclude(pk__in=known).order_by()
    told += [
        (*row, "+") for row in rows.values_list("id", "tenant_id", "level", "until", "created")
    ]
    found: defaultdict[Any, list[Span]] = defaultdict(list)
    for (row, tenant, level, until, begin, sign), after in zip_longest(told, told[1:]):
        ends = [now, *([until] if until else [])]
        if after is not None and after[0] == row:
            ends.append(after[4])
        if sign != "-" and level != _HARMLESS:
            found[tenant].append((begin, min(ends)))
    return found


def _length(spans: Iterable[Span]) -> timedelta:
    """Return how long at least one of some spans lasts."""
    total, reached = timedelta(), None
    for begin, end in sorted(spans):
        start = begin if reached is None else max(begin, reached)
        if end > start:
            total += end - start
            reached = end
    return total
