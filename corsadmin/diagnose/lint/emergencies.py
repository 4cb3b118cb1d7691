"""Lint emergencies: what nobody has lifted for a day, and what is not valid as it is stored."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.models import Emergency
from corsadmin.models.policy_rows import epoch

REMINDED_AFTER: Final = timedelta(days=1)


def lint_emergencies(keys: Collection[int], using: str, now: float) -> Iterator[Finding]:
    """Yield what to look at in the emergencies of tenants with these keys; one that is over is none."""
    rows: QuerySet[Emergency] = QuerySet(Emergency, using=using)
    rows = rows.filter(tenant__in=keys).select_related("tenant")
    for row in rows.order_by("tenant__slug"):
        slug = row.tenant.slug
        if row.stop.until is not None and row.stop.until <= now:
            continue
        if not row.is_known:
            yield Finding(slug, "tenant", slug, "emergency-level-unknown", row.level)
        since = epoch(row.created) or now
        if row.until is None and now - since >= REMINDED_AFTER.total_seconds():
            began = f"{datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M} UTC"
            yield Finding(slug, "tenant", slug, "emergency-forgotten", began)
