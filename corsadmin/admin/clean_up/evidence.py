"""Decide whether a tenant's recorded calls suffice to call its rows unused."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from django.db.models import Min, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from corsadmin.admin.clean_up.stopped_time import stopped_shares
from corsadmin.admin.last_seen.conditions import today
from corsadmin.models import EntrySeen, RuleNames, Tenant, Traffic, Unseen

MAX_UNLOOKED_SHARE: Final = 0.05  # of a tenant's calls
MAX_STOPPED_SHARE: Final = 0.05  # of the days, by emergencies


def obstacles(tenants: Collection[Tenant], days: int) -> dict[int, str]:
    """Return, by key, why nothing is proposed for a tenant, leaving out those without an obstacle."""
    keys = [tenant.pk for tenant in tenants]
    since = recorded_since(keys)
    unlooked, stopped = _unlooked_shares(keys, days), stopped_shares(keys, days)
    found: dict[int, str] = {}
    for tenant in tenants:
        share = unlooked.get(tenant.pk, 0.0)
        if not tenant.is_active:
            found[tenant.pk] = _("This tenant is inactive.")
        elif since is None:
            found[tenant.pk] = _("No calls have been recorded yet, so nothing counts as unused.")
        elif since > today() - timedelta(days=days):
            given = {"day": date_format(since, "SHORT_DATE_FORMAT"), "days": days}
            found[tenant.pk] = _("Recording began on %(day)s, less than %(days)d days ago.") % given
        elif share > MAX_UNLOOKED_SHARE:
            text = _("%(share).0f %% of this tenant's calls were not examined.")
            found[tenant.pk] = text % {"share": 100 * share}
        elif stopped.get(tenant.pk, 0.0) > MAX_STOPPED_SHARE:
            text = _(
                "An emergency stopped this tenant's callers for %(share).0f %% of this period, so "
                "what they use looks unused."
            )
            found[tenant.pk] = text % {"share": 100 * stopped[tenant.pk]}
    return found


def recorded_since(keys: Collection[int]) -> date | None:
    """Return the first day with a recorded call, or None.

    The use of origin entries counts only for the tenants with these keys.
    """
    hour = Traffic.objects.aggregate(first=Min("hour"))["first"]
    days = [
        None if hour is None else hour.date(),
        RuleNames.objects.aggregate(first=Min("first_day"))["first"],
        EntrySeen.objects.filter(entry__tenant__in=keys).aggregate(first=Min("first_day"))["first"],
    ]
    return min((day for day in days if day is not None), default=None)


def _unlooked_shares(keys: Collection[int], days: int) -> dict[int, float]:
    """Return the share of each tenant's calls that were not looked at, if any."""
    since = timezone.now() - timedelta(days=days)
    unseen = Unseen.objects.filter(tenant__in=keys, hour__gte=since, not_looked_at__gt=0)
    lost = dict(
        unseen.values("tenant").annotate(sum=Sum("not_looked_at")).values_list("tenant", "sum")
    )
    traffic = Traffic.objects.filter(tenant__in=lost, hour__gte=since).values("tenant")
    sums = traffic.annotate(sum=Sum("calls") + Sum("preflights")).values_list("tenant", "sum")
    calls = dict(sums)
    return {key: number / max(number, calls.get(key, 0)) for key, number in lost.items()}
