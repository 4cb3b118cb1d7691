"""Say whether a browser lets a page read a response: allowed, blocked, or not known yet."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final

from corsadmin.diagnose.conditions import BrowserCall, Condition, conditions_of
from corsadmin.diagnose.conditions.project_settings import ProjectSettings, project_settings
from corsadmin.diagnose.console import Reading
from corsadmin.diagnose.explain import DecisionStep, Explanation, Question, explain
from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.verdict.calls import ANY_VALUE
from corsadmin.diagnose.verdict.causes import cause_of
from corsadmin.diagnose.verdict.sentences import (
    ASKING,
    MISSING_PREFLIGHT,
    NOT_KNOWN,
    contradictions,
)
from corsadmin.engine import Reason, Snapshot
from corsadmin.engine.browser import normalised

__all__ = ["NOTHING_READ", "CallOutcome", "Verdict", "verdict_on_call"]

NOTHING_READ: Final = Reading()
# The steps that depend on each part of a call.
_STEPS: Final = {"method": "method", "header": "headers", "credentials": "credentials"}
# The parts of an explanation that hold only for a call with no unknown part.
_DETAILS: Final = ("preflight", "actual", "console")
_KEYS: Final = (
    "reason",
    "summary",
    "scheme",
    "path",
    "tenant",
    "rule",
    "inherited",
    "entry",
    "steps",
    "near_misses",
    *_DETAILS,
    "changes",
    "remedies",
    "sufficient",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of a call, as far as it is known, and why.

    `asks` is the unknown part that decides, if the outcome is UNDECIDED. `sentence` is the question
    for that part, or the cause that no policy cures, or the contradiction between policies that
    allow the call and a text that says it was blocked; `advice` then lists possible explanations.
    `unknown` are the parts that are not known: the explanation holds only for the steps before them.
    There is no explanation if the page or the URL is unknown or no policy matters. `conditions` are
    what must be true besides the policies.
    """

    outcome: CallOutcome
    asks: str = ""
    sentence: str = ""
    advice: list[str] = field(default_factory=list)
    explanation: Explanation | None = None
    unknown: tuple[str, ...] = ()
    reading: Reading = NOTHING_READ
    conditions: list[Condition] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        """Report whether the explanation holds for every part of the call."""
        return self.explanation is not None and not self.unknown

    @property
    def wants(self) -> str:
        """Return the part to ask for next, blank if every cause of a refusal is known."""
        if self.asks or self.explanation is None:
            return self.asks
        is_guessed = self.outcome is CallOutcome.BLOCKED and _lacks_preflight(
            self.explanation, self.reading
        )
        return next(iter(self.unknown), "method" if is_guessed else "")

    @property
    def next_question(self) -> str:
        """Return the question for the part that `wants` names, blank if nothing is wanted."""
        return _question_for(self.wants, self.reading) if self.wants else ""

    @property
    def is_hedged(self) -> bool:
        """Report whether something speaks against a call that the policies allow."""
        return bool(self.advice) or any(each.met is False for each in self.conditions)

    @property
    def steps(self) -> list[DecisionStep]:
        """Return the steps of the explanation; those that depend on something unknown say so."""
        if self.explanation is None:
            return []
        open_steps = {_STEPS[name] for name in self.unknown}
        return [
            step._replace(ok=None, sentence=str(NOT_KNOWN))
            if step.ok and step.name in open_steps
            else step
            for step in self.explanation.steps
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as plain values for JSON, with the same keys for every outcome."""
        found: dict[str, Any] = dict.fromkeys(_KEYS)
        if self.explanation is not None:
            found |= self.explanation.as_dict()
            found["steps"] = [step._asdict() for step in self.steps]
        if not self.is_exact:
            found |= dict.fromkeys(_DETAILS)
        if self.wants:
            found["sufficient"] = None
        reading = self.reading
        return {
            **found,
            "allowed": None
            if self.outcome is CallOutcome.UNDECIDED
            else self.outcome is CallOutcome.ALLOWED,
            "verdict": str(self.outcome),
            "asks": self.asks or None,
            "sentence": self.sentence,
            "advice": self.advice,
            "unknown": list(self.unknown),
            "conditions": [condition._asdict() for condition in self.conditions],
            "reading": None if reading is NOTHING_READ else reading.as_dict(),
        }


def verdict_on_call(
    question: Question | None,
    *,
    unknown: Collection[str] = (),
    reading: Reading = NOTHING_READ,
    snapshot: Snapshot | None = None,
    visible: frozenset[int] | None = None,
) -> Verdict:
    """Return the verdict on a call, by the policies stored now and the settings.

    `unknown` names the unknown parts of the question: method, header and credentials, whose values
    in the question are then placeholders, and page and url, without which `question` is None.
    `snapshot` and `visible` are as for `explain`; raises what `explain` raises.
    """
    found = _by_policies(question, unknown, reading, snapshot, visible)
    return _with_conditions(found, snapshot, visible)


def _with_conditions(
    found: Verdict, snapshot: Snapshot | None, visible: frozenset[int] | None
) -> Verdict:
    """Return a verdict with the conditions besides the policies."""
    if found.explanation is None:
        return found
    question = found.explanation.question
    if question.is_same_origin or not question.origin:
        return found
    project = project_settings()
    call = BrowserCall(
        page=question.origin,
        address=f"{question.scheme}://{question.host}",
        method=None if "method" in found.unknown else normalised(question.method),
        credentials=None if "credentials" in found.unknown else question.credentials,
        may_send_token=_may_send_token(found.explanation, project, snapshot, visible),
    )
    conditions = conditions_of(call, project)
    mixed = next((each for each in conditions if each.code == "mixed-content"), None)
    if mixed is not None and found.outcome is not CallOutcome.BLOCKED:
        # No browser sends such a call, whatever the policies say.
        return replace(
            found, outcome=CallOutcome.BLOCKED, asks="", sentence=mixed.sentence, advice=[],
            conditions=conditions,
        )  # fmt: skip
    return replace(found, conditions=conditions)


def _may_send_token(
    found: Explanation,
    project: ProjectSettings,
    snapshot: Snapshot | None,
    visible: frozenset[int] | None,
) -> bool | None:
    """Return whether the policies let the page send the CSRF token; None for a refused call."""
    if not found.allowed or not found.question.credentials:
        return None
    headers = {**found.question.headers, project.csrf_header: ANY_VALUE}
    asked = replace(found.question, headers=headers)
    return explain(asked, snapshot=snapshot, visible=visible).allowed


def _by_policies(
    question: Question | None,
    unknown: Collection[str],
    reading: Reading,
    snapshot: Snapshot | None,
    visible: frozenset[int] | None,
) -> Verdict:
    cause = cause_of(reading)
    if cause:
        return Verdict(outcome=CallOutcome.BLOCKED, sentence=cause, reading=reading)
    if question is None:
        return _asking("page" if "page" in unknown else "url", None, unknown, reading)
    found = explain(question, snapshot=snapshot, visible=visible)
    parts = tuple(name for name in _STEPS if name in unknown)
    if _is_refused(found, parts):
        return Verdict(
            outcome=CallOutcome.BLOCKED, explanation=found, unknown=parts, reading=reading
        )
    asks = _deciding(found, parts, reading, snapshot, visible)
    if asks:
        return _asking(asks, found, parts, reading)
    text, advice = contradictions(reading, question)
    return Verdict(
        outcome=CallOutcome.ALLOWED,
        sentence=text,
        advice=advice,
        explanation=found,
        reading=reading,
    )


def _is_refused(found: Explanation, unknown: tuple[str, ...]) -> bool:
    """Report whether a call is blocked, whatever its unknown parts are."""
    guessed = found.decision.reason is Reason.METHOD_NOT_ALLOWED and "method" in unknown
    return not found.allowed and not guessed


def _deciding(
    found: Explanation,
    unknown: tuple[str, ...],
    reading: Reading,
    snapshot: Snapshot | None,
    visible: frozenset[int] | None,
) -> str:
    """Return the part to ask for before calling a call allowed, blank if none is left."""
    if found.question.is_same_origin:
        return ""
    if _lacks_preflight(found, reading):
        return "method"
    first = next(iter(unknown), "")
    if first != "credentials":
        return first
    question = replace(found.question, credentials=True)
    same = explain(question, snapshot=snapshot, visible=visible).allowed
    return "" if same else first


def _asking(
    name: str, found: Explanation | None, unknown: Collection[str], reading: Reading
) -> Verdict:
    return Verdict(
        outcome=CallOutcome.UNDECIDED,
        asks=name,
        sentence=_question_for(name, reading),
        explanation=found,
        unknown=tuple(part for part in _STEPS if part in unknown) or ("method", "header"),
        reading=reading,
    )


def _question_for(name: str, reading: Reading) -> str:
    is_missing = name == "method" and reading.proves_preflight
    return str(MISSING_PREFLIGHT if is_missing else ASKING[name])


def _lacks_preflight(found: Explanation, reading: Reading) -> bool:
    """Report whether a text proves a preflight that the known parts of the call do not need."""
    return bool(reading.proves_preflight) and found.preflight is None
