"""What to review in a plan: the risks of its rows and the tenants that it touches."""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry

from corsadmin.diagnose.lint.risks import Risk, risks_of
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.transfer.plan.proposal import batches, slugs_of
from corsadmin.transfer.plan.steps import ADD, REMOVE, Plan, PlanStep
from corsadmin.transfer.records.record_types import TENANT


def risks_in(step: PlanStep) -> list[Risk]:
    """Return the risks of the row that a step writes."""
    if step.sign == REMOVE or step.kind.model not in (Origin, PathRule):
        return []
    return risks_of(step.kind.model(**step.row))


def tenants_in(plan: Plan) -> dict[str, int]:
    """Return the slugs of the tenants that a plan touches, each with the action flag of the admin."""
    found: dict[str, int] = {}
    for step in plan.steps():
        is_new = step.kind is TENANT and step.sign == ADD
        found[step.tenant] = ADDITION if is_new else found.get(step.tenant, CHANGE)
        for slug in slugs_of(step):
            found.setdefault(slug, CHANGE)
    return found


def record(user: Any, touched: dict[str, int], said: str) -> None:
    """Record each touched tenant in the user's recent actions."""
    for flag in (ADDITION, CHANGE):
        slugs = [slug for slug, kind in touched.items() if kind == flag]
        for batch in batches(slugs):
            tenants = list(Tenant.objects.filter(slug__in=batch))
            LogEntry.objects.log_actions(user.pk, tenants, flag, said)
