"""Remedies for a missing path rule, or for a method, header or credentials that a rule lacks."""

from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.draft import Draft, changed_row
from corsadmin.diagnose.explain.remedies.remedy import Remedy, RemedyKind, change_row
from corsadmin.engine import Reason, browser
from corsadmin.engine.headers import MAX_REQUESTED_NAMES
from corsadmin.engine.methods import check_method
from corsadmin.engine.paths import ALONE, check_path, covers, is_coverable, specificity
from corsadmin.engine.problems import Problem
from corsadmin.messages import describe, shown
from corsadmin.models import PathRule
from corsadmin.models.validation import rule_problems

_LISTS: Final = ("methods", "request_headers", "exposed_headers")
_COPIED: Final = (
    "path",
    *_LISTS,
    "exclusive",
    "any_origin",
    "credentials",
    "max_age",
    "refuse_unlisted",
)
# The fields of a new rule that a person sets.
_SAID: Final = ("path", "methods", "request_headers", "credentials")


def remedy_for_rule(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that gives a path a rule that can decide."""
    if case.decision.reason is Reason.POLICY_INVALID:
        return _mend(case, draft)
    if not is_coverable(case.path):
        text = _(
            "Have the page call another path: no path rule covers %(path)s, because of its dot "
            "segments, backslash or NUL."
        )
        facts = {"path": shown(case.path)}
        return Remedy(kind=RemedyKind.ADDRESS, step="rule", sentence=text % facts)
    disabled = [row for row in draft.own_rules() if not row.enabled and covers(row.path, case.path)]
    if disabled:
        return _enable("rule", min(disabled, key=lambda row: specificity(row.path)))
    text = _("Add a path rule to %(tenant)s that covers %(path)s.")
    facts = {"path": shown(case.path), "tenant": draft.tenant.slug}
    row = PathRule(tenant=draft.tenant, path=_narrowest(case.path))
    return _new(RemedyKind.RULE_ADD, "rule", text % facts, row)


def remedy_for_method(case: Case, draft: Draft) -> Remedy:
    """Return the remedy for a refused method: list it in the rule, or spell it differently."""
    method = case.asked.method
    problem = check_method(method)
    if problem is not None and problem.suggestion:
        text = _("Write %(method)s in the page: browsers send this method exactly as written.")
        return _other_method(case, text % {"method": shown(problem.suggestion)}, problem.suggestion)
    if not browser.is_sendable(method):
        return another_method(case)
    row = _own_rule(case, draft, "method")
    if isinstance(row, Remedy):
        return row
    facts = {"method": shown(method), "rule": row.path, "tenant": draft.tenant.slug}
    text = _("Add %(method)s to the methods of the rule %(rule)s of %(tenant)s.")
    return change_row(
        RemedyKind.METHOD, "method", text % facts, row, methods=[*row.methods, method]
    )


def another_method(case: Case) -> Remedy:
    """Return the remedy for a page whose method no browser sends."""
    text = _("Use another method: no browser lets a page send this one.")
    return _other_method(case, text, "GET")


def remedy_for_headers(case: Case, draft: Draft) -> Remedy:
    """Return the remedy for refused request headers: list them in the rule, or send fewer."""
    names = case.missing_headers
    if not names:
        text = _("Have the page set fewer request headers: at most %(count)d can be allowed.")
        facts = {"count": MAX_REQUESTED_NAMES}
        return Remedy(kind=RemedyKind.PAGE_HEADERS, step="headers", sentence=text % facts)
    row = _own_rule(case, draft, "headers")
    if isinstance(row, Remedy):
        return row
    said = {"names": shown(", ".join(names)), "rule": row.path, "tenant": draft.tenant.slug}
    text = _("Add %(names)s to the request headers of the rule %(rule)s of %(tenant)s.")
    listed = [*row.request_headers, *names]
    return change_row(RemedyKind.HEADERS, "headers", text % said, row, request_headers=listed)


def remedy_for_rule_credentials(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that makes the rule grant credentials."""
    row = _own_rule(case, draft, "credentials")
    if isinstance(row, Remedy):
        return row
    facts = {"rule": row.path, "tenant": draft.tenant.slug}
    text = _("Grant credentials on the rule %(rule)s of %(tenant)s.")
    kind = RemedyKind.RULE_CREDENTIALS
    return change_row(kind, "credentials", text % facts, row, credentials=True)


def _own_rule(case: Case, draft: Draft, step: str) -> PathRule | Remedy:
    """Return the tenant's rule to change, or the remedy that gives it a copy of the platform's.

    The platform's own rule stays unchanged: it decides for every tenant that inherits it.
    """
    path = case.decision.rule
    found = next((row for row in draft.own_rules() if row.path == path), None)
    if found is not None:
        return found if found.enabled else _enable(step, found)
    platforms = next(row for row in draft.platform_rules() if row.path == path)
    values = {name: getattr(platforms, name) for name in _COPIED}
    text = _(
        "Copy the platform's path rule %(rule)s to %(tenant)s, so that the next changes affect this "
        "tenant only."
    )
    facts = {"rule": path, "tenant": draft.tenant.slug}
    row = PathRule(tenant=draft.tenant, **values)
    return _new(RemedyKind.RULE_OWN, step, text % facts, row)


def _new(kind: RemedyKind, step: str, text: str, row: PathRule) -> Remedy:
    return Remedy(kind=kind, step=step, sentence=text, row=row, fields=_SAID)


def _enable(step: str, row: PathRule) -> Remedy:
    text = _("Enable the path rule %(rule)s.") % {"rule": row.path}
    return change_row(RemedyKind.RULE_ENABLE, step, text, row, enabled=True)


def _other_method(case: Case, text: str, method: str) -> Remedy:
    question = replace(case.question, method=method)
    return Remedy(kind=RemedyKind.PAGE_METHOD, step="method", sentence=text, question=question)


def _narrowest(path: str) -> str:
    """Return the narrowest valid pattern that covers a path."""
    parents = (path[: place + 1] for place in range(len(path) - 1, -1, -1) if path[place] == "/")
    exact = path + ALONE if path.endswith("/") else path
    fits = (one for one in (exact, *parents) if check_path(one) is None and covers(one, path))
    return next(fits, "/")


def _mend(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that makes an invalid rule valid, from the suggestions of its problems."""
    rows = [*draft.own_rules(), *draft.platform_rules()]
    row = next((one for one in rows if one.path == case.decision.rule and one.enabled), None)
    problems = () if row is None else rule_problems(row)
    sentence = " ".join(f"{case.decision.rule}: {describe(problem)}" for problem in problems)
    if row is None or row.tenant_id != draft.tenant.pk:
        return Remedy(kind=RemedyKind.RULE_MEND, step="rule", sentence=sentence)
    values = {
        name: _mended(getattr(row, name), [one for one in problems if one.field == name])
        for name in _LISTS
        if any(problem.field == name for problem in problems)
    }
    if rule_problems(changed_row(row, **values)):
        return Remedy(kind=RemedyKind.RULE_MEND, step="rule", sentence=sentence)
    return change_row(RemedyKind.RULE_MEND, "rule", sentence, row, **values)


def _mended(values: object, problems: list[Problem]) -> object:
    """Return a list with each value replaced by its suggestion, without duplicates."""
    if not isinstance(values, list):
        return values
    instead = {problem.value: problem.suggestion for problem in problems}
    return [*dict.fromkeys(filter(None, (instead.get(value, value) for value in values)))]
