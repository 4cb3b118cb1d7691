"""Decide whether a change accepts the risk of a row: one rule for pages and files."""

from dataclasses import replace
from typing import Any

from corsadmin.engine.entries import check_origin
from corsadmin.engine.problems import Problem
from corsadmin.engine.rules import echoing_fields
from corsadmin.models import Origin, PathRule
from corsadmin.models.policy_rows import OriginRow, RuleRow, origin_text, rule_text


def accepts_risk(before: Any, after: Any) -> bool:
    """Report whether a row, once written, takes a risk that it did not take before.

    `before` is the stored row, or None. Both are rows of a model or plain values.
    """
    if isinstance(after, Origin | OriginRow):
        return after.risk_accepted and (
            before is None
            or not before.risk_accepted
            or (_takes_effect(before, after, ("pattern", "credentials")) and bool(dangers(after)))
        )
    if isinstance(after, PathRule | RuleRow):
        opened, was = _openings(after), frozenset() if before is None else _openings(before)
        return bool(opened) and (not opened <= was or _takes_effect(before, after, ("path",)))
    return False


def _openings(rule: PathRule | RuleRow) -> frozenset[str]:
    """Return what a rule opens: any origin, or lists whose star stands for anything requested."""
    return frozenset({"any_origin"}) if rule.any_origin else echoing_fields(rule_text(rule))


def dangers(row: Origin | OriginRow) -> tuple[Problem, ...]:
    """Return the risks of an origin entry, whether or not somebody has accepted them.

    Problems that nobody can accept, such as a pattern that does not compile, are left out.
    """
    text = origin_text(row)
    mistakes = check_origin(replace(text, risk_accepted=True))
    found = check_origin(replace(text, risk_accepted=False))
    return tuple(problem for problem in found if problem not in mistakes)


def _takes_effect(before: Any, after: Any, fields: tuple[str, ...]) -> bool:
    """Report whether a row is switched on, or changes in these fields while it is on."""
    changed = any(getattr(before, name) != getattr(after, name) for name in fields)
    return after.enabled and (changed or not before.enabled)
