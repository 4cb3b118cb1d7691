"""A tenant's policy as it is enforced: its own rows and what it inherits, the most specific first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from corsadmin.admin.words import path_text
from corsadmin.engine import PLATFORM
from corsadmin.engine.paths import specificity
from corsadmin.models import Origin, Tenant
from corsadmin.models.database import alias_for_writing
from corsadmin.models.policy_rows import RuleRow, is_list_of_text
from corsadmin.models.tenant_rows import NONE, read_tenant_rows
from corsadmin.models.validation import rule_problems

MAX_SHOWN_ORIGINS: Final = 20  # inherited origins named on the page
USUAL_MAX_AGE: Final = 5  # seconds a browser remembers a preflight that does not say how long


class EffectiveRule(NamedTuple):
    """One rule, and what keeps it from deciding, blank where nothing does."""

    rule: RuleRow
    path: str
    inherited: bool
    methods: str
    idle: str


def effective(tenant: Tenant) -> dict[str, Any]:
    """Return what the page of a tenant shows of the policy in force."""
    inherits = tenant.inherits_platform and not tenant.is_platform
    above = Tenant.objects.filter(slug=PLATFORM, is_active=True) if inherits else ()
    held = read_tenant_rows([tenant, *above], alias_for_writing(), hosts=NONE, origins=NONE)
    own, *inherited = (one.rules for one in held)
    lines = [_line(rule, own, inherited=False) for rule in own]
    lines += [_line(rule, own, inherited=True) for rules in inherited for rule in rules]
    lines.sort(key=lambda line: (specificity(line.rule.path), line.inherited))
    ages = [
        USUAL_MAX_AGE if line.rule.max_age is None else line.rule.max_age
        for line in lines
        if not line.idle
    ]
    rows = Origin.objects.filter(tenant__in=above, enabled=True)
    origins = list(rows[: MAX_SHOWN_ORIGINS + 1])
    more = rows.count() - MAX_SHOWN_ORIGINS if len(origins) > MAX_SHOWN_ORIGINS else 0
    return {
        "lines": lines,
        "inherits": inherits,
        "origins": origins[:MAX_SHOWN_ORIGINS],
        "more": more,
        "remembered": timedelta(seconds=max(ages)) if ages else None,
    }


def _line(rule: RuleRow, own: Sequence[RuleRow], *, inherited: bool) -> EffectiveRule:
    idle = ""
    if not rule.enabled:
        idle = _("disabled")
    elif inherited and any(other.path == rule.path and other.enabled for other in own):
        idle = _("shadowed by the tenant's own rule for the same path")
    elif rule_problems(rule):
        idle = _("not valid as it is stored: it denies")
    names = rule.methods if is_list_of_text(rule.methods) else []
    return EffectiveRule(rule, path_text(rule.path), inherited, ", ".join(names), idle)
