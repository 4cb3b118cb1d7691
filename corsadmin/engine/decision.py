"""Decide one request: which headers to send, and why."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from corsadmin.engine import headers
from corsadmin.engine.emergencies import StopLevel, level_at
from corsadmin.engine.matching import find_entry
from corsadmin.engine.methods import is_forbidden_method, is_method
from corsadmin.engine.policy import TenantPolicy
from corsadmin.engine.request import CorsRequest, Reason
from corsadmin.engine.rules import HeaderPairs, Rule

_NOT_CORS: Final = Reason.NOT_CORS


class Decision(NamedTuple):
    """What to do to one response, and why.

    `tenant`, `rule` and `entry` name what decided, or are blank; `inherited` says that the rule is
    the platform's. `status` is the HTTP status of the middleware's own response, 0 if the view
    answers. On a `managed` response the middleware is the only author of `Access-Control-*`: it
    removes what it does not send.
    """

    reason: Reason
    tenant: str = ""
    rule: str = ""
    inherited: bool = False
    entry: str = ""
    allow_origin: str = ""
    headers: HeaderPairs = ()
    vary: str = ""
    status: int = 0
    managed: bool = True

    @property
    def allowed(self) -> bool:
        """Report whether the cross-origin caller was let in."""
        return self.reason is Reason.ALLOWED

    @property
    def response_headers(self) -> dict[str, str]:
        """Return every header this decision puts on a response that had none of them."""
        sent = {headers.ACAO: self.allow_origin} if self.allow_origin else {}
        sent.update(self.headers)
        if self.vary:
            sent[headers.VARY] = self.vary
        return sent


# The fields of Decision in order, and a constructor in less than half the time of Decision(…),
# which also handles keywords and defaults. Callers of this one pass every field.
_Fields = tuple[Reason, str, str, bool, str, str, HeaderPairs, str, int, bool]
_decision: Final[Callable[[_Fields], Decision]] = partial(tuple.__new__, Decision)
NO_TENANT = Decision(Reason.NO_TENANT, managed=False)


def decide(policy: TenantPolicy | None, request: CorsRequest, now: float) -> Decision:
    """Return the decision for a request to a tenant, None for no tenant. Never raises.

    A pure function. `now` is in epoch seconds; it decides whether the windows of origin entries are
    open and whether emergencies are over.
    """
    if policy is None:
        return NO_TENANT
    slug = policy.slug
    rule = policy.rules.find(request.path)
    level = level_at(policy.stops, now) if policy.stops else None
    if level is StopLevel.ALL and rule is not None:
        return _stopped(slug, rule, request)
    if rule is None or not request.origin:
        return decide_by_rule(slug, rule)
    judged = rule if level is None else replace(rule, credentials=False)
    entry, credentials, reason = find_entry(policy, judged, request, now)
    preflight = request.is_preflight
    if preflight and reason is Reason.ALLOWED:
        reason = check_preflight(rule, request)
    vary = rule.preflight_vary if preflight else rule.vary
    if reason is not Reason.ALLOWED:
        refused = preflight or (rule.refuse_unlisted and reason is not Reason.SAME_ORIGIN)
        status = 403 if refused else 0
        return _decision((reason, slug, rule.path, rule.inherited, "", "", (), vary, status, True))
    pairs, status = _allowed(rule, request, credentials)
    origin = "*" if rule.any_origin else request.origin
    return _decision(
        (reason, slug, rule.path, rule.inherited, entry, origin, pairs, vary, status, True)
    )


def decide_by_rule(slug: str, rule: Rule | None) -> Decision:
    """Return the decision for a tenant's request that has no Origin, or that no path rule covers.

    It depends on the path rule alone, not on entries or the time, unless an emergency is on.
    """
    if rule is None:
        return Decision(Reason.NO_RULE, slug, managed=False)
    # Fetch, "CORS protocol and HTTP caches": a static `*` goes on every response.
    origin, pairs = ("*", rule.actual) if rule.any_origin else ("", ())
    return _decision(
        (_NOT_CORS, slug, rule.path, rule.inherited, "", origin, pairs, rule.vary, 0, True)
    )


def _stopped(slug: str, rule: Rule, request: CorsRequest) -> Decision:
    """Return the decision during an emergency that overrides entries and rules for any origin."""
    preflight = request.is_preflight
    reason = Reason.EMERGENCY
    if not request.origin:
        reason = Reason.NOT_CORS
    elif request.is_from_own_site and not preflight:
        reason = Reason.SAME_ORIGIN
    # Not the rule's own Vary: a rule for any origin has none, but answers now like one that lists
    # origins.
    vary = headers.PREFLIGHT_VARY if preflight else headers.ORIGIN
    status = 403 if preflight or (reason is Reason.EMERGENCY and rule.refuse_unlisted) else 0
    return Decision(reason, slug, rule.path, rule.inherited, "", "", (), vary, status)


def check_preflight(rule: Rule, request: CorsRequest) -> Reason:
    """Return ALLOWED, or which part of a preflight the rule refuses.

    Fetch, "CORS-preflight fetch" steps 7.4 to 7.7: methods are case-sensitive, the safelisted ones
    always pass, header names are not case-sensitive, and `*` covers `authorization` only if the
    response echoes the requested names.
    """
    method = request.requested_method or ""
    if method not in rule.methods and not (
        "*" in rule.methods and is_method(method) and not is_forbidden_method(method)
    ):
        return Reason.METHOD_NOT_ALLOWED
    if not request.requested_headers:
        return Reason.ALLOWED
    names = headers.parse_requested_headers(request.requested_headers)
    if names is None:
        return Reason.HEADER_NOT_ALLOWED
    allowed = rule.request_headers
    star = "*" in allowed
    for name in names:
        if name not in allowed and (not star or (name == "authorization" and rule.echo is None)):
            return Reason.HEADER_NOT_ALLOWED
    return Reason.ALLOWED


def _allowed(rule: Rule, request: CorsRequest, credentials: bool) -> tuple[HeaderPairs, int]:  # noqa: FBT001
    if not request.is_preflight:
        return rule.actual_credentials if credentials else rule.actual, 0
    pairs = rule.preflight_credentials if credentials else rule.preflight
    if rule.echo is not None:
        names = headers.parse_requested_headers(request.requested_headers or "")
        pairs += rule.echo.pairs(request.requested_method or "", names or ())
    return pairs, 204
