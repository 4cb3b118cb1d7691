"""A tenant's effective policy: its own rows and what it inherits, the most specific rule first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from corsadmin.admin.words import path_text
from corsadmin.diagnose.lint import with_platform
from corsadmin.engine.paths import specificity
from corsadmin.engine.rules import DEFAULT_PREFLIGHT_AGE
from corsadmin.models import Tenant
from corsadmin.models.database import alias_for_writing
from corsadmin.models.policy_rows import RuleRow, is_list_of_text
from corsadmin.models.tenant_rows import ENABLED, TenantRows, read_tenant_rows
from corsadmin.models.validation import rule_problems

MAX_SHOWN_ORIGINS: Final = 20  # inherited origins named on the page


class EffectiveRule(NamedTuple):
    """One rule, and in `idle` what keeps it from deciding, blank if nothing does."""

    rule: RuleRow
    path: str
    inherited: bool
    methods: str
    idle: str


def read_with_platform(tenant: Tenant, *, with_origins: bool) -> list[TenantRows]:
    """Return the rows of the active platform and, last, of a tenant, for the tenant's page.

    Of origins, only enabled ones are read, and the tenant's own only `with_origins`.
    """
    using = alias_for_writing()
    stored = with_platform(Tenant.objects.using(using).filter(pk=tenant.pk))
    # Another request may have deleted the tenant since the page found it.
    rows = {row.pk: row for row in (tenant, *stored)}
    origins = ENABLED if with_origins else ENABLED & ~Q(tenant=tenant.pk)
    ordered = sorted(rows.values(), key=lambda row: row.pk == tenant.pk)
    return list(read_tenant_rows(ordered, using, origins=origins))


def effective(held: Sequence[TenantRows]) -> dict[str, Any]:
    """Return what a tenant's page shows of the policy in force, from the rows that were read."""
    *platform, own = held
    inherits = own.tenant.inherits_platform and not own.tenant.is_platform
    above = platform if inherits else []
    lines = [_line(rule, own.rules, inherited=False) for rule in own.rules]
    lines += [_line(rule, own.rules, inherited=True) for one in above for rule in one.rules]
    lines.sort(key=lambda line: (specificity(line.rule.path), line.inherited))
    ages = [
        DEFAULT_PREFLIGHT_AGE if line.rule.max_age is None else line.rule.max_age
        for line in lines
        if not line.idle
    ]
    origins = [row.name for one in above for row in one.origins]
    return {
        "lines": lines,
        "inherits": inherits,
        "origins": origins[:MAX_SHOWN_ORIGINS],
        "more": max(0, len(origins) - MAX_SHOWN_ORIGINS),
        "remembered": timedelta(seconds=max(ages)) if ages else None,
    }


def _line(rule: RuleRow, own: Sequence[RuleRow], *, inherited: bool) -> EffectiveRule:
    idle = ""
    if not rule.enabled:
        idle = _("disabled")
    elif inherited and any(other.path == rule.path and other.enabled for other in own):
        idle = _("shadowed by the tenant's own rule for the same path")
    elif rule_problems(rule):
        idle = _("stored rule is invalid, so it denies")
    names = rule.methods if is_list_of_text(rule.methods) else []
    return EffectiveRule(rule, path_text(rule.path), inherited, ", ".join(names), idle)
