"""Lint emergencies: what nobody has lifted for a day, and what is not valid as it is stored."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.models import Emergency, Tenant
from corsadmin.models.policy_rows import epoch

REMINDED_AFTER: Final = timedelta(days=1)


def lint_emergencies(tenants: Iterable[Tenant], now: float) -> Iterator[Finding]:
    """Yield what to look at in the emergencies of tenants; one that is over is none.

    Each tenant was read together with its emergency.
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
