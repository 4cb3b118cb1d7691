"""Describe what a plan does and what is wrong with a file, for people and for programs."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from corsadmin.models.access import CALLERS, Access
from corsadmin.sightings.impacts import AffectedOrigin, Impact
from corsadmin.transfer.plan.autofix import Fix
from corsadmin.transfer.plan.callers import impact_of, impacts_seen_by
from corsadmin.transfer.plan.opened_rules import ECHO, NOT_EXCLUSIVE, opened_rules
from corsadmin.transfer.plan.permissions import openings
from corsadmin.transfer.plan.steps import ADD, Plan, PlanStep
from corsadmin.transfer.records.coerce import plain
from corsadmin.transfer.records.diagnostics import Fault, file_value

MAX_SHOWN_STEPS: Final = 200
_HEADINGS: Final = ("added", "changed", "removed", "unchanged")


def plan_lines(plan: Plan, limit: int | None = MAX_SHOWN_STEPS) -> Iterator[str]:
    """Yield a line for each step of a plan, at most `limit`, then one that counts the rest."""
    yield from (step_line(step) for step in islice(plan.steps(), limit))
    left = _left_out(plan, limit)
    if left:
        yield _("  … and %(count)s more (--verbosity 2 shows all)") % {"count": f"{left:,}"}


def step_line(step: PlanStep) -> str:
    """Return one step as a line: `~ acme: origin https://a.example: credentials false → true`."""
    title = "" if step.title == step.tenant else f" {file_value(step.title)}"
    line = f"  {step.sign} {file_value(step.tenant)}: {step.kind.name}{title}"
    if step.fields:
        line += ": " + ", ".join(
            f"{field} {json_value(after)}"
            if step.sign == ADD
            else f"{field} {json_value(before)} → {json_value(after)}"
            for field, (before, after) in step.fields.items()
        )
    return line


def count_lines(plan: Plan) -> Iterator[str]:
    """Yield a small table: for each kind how many rows are added, changed, removed, unchanged."""
    yield "  " + " " * 8 + "".join(f"{heading:>11}" for heading in _HEADINGS)
    for kind, counts in plan.counts.items():
        numbers = "".join(f"{getattr(counts, heading):>11,}" for heading in _HEADINGS)
        yield f"  {kind.section:<8}{numbers}"


def opened_rule_lines(plan: Plan, limit: int | None = MAX_SHOWN_STEPS) -> Iterator[str]:
    """Yield a line for each path rule that a plan opens, at most `limit` of them."""
    sentences = {
        NOT_EXCLUSIVE: _(
            "%(tenant)s: %(path)s is no longer exclusive. Origins that are not scoped to it can now call it."
        ),
        ECHO: _(
            "%(tenant)s: %(path)s now grants listed origins every method or request header that they "
            "request."
        ),
    }
    for rule in islice(opened_rules(plan), limit):
        names = {"tenant": file_value(rule.tenant), "path": file_value(rule.path)}
        yield sentences[rule.why] % names


def plan_report(
    plan: Plan, limit: int | None = MAX_SHOWN_STEPS, access: Access | None = None
) -> dict[str, Any]:
    """Return a plan for a program: its counts, steps, number of steps left out, and consequences."""
    return {
        "generation": plan.generation,
        "counts": {
            kind.section: {heading: getattr(counts, heading) for heading in _HEADINGS}
            for kind, counts in plan.counts.items()
        },
        "steps": [_step_report(step) for step in islice(plan.steps(), limit)],
        "steps_left_out": _left_out(plan, limit),
        "widened": [
            {"tenant": found.slug, "paths": [*found.patterns]} for found in openings(plan, access)
        ],
        "opened_rules": [rule._asdict() for rule in islice(opened_rules(plan), limit)],
        "impact": [
            {
                "tenant": found.slug,
                **impact_report(found.impact, counts_all=sees_all_callers(access)),
            }
            for found in impacts_seen_by(plan, access)
        ],
        "impact_is_cut": impact_of(plan).is_cut,
    }


def sees_all_callers(access: Access | None) -> bool:
    """Report whether the user may read numbers that include the calls of every tenant."""
    return access is None or access.seen(*CALLERS) is None


def impact_report(impact: Impact, *, counts_all: bool) -> dict[str, object]:
    """Return an impact as plain values for JSON. docs/import-export.md documents the keys.

    Unless `counts_all`, numbers that include the calls of other tenants are None.
    """
    return {
        "lost": _origins(impact.lost, counts_all=counts_all),
        "opened": _origins(impact.opened, counts_all=counts_all),
        "without_credentials": _origins(impact.without_credentials, counts_all=counts_all),
        "refused_names": [
            {
                "rule": one.rule,
                "methods": [*one.methods],
                "headers": [*one.headers],
                "calls_a_day": one.calls if counts_all or not one.is_shared else None,
                "last_seen": one.last.date().isoformat(),
                "depends_on": str(one.depends),
            }
            for one in impact.names
        ],
        "is_cut": impact.is_cut,
    }


def fault_report(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Return faults for a program."""
    return [
        {
            "place": fault.place,
            "tenant": fault.tenant,
            "code": fault.code,
            "value": fault.value,
            "message": fault.sentence,
            "suggestion": fault.suggestion,
        }
        for fault in faults
    ]


def fix_report(fixes: Iterable[Fix]) -> list[dict[str, str]]:
    """Return accepted suggestions for a program."""
    return [{"place": fix.place, "before": fix.before, "after": fix.after} for fix in fixes]


def json_value(value: object) -> str:
    """Return a value as JSON writes it, on one line and of bounded length."""
    return file_value(json.dumps(plain(value), ensure_ascii=False))


def _step_report(step: PlanStep) -> dict[str, object]:
    fields = {
        field: {"before": plain(before), "after": plain(after)}
        for field, (before, after) in step.fields.items()
    }
    return {
        "sign": step.sign,
        "kind": step.kind.name,
        "tenant": step.tenant,
        "title": step.title,
        "fields": fields,
    }


def _left_out(plan: Plan, limit: int | None) -> int:
    total = sum(counts.added + counts.changed + counts.removed for counts in plan.counts.values())
    return 0 if limit is None else max(0, total - limit)


def _origins(affected: Iterable[AffectedOrigin], *, counts_all: bool) -> list[dict[str, Any]]:
    return [
        {
            "origin": one.origin,
            **_numbers(one, is_counted=counts_all or not one.is_shared),
            "depends_on": str(one.depends),
        }
        for one in affected
    ]


def _numbers(one: AffectedOrigin, *, is_counted: bool) -> dict[str, object]:
    if not is_counted:
        return {"calls_a_day": None, "last_seen": None}
    last = one.last.date().isoformat() if one.is_day else plain(one.last)
    return {"calls_a_day": one.calls, "last_seen": last}
