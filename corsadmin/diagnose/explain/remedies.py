"""What to change so that a refused call would be let in, if it should be."""

from collections.abc import Callable
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.near_misses import sendable_form
from corsadmin.diagnose.explain.refused_names import presets_that_hold
from corsadmin.diagnose.explain.steps import missing_headers
from corsadmin.engine import PLATFORM, Reason, browser
from corsadmin.engine.paths import covers
from corsadmin.messages import describe, shown
from corsadmin.models import TenantHost, validation
from corsadmin.tenants import finds_by_host, resolver_name

_FIXED: Final[dict[Reason, Promise]] = {
    Reason.ORIGIN_NULL: gettext_lazy(
        "Serve the page from a web server: files and sandboxed frames send “null”."
    ),
    Reason.ORIGIN_EXPIRED: gettext_lazy(
        "Give the entry a later end, if its pages are still to be trusted."
    ),
    Reason.ORIGIN_NOT_YET_VALID: gettext_lazy("Give the entry an earlier start, or wait."),
}


def changes(case: Case) -> list[str]:
    """Return sentences that say what to change; none where nothing is wrong or can be done."""
    reason = case.decision.reason
    if reason in _FIXED:
        return [str(_FIXED[reason])]
    if reason in _FINDERS:
        return _FINDERS[reason](case)
    if case.is_taken_for_own:
        return [_("Call the URL over https: the page itself is served over https.")]
    if case.decision.allowed and case.question.credentials:
        return _credentials(case)
    return []


def _no_tenant(case: Case) -> list[str]:
    if not case.host:
        facts = {"host": shown(case.question.host)}
        return [_("Add %(host)s to ALLOWED_HOSTS: Django refuses it.") % facts]
    if not finds_by_host():
        facts = {"resolver": resolver_name()}
        return [
            _("Call a host or path of an active tenant: TENANT_RESOLVER is %(resolver)s.") % facts
        ]
    row = TenantHost.objects.using(case.using).filter(host=case.host).first()
    if row is not None and case.may_name(row.tenant):
        return [_("Set the tenant %(tenant)s active.") % {"tenant": row.tenant.slug}]
    found = [_("Add the host %(host)s to its tenant.") % {"host": shown(case.host)}]
    if not TenantHost.objects.using(case.using).exists():
        found.append(
            _("If this is a single site, set TENANT_RESOLVER to corsadmin.tenants.single instead.")
        )
    return found


def _no_rule(case: Case) -> list[str]:
    for row in case.rules(Q(enabled=False)):
        if covers(row.path, case.path):
            return [_("Enable the path rule %(rule)s.") % {"rule": row.path}]
    facts = {"path": shown(case.path), "tenant": case.decision.tenant}
    return [_("Add a path rule to %(tenant)s that covers %(path)s.") % facts]


def _invalid_rule(case: Case) -> list[str]:
    for row in case.rules(Q(path=case.decision.rule)):
        problems = validation.rule_problems(row)
        if problems:
            return [f"{row.path}: {describe(problem)}" for problem in problems]
    return []


def _listing(case: Case) -> list[str]:
    sent = sendable_form(case.question.origin)
    facts = {"origin": shown(sent), "tenant": case.decision.tenant}
    if sent != case.question.origin:
        return [_("Try %(origin)s: a browser would send that.") % facts]
    if case.decision.reason is Reason.ORIGIN_MALFORMED:
        return [_("Copy the origin from the browser's console, or from its Origin header.")]
    if case.rule is not None and case.rule.exclusive:
        text = _(
            "Add the origin %(origin)s to %(tenant)s with the scope %(scope)s, if its pages are to "
            "be trusted there."
        )
        return [text % {**facts, "scope": case.rule.path}]
    return [_("Add the origin %(origin)s to %(tenant)s, if its pages are to be trusted.") % facts]


def _out_of_scope(case: Case) -> list[str]:
    facts = {"path": shown(case.path), "rule": case.decision.rule}
    if case.rule is not None and case.rule.exclusive:
        text = _("Widen the entry's scope so that it covers %(path)s and stays within %(rule)s.")
        return [text % facts]
    return [_("Widen the entry's scope so that it covers %(path)s.") % facts]


def _method(case: Case) -> list[str]:
    method = case.asked.method
    if not browser.is_sendable(method):
        return [_("Use another method: no browser lets a page send this one.")]
    if method != method.upper():
        facts = {"method": shown(method.upper())}
        return [
            _("Write %(method)s in the page: browsers send this method exactly as written.") % facts
        ]
    facts = {"method": shown(method), "rule": case.decision.rule, "tenant": _owner(case)}
    return [_("Add %(method)s to the methods of the rule %(rule)s of %(tenant)s.") % facts]


def _headers(case: Case) -> list[str]:
    names = shown(", ".join(missing_headers(case) or case.asked.unsafe))
    facts = {"names": names, "rule": case.decision.rule, "tenant": _owner(case)}
    text = _("Add %(names)s to the request headers of the rule %(rule)s of %(tenant)s.")
    return [text % facts, *presets_that_hold(case)]


def _credentials(case: Case) -> list[str]:
    """Return what keeps an allowed origin from asking with cookies."""
    found = []
    rule = case.rule
    if rule is None or rule.any_origin:
        return [
            _("List the origins that may ask with cookies: a rule for any origin never allows it.")
        ]
    if not rule.credentials:
        facts = {"rule": rule.path, "tenant": _owner(case)}
        found.append(_("Grant credentials on the rule %(rule)s of %(tenant)s.") % facts)
    entries = case.entries(Q(pattern=case.decision.entry, enabled=True))
    if not any(row.credentials for _owner, row in entries):
        facts = {"entry": case.decision.entry}
        found.append(_("Grant credentials on the entry %(entry)s.") % facts)
    return found


def _owner(case: Case) -> str:
    return PLATFORM if case.decision.inherited else case.decision.tenant


_FINDERS: Final[dict[Reason, Callable[[Case], list[str]]]] = {
    Reason.NO_TENANT: _no_tenant,
    Reason.NO_RULE: _no_rule,
    Reason.POLICY_INVALID: _invalid_rule,
    Reason.ORIGIN_NOT_LISTED: _listing,
    Reason.ORIGIN_MALFORMED: _listing,
    Reason.ORIGIN_OUT_OF_SCOPE: _out_of_scope,
    Reason.METHOD_NOT_ALLOWED: _method,
    Reason.HEADER_NOT_ALLOWED: _headers,
}
