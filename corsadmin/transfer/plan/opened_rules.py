"""Find the path rules that a plan opens to listed origins: they stop being exclusive, or begin to echo.

Each rule is judged alone, so it only may open its path: another rule can still keep the path closed.
`proposal.widened_by` finds what a plan opens to every website.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from corsadmin.engine.rules import echoing_fields
from corsadmin.models.policy_rows import RuleRow, rule_text
from corsadmin.transfer.plan.diff import changed_rows
from corsadmin.transfer.plan.staging import temporary
from corsadmin.transfer.plan.steps import Plan
from corsadmin.transfer.records.record_types import PATH

NOT_EXCLUSIVE: Final = "not-exclusive"
ECHO: Final = "echo"


class OpenedRule(NamedTuple):
    """A path rule that a plan opens: `why` is NOT_EXCLUSIVE or ECHO."""

    tenant: str
    path: str
    why: str


def opened_rules(plan: Plan) -> Iterator[OpenedRule]:
    """Yield the path rules that a plan opens: first those it writes, then those it removes."""
    if PATH not in plan.stage.kinds:
        return
    may_open = "d.credentials OR o.exclusive"
    for _place, tenant, before, after in changed_rows(plan.stage, PATH, RuleRow, may_open):
        if before and _is_guarding(before) and not _is_guarding(after):
            yield OpenedRule(tenant, after.path, NOT_EXCLUSIVE)
        if after.enabled and not _echo(after) <= _echo(before):
            yield OpenedRule(tenant, after.path, ECHO)
    removed = plan.stage.name(temporary("removed", PATH))
    rows = plan.stage.rows(
        f"SELECT tenant, path FROM {removed} WHERE exclusive AND enabled ORDER BY tenant, path"
    )
    for tenant, path in rows:
        yield OpenedRule(tenant, path, NOT_EXCLUSIVE)


def _is_guarding(rule: Any) -> bool:
    return bool(rule.exclusive and rule.enabled)


def _echo(rule: Any) -> frozenset[str]:
    is_in_force = rule is not None and rule.enabled
    return echoing_fields(rule_text(rule)) if is_in_force else frozenset()
