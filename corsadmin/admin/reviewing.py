"""What to think of before a plan is confirmed: its risks, who is locked out, whom it touches."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, Final

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.utils import timezone

from corsadmin.forms.lockout import MOST, is_standing, losses, standing
from corsadmin.lint.risks import Risk, risks_of
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.transfer.kinds import ORIGIN, TENANT
from corsadmin.transfer.planning import ADD, REMOVE, Plan, Step

_BATCH: Final = 500
_SWITCHED_OFF: Final = (True, False)


def risks_in(step: Step) -> list[Risk]:
    """Return what is risky about the row that a step writes."""
    if step.sign == REMOVE or step.kind.model not in (Origin, PathRule):
        return []
    return risks_of(step.kind.model(**step.row))


def losses_by(plan: Plan, page: str) -> list[str]:
    """Return what tenants lose when a plan is carried out from a page of this origin."""
    now = timezone.now()
    gone: dict[str, set[tuple[str, str]]] = defaultdict(set)
    come: dict[str, set[str]] = defaultdict(set)
    closed = set()
    for step in plan.steps():
        if step.kind is TENANT and step.fields.get("is_active") == _SWITCHED_OFF:
            closed.add(step.tenant)
        if step.kind is ORIGIN:
            row = Origin(**step.row)
            if step.sign != REMOVE and is_standing(row, now):
                come[step.tenant].add(row.pattern)
            else:
                gone[step.tenant].add((row.pattern, row.scope))
    found = []
    for slug, keys in _in_force(plan, {*gone, *closed}).items():
        left = {pattern for pattern, scope in keys - gone[slug]} | come[slug]
        before = {pattern for pattern, _scope in keys}
        lost = losses(before, () if slug in closed else left, page)
        found += [f"{slug}: {loss}" for loss in lost]
    return sorted(found)[:MOST]


def tenants_in(plan: Plan) -> dict[str, int]:
    """Return the slugs of the tenants that a plan touches, each with the admin's word for it."""
    found: dict[str, int] = {}
    for step in plan.steps():
        is_new = step.kind is TENANT and step.sign == ADD
        found[step.tenant] = ADDITION if is_new else found.get(step.tenant, CHANGE)
        before, _after = step.fields.get("tenant", ("", ""))
        if before:
            found.setdefault(before, CHANGE)  # it loses a host
    return found


def record(user: Any, touched: dict[str, int], said: str) -> None:
    """Tell the admin's recent actions of each tenant that a user has touched."""
    for flag in (ADDITION, CHANGE):
        slugs = [slug for slug, kind in touched.items() if kind == flag]
        for batch in _batches(slugs):
            tenants = list(Tenant.objects.filter(slug__in=batch))
            LogEntry.objects.log_actions(user.pk, tenants, flag, said)


def _in_force(plan: Plan, slugs: Collection[str]) -> dict[str, set[tuple[str, str]]]:
    """Return pattern and scope of each origin entry in force, by tenant."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    rows = Origin.objects.using(plan.stage.alias).filter(standing(timezone.now()))
    for batch in _batches(sorted(slugs)):
        those = rows.filter(tenant__slug__in=batch)
        for slug, pattern, scope in those.values_list("tenant__slug", "pattern", "scope"):
            found[slug].add((pattern, scope))
    return found


def _batches(slugs: list[str]) -> Iterator[list[str]]:
    return (slugs[start : start + _BATCH] for start in range(0, len(slugs), _BATCH))
