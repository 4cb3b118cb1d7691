"""When somebody changed the policies of some tenants, who it was, and why."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, F, Min
from django.db.models.functions import TruncHour

from corsadmin.admin.history.versions import KINDS, Kind
from corsadmin.models import Tenant
from corsadmin.models.access import Access, AnyRow
from corsadmin.models.rows import RowVersions

MAX_CHANGES: Final = 500  # the latest changes, which charts and cards show


class PolicyChange(NamedTuple):
    """What one person changed in a tenant within an hour for one reason: the start and row count."""

    tenant: int
    slug: str
    at: datetime
    user: str
    reason: str
    rows: int

    @property
    def words(self) -> str:
        """Return who changed something and why, for the tooltip of a chart."""
        return ": ".join(filter(None, (self.slug, self.user, self.reason)))


def changes_of(may: Access, slugs: Mapping[int, str], since: datetime) -> list[PolicyChange]:
    """Return the changes of some tenants that the user may see, the latest first."""
    found = [_of_kind(kind, _visible(may, kind, slugs), since) for kind in KINDS]
    rows = list(found[0].union(*found[1:], all=True).order_by("-first")[:MAX_CHANGES])
    changes: dict[tuple[int, str, str, datetime], PolicyChange] = {}
    for tenant, user, reason, hour, first, number in rows:
        one = PolicyChange(tenant, slugs[tenant], first, user or "", reason or "", number)
        key = tenant, one.user, one.reason, hour
        known = changes.get(key, one._replace(rows=0))
        changes[key] = known._replace(at=min(known.at, first), rows=known.rows + number)
    return sorted(changes.values(), key=lambda one: one.at, reverse=True)


def _visible(may: Access, kind: type[AnyRow], keys: Collection[int]) -> frozenset[int]:
    seen = may.seen(Tenant, kind)
    return frozenset(keys) if seen is None else seen.intersection(keys)


def _of_kind(kind: Kind, keys: Collection[int], since: datetime) -> RowVersions:
    """Return the changes to a model's rows, as one row for each hour, person and reason."""
    owner = "id" if kind is Tenant else "tenant_id"
    user = f"history_user__{get_user_model().USERNAME_FIELD}"
    zone = UTC if settings.USE_TZ else None
    rows: RowVersions = kind.history.filter(
        **{f"{owner}__in": keys}, history_date__gte=since
    ).order_by()
    found: RowVersions = (
        rows.annotate(owner=F(owner), hour=TruncHour("history_date", tzinfo=zone))
        .values("owner", user, "history_change_reason", "hour")
        .annotate(first=Min("history_date"), number=Count("pk"))
        .values_list("owner", user, "history_change_reason", "hour", "first", "number")
    )
    return found
