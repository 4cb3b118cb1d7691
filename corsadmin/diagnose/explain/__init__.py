"""Explain how corsadmin would answer one request, and why, with the code that answers requests."""

from dataclasses import dataclass

from corsadmin.diagnose.explain.context import Question
from corsadmin.diagnose.explain.judgment import Answer, judge_call
from corsadmin.diagnose.explain.near_misses import NearMiss, near_misses
from corsadmin.diagnose.explain.refused_names import presets_that_hold
from corsadmin.diagnose.explain.remedies import Mending, Remedy, RemedyKind, find_mending
from corsadmin.diagnose.explain.steps import TAKEN_FOR_OWN, DecisionStep, steps
from corsadmin.engine import Decision, Reason, Snapshot
from corsadmin.messages import REASONS
from corsadmin.models.database import alias_for_writing
from corsadmin.serving import loader

__all__ = [
    "Answer",
    "DecisionStep",
    "Explanation",
    "Mending",
    "NearMiss",
    "Question",
    "Remedy",
    "RemedyKind",
    "explain",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer to a question, and why. `allowed` tells whether a browser lets the page read it.

    `path` is Django's path_info, with which path rules are compared. `preflight` is None if a
    browser would not send one. `console` is the line that Chromium would print, blank if nothing is
    blocked. Each step is judged as if the steps before it were mended; `mending` holds every change
    that the call needs.
    """

    question: Question
    path: str
    allowed: bool
    decision: Decision
    preflight: Answer | None
    actual: Answer
    steps: list[DecisionStep]
    near_misses: list[NearMiss]
    console: str
    mending: Mending
    presets: list[str]

    @property
    def changes(self) -> list[str]:
        """Return a sentence for each change that the call needs; empty if nothing is wrong.

        After them come the presets that contain request headers which the rule lacks.
        """
        return [*(remedy.sentence for remedy in self.mending.remedies), *self.presets]

    @property
    def summary(self) -> str:
        """Return the reason as a sentence in the active language."""
        if self.decision.reason is Reason.SAME_ORIGIN and not self.question.is_same_origin:
            return str(TAKEN_FOR_OWN)
        return str(REASONS[self.decision.reason])

    def as_dict(self) -> dict[str, object]:
        """Return the explanation as plain values for JSON; docs/reference/commands.md has the keys."""
        decision = self.decision
        return {
            "allowed": self.allowed,
            "reason": str(decision.reason),
            "summary": self.summary,
            "scheme": self.question.scheme,
            "path": self.path,
            "tenant": decision.tenant,
            "rule": decision.rule,
            "inherited": decision.inherited,
            "entry": decision.entry,
            "steps": [step._asdict() for step in self.steps],
            "near_misses": [near._asdict() for near in self.near_misses],
            "preflight": _answer_dict(self.preflight),
            "actual": _answer_dict(self.actual),
            "console": self.console,
            "changes": self.changes,
            "remedies": [remedy.as_dict() for remedy in self.mending.remedies],
            "sufficient": self.mending.is_sufficient,
        }


def explain(
    question: Question,
    *,
    snapshot: Snapshot | None = None,
    visible: frozenset[int] | None = None,
) -> Explanation:
    """Return how the policies stored now would answer a call, and why.

    `snapshot` replaces the stored policies. `visible` holds the primary keys of the other tenants
    that may be named; None allows all. Headers that the tenant resolver reads count as the
    gateway's, all others as the page's. Raises the database's error, and ImproperlyConfigured if the
    resolver cannot be imported.
    """
    using = alias_for_writing()
    held = loader.load(using) if snapshot is None else snapshot
    first = judge_call(question, held, using=using, visible=visible)
    mending = find_mending(first, held)
    failures = {one.failed_step: one.case for one in reversed(mending.judgments)}
    near = (miss for case in reversed(failures.values()) for miss in near_misses(case))
    return Explanation(
        question=question,
        path=first.case.path,
        allowed=first.is_allowed,
        decision=first.case.decision,
        preflight=first.preflight,
        actual=first.actual,
        steps=steps(mending.judgments),
        near_misses=[*dict.fromkeys(near)],
        console=first.console,
        mending=mending,
        presets=[*presets_that_hold(failures["headers"])] if "headers" in failures else [],
    )


def _answer_dict(found: Answer | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "reason": str(found.decision.reason),
        "status": found.status or None,
        "headers": found.headers,
    }
