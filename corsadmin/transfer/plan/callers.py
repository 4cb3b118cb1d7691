"""The impact of a plan on the callers of the last days: whom it breaks and whom it lets in."""

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from corsadmin.engine import PLATFORM
from corsadmin.models import Tenant
from corsadmin.models.access import CALLERS, Access
from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.seen_impact import (
    MAX_TENANTS,
    NO_IMPACT,
    ChangeImpact,
    TenantImpact,
    find_impact,
)
from corsadmin.proposed_change.touched import read_touched
from corsadmin.sightings.recent_rows import busy_tenants
from corsadmin.transfer.plan.proposal import change_of
from corsadmin.transfer.plan.staging import temporary
from corsadmin.transfer.plan.steps import Plan
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import HOST, KINDS, TENANT

MAX_ROWS: Final = 20_000  # rows of a plan that are compared with sightings


def impact_of(plan: Plan) -> ChangeImpact:
    """Return the impact of a plan on the calls that were seen, in at most MAX_TENANTS tenants.

    A plan may touch more than fits into memory, so only its rows for tenants with calls are read.
    """
    if plan.impact is None:
        plan.impact = _impact_of(plan)
    return plan.impact


def impact_lines(plan: Plan, access: Access | None) -> list[str]:
    """Return the impact in sentences, for a user who may not see every tenant."""
    return impact_sentences(
        impact_of(plan),
        seen=access.seen(Tenant) if access else None,
        named=access.seen(*CALLERS) if access else None,
    )


def impacts_seen_by(plan: Plan, access: Access | None) -> list[TenantImpact]:
    """Return the impact in each tenant whose callers the user may see."""
    seen = access.seen(*CALLERS) if access else None
    return [one for one in impact_of(plan).tenants if seen is None or one.tenant in seen]


def unexplained_impact(plan: Plan, access: Access | None) -> list[Fault]:
    """Return a fault for each sentence of the impact, because the plan lacks a reason."""
    return [fault("", "callers-affected", line) for line in impact_lines(plan, access)]


def _impact_of(plan: Plan) -> ChangeImpact:
    touched = _touched(plan)
    keys = busy_tenants(touched, MAX_TENANTS + 1)
    # Tenants without calls count too: the platform may let in callers that its heirs refused, and a
    # host may come from a tenant with calls.
    others = touched.filter(slug__in=[PLATFORM, *_winners(plan)[:MAX_TENANTS]])
    seen = touched.filter(pk__in=keys[:MAX_TENANTS])
    wanted = sorted({*others.values_list("slug", flat=True), *seen.values_list("slug", flat=True)})
    slugs = _within_bounds(plan, wanted)
    if not slugs:
        return NO_IMPACT
    tenants = (
        Tenant.objects.using(plan.stage.alias).filter(slug__in=slugs).values_list("pk", flat=True)
    )
    change = change_of(plan, KINDS, slugs)
    found = find_impact(change, read_touched(change, keys={*tenants}))
    is_cut = len(keys) > MAX_TENANTS or len(slugs) < len(wanted)
    return found._replace(is_cut=found.is_cut or is_cut)


def _touched(plan: Plan) -> QuerySet[Tenant]:
    """Return the stored tenants that gain or lose a row."""
    stage = plan.stage
    parts = [f"SELECT tenant FROM {table}" for table in _tables(plan)]
    if HOST in stage.kinds:
        parts.append(
            f"SELECT t.slug FROM {stage.name(temporary('differs', HOST))} d"
            f" JOIN {stage.name(HOST.table)} o ON o.id = d.row_id"
            f" JOIN {stage.name(TENANT.table)} t ON t.id = o.tenant_id"
        )
    named = RawSQL(" UNION ".join(parts), ())  # noqa: S611 (names that Django quotes)
    return Tenant.objects.using(stage.alias).filter(slug__in=named)


def _winners(plan: Plan) -> list[str]:
    """Return the slugs of the tenants that get hosts of others."""
    if HOST not in plan.stage.kinds:
        return []
    table = plan.stage.name(temporary("differs", HOST))
    found = plan.stage.rows(
        f"SELECT DISTINCT tenant FROM {table} WHERE state = '~' ORDER BY tenant"
    )
    return [slug for (slug,) in found]


def _within_bounds(plan: Plan, slugs: Sequence[str]) -> list[str]:
    """Return those tenants, the smallest first, whose rows in the plan total at most MAX_ROWS."""
    if not slugs:
        return []
    parts = " UNION ALL ".join(f"SELECT tenant FROM {table}" for table in _tables(plan))
    places = ", ".join(["%s"] * len(slugs))
    counted = plan.stage.many_rows(
        f"SELECT tenant, COUNT(*) FROM ({parts}) r WHERE tenant IN ({places}) GROUP BY tenant",
        tuple(slugs),
    )
    counts = dict.fromkeys(slugs, 0) | dict(counted)
    total, kept = 0, []
    for slug in sorted(slugs, key=lambda slug: (counts[slug], slug)):
        total += counts[slug]
        if total <= MAX_ROWS:
            kept.append(slug)
    return kept


def _tables(plan: Plan) -> list[str]:
    """Return the tables of the rows that a plan writes and removes."""
    stage = plan.stage
    removed = [temporary("removed", kind) for kind in stage.kinds if kind is not TENANT]
    return [
        stage.name(table)
        for table in [*(temporary("differs", kind) for kind in stage.kinds), *removed]
    ]
