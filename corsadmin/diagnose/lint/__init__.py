"""Look for stored policies that cannot work, have no effect, or need a second look."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from django.db.models import QuerySet

from corsadmin.diagnose.lint.emergencies import lint_emergencies
from corsadmin.diagnose.lint.findings import ERROR, FINDINGS, LEVELS, NOTE, WARNING, Finding
from corsadmin.diagnose.lint.origins import lint_origins
from corsadmin.diagnose.lint.prefixes import lint_prefixes
from corsadmin.diagnose.lint.reading import Holding, Policy, holdings
from corsadmin.diagnose.lint.replaced import Replaced, replaced_entries
from corsadmin.diagnose.lint.rules import lint_rules, lint_tenant, rules_on_admin
from corsadmin.diagnose.lint.unserved import lint_platform, unserved
from corsadmin.engine import PLATFORM
from corsadmin.engine.rules import RuleText
from corsadmin.models import Tenant
from corsadmin.models.tenant_rows import ENABLED, TenantRows, read_tenant_rows

__all__ = [
    "ERROR",
    "FINDINGS",
    "LEVELS",
    "NOTE",
    "WARNING",
    "Finding",
    "admin_openings",
    "lint",
    "lint_read",
    "unserved",
    "with_platform",
]

_NOTHING: Final = Policy({}, {})


def lint(
    using: str,
    now: float,
    tenant: str = "",
    *,
    within: Collection[int] | None = None,
    callers: Collection[int] | None = None,
) -> Iterator[Finding]:
    """Yield the findings in the active tenants, or in the one with the slug `tenant`.

    `now` is in epoch seconds. `within` limits the tenants by primary key. `callers` holds the keys of
    the tenants whose findings may mention what callers did; None allows all.
    """
    asked = _tenants(using)
    if tenant:
        asked = asked.filter(slug=tenant)
    if within is not None:
        asked = asked.filter(pk__in=within)
    rows = with_platform(asked)
    chosen = [
        row
        for row in rows
        if (not tenant or row.slug == tenant) and (within is None or row.pk in within)
    ]
    replaced = replaced_entries(using, asked, now, callers)
    held = read_tenant_rows(rows, using, rules=ENABLED, origins=ENABLED)
    yield from _lint_platform_row(rows)
    yield from _lint(held, chosen, using, now, replaced)


def lint_read(
    held: Sequence[TenantRows],
    tenant: Tenant,
    using: str,
    now: float,
    *,
    callers: Collection[int] | None = None,
) -> Iterator[Finding]:
    """Yield the findings in one active tenant whose rows the caller has read already.

    `held` are the rows of the platform, then of the tenant, both from `with_platform`; disabled rows
    among them are ignored. `now` and `callers` are as for `lint`.
    """
    enabled = [
        TenantRows(
            one.tenant,
            one.hosts,
            [row for row in one.rules if row.enabled],
            [row for row in one.origins if row.enabled],
        )
        for one in held
    ]
    asked = _tenants(using).filter(pk=tenant.pk)
    replaced = replaced_entries(using, asked, now, callers)
    yield from _lint_platform_row([one.tenant for one in held])
    yield from _lint(enabled, [tenant], using, now, replaced)


def with_platform(tenants: QuerySet[Tenant]) -> list[Tenant]:
    """Return the active platform, then the other tenants by slug, each with its emergency loaded."""
    platform = _tenants(tenants.db).filter(slug=PLATFORM)
    rows = (tenants | platform).select_related("emergency").order_by("slug")
    return sorted(rows, key=lambda row: not row.is_platform)


def _lint_platform_row(rows: Sequence[Tenant]) -> Iterator[Finding]:
    if not (rows and rows[0].is_platform):
        yield Finding(PLATFORM, "tenant", PLATFORM, "platform-missing")


def _lint(
    held: Iterable[TenantRows],
    chosen: Sequence[Tenant],
    using: str,
    now: float,
    replaced: Replaced,
) -> Iterator[Finding]:
    yield from lint_emergencies(chosen, now)
    keys = {row.pk for row in chosen}
    # The platform comes first: the others inherit from it.
    from_platform = _NOTHING
    for holding in holdings(held):
        if holding.tenant.is_platform:
            from_platform = holding.policy
        if holding.tenant.pk in keys:
            yield from _lint_one(holding, from_platform, now, replaced)
            yield from lint_platform(holding, using)
    yield from replaced.values()


def _lint_one(
    holding: Holding, from_platform: Policy, now: float, replaced: Replaced
) -> Iterator[Finding]:
    inherits = holding.tenant.inherits_platform and not holding.tenant.is_platform
    inherited = from_platform if inherits else _NOTHING
    yield from holding.broken_rows
    yield from lint_tenant(holding, inherited)
    yield from lint_rules(holding, inherited)
    for finding in lint_origins(holding, inherited, now):
        # A finding about its replacement says more than “expired”.
        if finding.code != "expired" or (finding.tenant, finding.name) not in replaced:
            yield finding
    yield from lint_prefixes(holding)


def admin_openings(using: str) -> Iterator[tuple[RuleText, str]]:
    """Yield each rule of the platform that opens the admin to any origin, and the admin's path."""
    platform = _tenants(using).filter(slug=PLATFORM)
    for holding in holdings(read_tenant_rows(platform, using, rules=ENABLED, origins=ENABLED)):
        for rule, at in rules_on_admin(holding.policy.rules):
            if rule.any_origin:
                yield rule, at


def _tenants(using: str) -> QuerySet[Tenant]:
    return QuerySet(Tenant, using=using).filter(is_active=True)
