"""A tenant's policy as it is enforced: its own rows and what it inherits, the most specific first."""

from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from corsadmin.engine import PLATFORM
from corsadmin.engine.paths import specificity
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.validation import rule_problems

SHOWN: Final = 20  # inherited origins named on the page
USUAL_MAX_AGE: Final = 5  # seconds a browser remembers a preflight that does not say how long


class EffectiveRule(NamedTuple):
    """One rule, and what keeps it from deciding, blank where nothing does."""

    rule: PathRule
    inherited: bool
    methods: str
    idle: str


def effective(tenant: Tenant) -> dict[str, Any]:
    """Return what the page of a tenant shows of the policy in force."""
    inherits = tenant.inherits_platform and not tenant.is_platform
    above = {"tenant__slug": PLATFORM, "tenant__is_active": True}
    own = list(tenant.paths.all())
    inherited = list(PathRule.objects.filter(**above)) if inherits else []
    lines = [_line(rule, own, inherited=rule in inherited) for rule in own + inherited]
    lines.sort(key=lambda line: (specificity(line.rule.path), line.inherited))
    ages = [
        USUAL_MAX_AGE if line.rule.max_age is None else line.rule.max_age
        for line in lines
        if not line.idle
    ]
    rows = Origin.objects.filter(**above, enabled=True)
    origins = list(rows[: SHOWN + 1]) if inherits else []
    more = rows.count() - SHOWN if len(origins) > SHOWN else 0
    return {
        "lines": lines,
        "inherits": inherits,
        "origins": origins[:SHOWN],
        "more": more,
        "remembered": timedelta(seconds=max(ages)) if ages else None,
    }


def _line(rule: PathRule, own: list[PathRule], *, inherited: bool) -> EffectiveRule:
    idle = ""
    if not rule.enabled:
        idle = _("disabled")
    elif inherited and any(other.path == rule.path and other.enabled for other in own):
        idle = _("shadowed by the tenant's own rule for the same path")
    elif rule_problems(rule):
        idle = _("not valid as it is stored: it denies")
    names = rule.methods if isinstance(rule.methods, list) else []
    return EffectiveRule(rule, inherited, ", ".join(map(str, names)), idle)
