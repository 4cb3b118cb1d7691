"""Find every change that lets a refused call through, one step of the decision after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.draft import Draft, read_draft, row_key
from corsadmin.diagnose.explain.judgment import EMERGENCY, Judgment, judge_call
from corsadmin.diagnose.explain.near_misses import sendable_form
from corsadmin.diagnose.explain.remedies.emergencies import remedy_for_emergency
from corsadmin.diagnose.explain.remedies.origins import (
    STAND_IN,
    remedy_for_entry_credentials,
    remedy_for_origin,
    stand_in,
)
from corsadmin.diagnose.explain.remedies.remedy import Remedy, RemedyKind, owner_slug
from corsadmin.diagnose.explain.remedies.rules import (
    another_method,
    remedy_for_headers,
    remedy_for_method,
    remedy_for_rule,
    remedy_for_rule_credentials,
)
from corsadmin.diagnose.explain.remedies.tenants import called_tenant, remedies_for_tenant
from corsadmin.engine import Snapshot
from corsadmin.engine.entries import check_origin
from corsadmin.engine.hosts import check_host
from corsadmin.engine.problems import Problem
from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.policy_rows import origin_text
from corsadmin.models.validation import rule_problems
from corsadmin.proposed_change.change import ChangedRow

__all__ = ["MAX_REMEDIES", "Mending", "Remedy", "RemedyKind", "find_mending", "owner_slug"]

MAX_REMEDIES: Final = 16
_FOR_STEP: Final[dict[str, Callable[[Case, Draft], Remedy]]] = {
    "rule": remedy_for_rule,
    EMERGENCY: remedy_for_emergency,
    "origin": remedy_for_origin,
    "method": remedy_for_method,
    "headers": remedy_for_headers,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """Every change that a call needs, found by mending one step after the other.

    `judgments` are the engine's answers before the first change and after each. After a change that
    only a person can decide, nothing more is known. `owners` are the tenant and the platform that it
    inherits, as they were before their rows were read.
    """

    judgments: tuple[Judgment, ...]
    remedies: tuple[Remedy, ...] = ()
    owners: tuple[Tenant, ...] = ()

    @property
    def is_sufficient(self) -> bool:
        """Report whether the call is allowed after all changes."""
        return self.judgments[-1].is_allowed

    @property
    def rows(self) -> list[ChangedRow]:
        """Return each changed row of a policy once, as all changes together leave it."""
        rows = {row_key(one.row): one.row for one in self.remedies if one.row is not None}
        return [*rows.values()]

    def fields_of(self, row: ChangedRow) -> tuple[str, ...]:
        """Return the fields of a row that the remedies change, each once."""
        names = (name for one in self._about(row) for name in one.fields)
        return tuple(dict.fromkeys(names))

    def sentences_of(self, row: ChangedRow) -> list[str]:
        """Return a sentence for each remedy that changes a row."""
        return [one.sentence for one in self._about(row)]

    def _about(self, row: ChangedRow) -> list[Remedy]:
        key = row_key(row)
        return [one for one in self.remedies if one.row is not None and row_key(one.row) == key]


def find_mending(first: Judgment, held: Snapshot) -> Mending:
    """Return every change that lets a call through. `first` is its judgment by the snapshot `held`.

    Makes each change to the rows in memory and has the engine decide again. Changes only rows of the
    call's tenant: the platform's rows decide for other tenants too.
    """
    remedies: list[Remedy] = []
    found = None if first.is_allowed else called_tenant(first.case)
    search = _RemedySearch(first, held, found)
    while not search.is_over and len(remedies) < MAX_REMEDIES:
        some = [_sound(one) for one in _remedies_for(search.judgments[-1], search.draft)]
        remedies += some
        if some[-1].is_end:
            break
        search.follow(some[-1])
    return Mending(
        judgments=tuple(search.judgments), remedies=tuple(remedies), owners=search.owners
    )


class _RemedySearch:
    """The judgments, and the rows in memory, of a call after the changes so far."""

    def __init__(self, first: Judgment, held: Snapshot, found: Tenant | None) -> None:
        self.judgments = [first]
        self.draft: Draft | None = None
        self.owners: tuple[Tenant, ...] = ()
        self._question, self._held, self._assumed = first.case.question, held, ""
        if found is not None:
            origins = {self._question.origin, sendable_form(self._question.origin)}
            self.draft = read_draft(found, first.case, origins, held.stops)
            self.owners = self.draft.owners
            # The rows may be newer than the snapshot that was judged first.
            self._judge()

    @property
    def is_over(self) -> bool:
        """Report whether the call is allowed, or its tenant was deleted in the meantime."""
        last = self.judgments[-1]
        is_gone = self.draft is None and last.case.decision.tenant != ""
        return last.is_allowed or is_gone

    def follow(self, remedy: Remedy) -> None:
        """Make a change in memory and have the engine decide again."""
        self._question = remedy.question or self._question
        self._assumed = remedy.tenant or self._assumed
        if self.draft is not None:
            self.draft = _changed(self.draft, remedy, self.judgments[-1])
        self._judge()

    def _judge(self) -> None:
        case = self.judgments[0].case
        if self.draft is not None:
            self._held = self.draft.snapshot()
        self.judgments.append(
            judge_call(
                self._question,
                self._held,
                using=case.using,
                visible=case.visible,
                assumed_tenant=self._assumed,
            )
        )


def _changed(draft: Draft, remedy: Remedy, found: Judgment) -> Draft:
    if remedy.row is not None:
        return draft.put(remedy.row)
    if remedy.lifted:
        return draft.lift(remedy.lifted)
    if remedy.question is not None and remedy.question.origin == STAND_IN:
        return draft.put(stand_in(found.case, draft))
    return draft


def _remedies_for(found: Judgment, draft: Draft | None) -> Iterator[Remedy]:
    """Yield the remedies for the step at which a call fails. Only the last one may lead on."""
    case, step = found.case, found.failed_step
    if case.is_taken_for_own:
        yield _other_scheme(found)
    elif case.question.is_same_origin or not case.question.origin:
        # Only the browser itself can stop such a call, because of its method.
        yield another_method(case)
    elif step == "tenant" or draft is None:
        yield from remedies_for_tenant(case, draft)
    elif step in _FOR_STEP:
        yield _FOR_STEP[step](case, draft)
    else:
        yield _remedy_for_credentials(found, draft)


def _remedy_for_credentials(found: Judgment, draft: Draft) -> Remedy:
    rule = found.case.rule
    if rule is None or rule.any_origin:
        text = _(
            "List the origins that may call with cookies: a rule for any origin never grants credentials."
        )
        return Remedy(kind=RemedyKind.ANY_ORIGIN, step="credentials", sentence=text)
    if not rule.credentials:
        return remedy_for_rule_credentials(found.case, draft)
    return remedy_for_entry_credentials(found.case, draft)


def _other_scheme(found: Judgment) -> Remedy:
    return Remedy(
        kind=RemedyKind.PAGE_SCHEME,
        step="origin",
        sentence=_("Call the URL over https: the page itself is served over https."),
        question=replace(found.case.question, scheme="https"),
    )


def _sound(remedy: Remedy) -> Remedy:
    """Return a remedy unchanged if its row is valid; otherwise without the row, saying why."""
    problems = () if remedy.row is None else _problems(remedy.row)
    if not problems:
        return remedy
    sentence = " ".join([remedy.sentence, *map(describe, problems)])
    return replace(remedy, sentence=sentence, row=None, fields=())


def _problems(row: object) -> tuple[Problem, ...]:
    if isinstance(row, Origin):
        return tuple(check_origin(origin_text(row)))
    if isinstance(row, PathRule):
        return tuple(rule_problems(row))
    found = check_host(row.host) if isinstance(row, TenantHost) else None
    return () if found is None else (found,)
