"""Lint emergencies: those that nobody has lifted for a day, and those with an unknown level."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.models import Emergency, Tenant
from corsadmin.models.policy_rows import epoch

REMINDED_AFTER: Final = timedelta(days=1)


def lint_emergencies(tenants: Iterable[Tenant], now: float) -> Iterator[Finding]:
    """Yield the findings in the emergencies of tenants, except those that are over.

    Each tenant must be loaded together with its emergency. `now` is in epoch seconds.
    """
    for tenant in tenants:
        row: Emergency | None = getattr(tenant, "emergency", None)
        if row is None or (row.stop.until is not None and row.stop.until <= now):
            continue
        slug = tenant.slug
        if not row.is_known:
            yield Finding(slug, "tenant", slug, "emergency-level-unknown", row.level)
        since = epoch(row.created) or now
        if row.until is None and now - since >= REMINDED_AFTER.total_seconds():
            began = f"{datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M} UTC"
            yield Finding(slug, "tenant", slug, "emergency-forgotten", began)
