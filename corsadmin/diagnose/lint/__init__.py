"""Look for stored policies that cannot work, do no work, or need a second look."""

from collections.abc import Collection, Iterator
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

__all__ = [
    "ERROR",
    "FINDINGS",
    "LEVELS",
    "NOTE",
    "WARNING",
    "Finding",
    "admin_openings",
    "lint",
    "unserved",
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
    """Yield what to look at in the active tenants, or in one; `now` is in epoch seconds.

    With `within` only in tenants with these keys. Of what callers did it tells only in the tenants
    with the keys `callers`, None: in all.
    """
    asked = _tenants(using)
    if tenant:
        asked = asked.filter(slug=tenant)
    if within is not None:
        asked = asked.filter(pk__in=within)
    rows = list(asked.order_by("slug"))
    keys = {row.pk for row in rows}
    replaced = replaced_entries(using, asked, now, callers)
    # The platform comes first: the others inherit from it.
    platform = [row for row in rows if row.is_platform] or _tenants(using).filter(slug=PLATFORM)
    rows = [*platform, *(row for row in rows if not row.is_platform)]
    if not (rows and rows[0].is_platform):
        yield Finding(PLATFORM, "tenant", PLATFORM, "platform-missing")
    yield from lint_emergencies(keys, using, now)
    from_platform = _NOTHING
    for holding in holdings(rows, using):
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
        # Of the end of a replaced entry, its replacement says more.
        if finding.code != "expired" or (finding.tenant, finding.name) not in replaced:
            yield finding
    yield from lint_prefixes(holding)


def admin_openings(using: str) -> Iterator[tuple[RuleText, str]]:
    """Yield each rule of the platform that opens the admin to any origin, and where."""
    for holding in holdings(_tenants(using).filter(slug=PLATFORM), using):
        for rule, at in rules_on_admin(holding.policy.rules):
            if rule.any_origin:
                yield rule, at


def _tenants(using: str) -> QuerySet[Tenant]:
    return QuerySet(Tenant, using=using).filter(is_active=True)
