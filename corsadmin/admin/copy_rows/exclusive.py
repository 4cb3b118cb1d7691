"""Find copied exclusive path rules that would let no origin in."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from corsadmin.admin.copy_rows.planning import WRITTEN, RowCopy
from corsadmin.engine import PLATFORM
from corsadmin.engine.rules import admits
from corsadmin.models import Origin, PathRule
from corsadmin.models.policy_rows import rule_text


def closed_rules(copies: Collection[RowCopy]) -> list[str]:
    """Return a sentence for each exclusive rule copied to a tenant without an origin for it."""
    rules = [
        (one, one.row)
        for one in copies
        if one.state in WRITTEN and isinstance(one.row, PathRule) and one.row.exclusive
    ]
    scopes = _scopes(copies, {one.tenant.pk for one, _rule in rules}) if rules else {}
    sentence = _(
        "%(tenant)s: %(path)s is exclusive, and no origin of this tenant has a scope within it. "
        "The rule allows no origin until you copy or add one with such a scope."
    )
    return [
        sentence % {"tenant": one.tenant, "path": rule.path}
        for one, rule in rules
        if not any(admits(rule_text(rule), scope) for scope in scopes[one.tenant.pk])
    ]


def _scopes(copies: Collection[RowCopy], keys: Collection[int]) -> defaultdict[int, set[str]]:
    """Return the scopes of the enabled origins that tenants have or inherit, the copies included."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = Origin.objects.filter(Q(tenant__in=keys) | Q(tenant__slug=PLATFORM), enabled=True)
    kinds = rows.order_by().values_list("tenant", "tenant__slug", "scope").distinct()
    above: set[str] = set()
    for owner, slug, scope in kinds:
        (above if slug == PLATFORM else found[owner]).add(scope)
    for one in copies:
        if isinstance(one.row, Origin) and one.state in WRITTEN and one.row.enabled:
            found[one.tenant.pk].add(one.row.scope)
        if one.tenant.inherits_platform or one.tenant.is_platform:
            found[one.tenant.pk] |= above
    return found
