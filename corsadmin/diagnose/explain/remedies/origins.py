"""Remedies that allow an origin: an entry of its own, or an entry whose conditions are met."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.draft import Draft, changed_row
from corsadmin.diagnose.explain.near_misses import sendable_form
from corsadmin.diagnose.explain.remedies.remedy import Remedy, RemedyKind, change_row
from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_origin
from corsadmin.engine.paths import covers, lies_within
from corsadmin.engine.rules import admits
from corsadmin.messages import describe, shown
from corsadmin.models import Origin
from corsadmin.proposed_change.risk_acceptance import dangers
from corsadmin.proposed_change.touched import is_in_force

# Replaces an origin that no entry can allow, so that the steps after it can be judged.
STAND_IN: Final = "https://page.invalid"
# By how much an expired entry is extended, unless a person chooses another end.
PROLONGED: Final = timedelta(days=30)


def remedy_for_origin(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that allows the origin of a call."""
    if parse_origin(case.question.origin) is None:
        return _other_origin(case)
    if case.decision.reason in (Reason.ORIGIN_EXPIRED, Reason.ORIGIN_NOT_YET_VALID):
        held = [row for row in draft.own_origins() if row.enabled and _applies(row, case)]
        if held:
            return _open_window("origin", held[0])
    return _switch_on("origin", case, draft) or _list(case, draft)


def remedy_for_entry_credentials(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that grants the page credentials.

    Wildcards and the platform's entries stay unchanged: instead, an entry for this page is added.
    """
    now = timezone.now()
    row = next((one for one in _exact(case, draft) if is_in_force(one, now)), None)
    if row is None:
        scope = _deciding_scope(case, draft)
        return _switch_on("credentials", case, draft) or _add("credentials", case, draft, scope)
    text = _("Grant credentials on the entry %(entry)s.") % {"entry": str(row)}
    kind = RemedyKind.ORIGIN_CREDENTIALS
    return _granting(kind, "credentials", text, changed_row(row, credentials=True))


def stand_in(case: Case, draft: Draft) -> Origin:
    """Return the entry that allows STAND_IN for a call that has a path rule."""
    scope = case.rule.path if case.rule is not None and case.rule.exclusive else ""
    return Origin(tenant=draft.tenant, pattern=STAND_IN, scope=scope, credentials=True)


def _other_origin(case: Case) -> Remedy:
    """Return what the page must change so that the browser sends an origin."""
    origin = case.question.origin
    sent = sendable_form(origin)
    if case.decision.reason is Reason.ORIGIN_NULL:
        sent = STAND_IN
        text = _("Serve the page from a web server: files and sandboxed frames send “null”.")
    elif parse_origin(sent) is not None:
        text = _("Try %(origin)s: a browser would send that.") % {"origin": shown(sent)}
    else:
        sent = STAND_IN
        text = _("Copy the origin from the browser's console, or from its Origin header.")
    return Remedy(
        kind=RemedyKind.PAGE_ORIGIN,
        step="origin",
        sentence=text,
        question=replace(case.question, origin=sent),
    )


def _exact(case: Case, draft: Draft) -> list[Origin]:
    """Return the tenant's entries for exactly this page whose scope covers the call."""
    origin = case.question.origin
    return [row for row in draft.own_origins() if row.pattern == origin and _applies(row, case)]


def _applies(row: Origin, case: Case) -> bool:
    """Report whether an entry applies to the called path, by its scope and an exclusive rule."""
    if case.rule is not None and not admits(case.rule, row.scope):
        return False
    return not row.scope or covers(row.scope, case.path)


def _switch_on(step: str, case: Case, draft: Draft) -> Remedy | None:
    """Return the remedy that puts an existing entry for exactly this page in force, or None."""
    row = next(iter(_exact(case, draft)), None)
    if row is None:
        return None
    facts = {"entry": str(row)}
    if not row.enabled:
        text = _("Enable the entry %(entry)s.") % facts
        return change_row(RemedyKind.ORIGIN_ENABLE, step, text, row, enabled=True)
    if not is_in_force(row, timezone.now()):
        return _open_window(step, row)
    # The entry does not compile: it reached the table without the gate.
    text = _("Correct the entry %(entry)s, which is not valid.") % facts
    made = changed_row(row, credentials=case.question.credentials)
    return _granting(RemedyKind.ORIGIN_MEND, step, text, made)


def _granting(kind: RemedyKind, step: str, text: str, row: Origin) -> Remedy:
    """Return the remedy that sets the credentials of an entry and accepts their risk, if any."""
    values: dict[str, object] = {"credentials": row.credentials}
    found = dangers(row)
    if found:
        values["risk_accepted"] = True
        text = " ".join([text, _("Accept its risk:"), *map(describe, found)])
    return change_row(kind, step, text, row, **values)


def _open_window(step: str, row: Origin) -> Remedy:
    now = timezone.now().replace(second=0, microsecond=0)
    facts = {"entry": str(row)}
    if row.valid_from is not None and row.valid_from > now:
        text = _("Give the entry %(entry)s an earlier start, or wait.")
        return change_row(RemedyKind.ORIGIN_WINDOW, step, text % facts, row, valid_from=now)
    text = _("Give the entry %(entry)s a later end, if you still trust its pages.")
    until = now + PROLONGED
    return change_row(RemedyKind.ORIGIN_WINDOW, step, text % facts, row, valid_until=until)


def _list(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that lists the page: an entry with a wider scope, or a new entry."""
    rule = case.rule
    if rule is None or not (rule.exclusive or case.decision.reason is Reason.ORIGIN_OUT_OF_SCOPE):
        return _add("origin", case, draft, "")
    origin = case.question.origin
    for row in draft.own_origins():
        is_narrow = row.pattern == origin and row.scope and lies_within(row.scope, rule.path)
        if is_narrow and row.enabled:
            text = _("Widen the scope of the entry %(entry)s to %(scope)s.")
            facts = {"entry": str(row), "scope": rule.path}
            kind = RemedyKind.ORIGIN_SCOPE
            return change_row(kind, "origin", text % facts, row, scope=rule.path)
    return _add("origin", case, draft, rule.path)


def _add(step: str, case: Case, draft: Draft, scope: str) -> Remedy:
    facts = {
        "origin": shown(case.question.origin),
        "tenant": draft.tenant.slug,
        "scope": scope,
    }
    text = _("Add the origin %(origin)s to %(tenant)s, if you trust its pages.")
    if scope:
        text = _(
            "Add the origin %(origin)s to %(tenant)s with the scope %(scope)s, if you trust its pages "
            "there."
        )
    return Remedy(
        kind=RemedyKind.ORIGIN_ADD,
        step=step,
        sentence=text % facts,
        row=Origin(tenant=draft.tenant, pattern=case.question.origin, scope=scope),
        fields=("pattern", "credentials", "scope"),
    )


def _deciding_scope(case: Case, draft: Draft) -> str:
    """Return the scope of the entry that allows the page without credentials."""
    now = timezone.now()
    found = (
        row.scope
        for row in draft.origins
        if row.pattern == case.decision.entry and is_in_force(row, now) and _applies(row, case)
    )
    return next(found, "")
