"""What to think of before a plan is confirmed: its risks, who is locked out, whom it touches."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry

from corsadmin.admin.lockout.proposed_change import Edit
from corsadmin.diagnose.lint.risks import Risk, risks_of
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.transfer.plan.steps import ADD, REMOVE, Plan, Step
from corsadmin.transfer.records.record_types import HOST, KINDS, TENANT, Kind

_BATCH: Final = 500


def risks_in(step: Step) -> list[Risk]:
    """Return what is risky about the row that a step writes."""
    if step.sign == REMOVE or step.kind.model not in (Origin, PathRule):
        return []
    return risks_of(step.kind.model(**step.row))


def edit_of(plan: Plan) -> Edit:
    """Return what carrying out a plan writes to tenants that exist."""
    steps = list(plan.steps())
    stored = _Stored(plan, steps)
    come: list[Any] = []
    gone: list[Any] = []
    for step in steps:
        row = stored.row(step)
        if row is not None:
            (gone if step.sign == REMOVE else come).append(row)
    return Edit.writing(come, gone)


class _Stored:
    """The keys of the rows that a plan changes or removes, and of its tenants."""

    def __init__(self, plan: Plan, steps: list[Step]) -> None:
        self._keys: dict[Kind, dict[tuple[Any, ...], int]] = {kind: {} for kind in KINDS}
        for kind in KINDS:
            told = (step for step in steps if kind is TENANT or step.kind is kind)
            slugs = {slug for step in told for slug in _slugs(step)}
            # A host has one owner, which it may lose: all others are known within their tenant.
            names = ("slug",) if kind is TENANT else ("tenant__slug", *kind.key)
            rows = kind.model._default_manager.using(plan.stage.alias).order_by()
            for batch in _batches(sorted(slugs)):
                found = rows.filter(**{f"{names[0]}__in": batch}).values_list("pk", *names)
                self._keys[kind] |= {_place(kind, *place): key for key, *place in found.iterator()}

    def row(self, step: Step) -> Any:
        """Return the row of a step as it will be or was, None in a tenant that is yet to come."""
        kind = step.kind
        place = [step.row[name] for name in kind.key]
        key = self._keys[kind].get(_place(kind, step.tenant, *(() if kind is TENANT else place)))
        tenant = self._keys[TENANT].get((step.tenant,))
        if kind is TENANT:
            return Tenant(pk=key, **step.row) if key is not None else None
        return kind.model(pk=key, tenant_id=tenant, **step.row) if tenant is not None else None


def _place(kind: Kind, slug: str, *key: Any) -> tuple[Any, ...]:
    return key if kind is HOST else (slug, *key)


def _slugs(step: Step) -> Iterator[str]:
    """Yield the tenants of a step: that of the row, and that which loses a host."""
    yield step.tenant
    before, _after = step.fields.get("tenant", ("", ""))
    if before:
        yield before


def tenants_in(plan: Plan) -> dict[str, int]:
    """Return the slugs of the tenants that a plan touches, each with the admin's word for it."""
    found: dict[str, int] = {}
    for step in plan.steps():
        is_new = step.kind is TENANT and step.sign == ADD
        found[step.tenant] = ADDITION if is_new else found.get(step.tenant, CHANGE)
        for slug in _slugs(step):
            found.setdefault(slug, CHANGE)
    return found


def record(user: Any, touched: dict[str, int], said: str) -> None:
    """Tell the admin's recent actions of each tenant that a user has touched."""
    for flag in (ADDITION, CHANGE):
        slugs = [slug for slug, kind in touched.items() if kind == flag]
        for batch in _batches(slugs):
            tenants = list(Tenant.objects.filter(slug__in=batch))
            LogEntry.objects.log_actions(user.pk, tenants, flag, said)


def _batches(slugs: list[str]) -> Iterator[list[str]]:
    return (slugs[start : start + _BATCH] for start in range(0, len(slugs), _BATCH))
