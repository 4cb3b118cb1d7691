"""How long emergencies stopped a tenant's callers, which makes what they use look unused."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final, TypeAlias

from django.db.models import Q
from django.utils import timezone

from corsadmin.engine import PLATFORM
from corsadmin.engine.emergencies import StopLevel
from corsadmin.models import Emergency, Tenant

Span: TypeAlias = tuple[datetime, datetime]
# Without credentials, callers still call, and their use is still recorded.
_HARMLESS: Final = StopLevel.CREDENTIALS.value


def stopped_shares(keys: Collection[int], days: int) -> dict[int, float]:
    """Return the share of the last days in which emergencies stopped every origin of a tenant.

    Tenants without such an emergency are left out. An emergency of the platform stops all tenants.
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


def _spans(keys: Collection[int], now: datetime) -> dict[object, list[Span]]:
    """Return when every origin of a tenant was stopped, by the tenants' keys.

    An emergency without a version in the history counts from its creation.
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
    found: defaultdict[object, list[Span]] = defaultdict(list)
    for (row, tenant, level, until, begin, sign), after in zip_longest(told, told[1:]):
        ends = [now, *([until] if until else [])]
        if after is not None and after[0] == row:
            ends.append(after[4])
        if sign != "-" and level != _HARMLESS:
            found[tenant].append((begin, min(ends)))
    return found


def _length(spans: Iterable[Span]) -> timedelta:
    """Return the total time that some spans cover, counting overlaps once."""
    total, reached = timedelta(), None
    for begin, end in sorted(spans):
        start = begin if reached is None else max(begin, reached)
        if end > start:
            total += end - start
            reached = end
    return total
