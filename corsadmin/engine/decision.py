"""Answer one request: which headers to send, and why."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from corsadmin.engine import headers
from corsadmin.engine.methods import is_forbidden_method, is_method
from corsadmin.engine.origins import candidates, parse_origin
from corsadmin.engine.packing import Grant
from corsadmin.engine.paths import covers
from corsadmin.engine.policy import PREFLIGHT_VARY, HeaderPairs, Rule
from corsadmin.engine.snapshot import Policy


class Reason(StrEnum):
    """Why a request was answered as it was: a closed list, documented in docs/reference."""

    ALLOWED = "allowed"
    NOT_CORS = "not-cors"
    SAME_ORIGIN = "same-origin"
    NO_TENANT = "no-tenant"
    NO_RULE = "no-rule"
    ORIGIN_NOT_LISTED = "origin-not-listed"
    ORIGIN_MALFORMED = "origin-malformed"
    ORIGIN_NULL = "origin-null"
    ORIGIN_EXPIRED = "origin-expired"
    ORIGIN_NOT_YET_VALID = "origin-not-yet-valid"
    ORIGIN_OUT_OF_SCOPE = "origin-out-of-scope"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    HEADER_NOT_ALLOWED = "header-not-allowed"
    POLICY_INVALID = "policy-invalid"
    NOT_READY = "not-ready"
    TOO_STALE = "too-stale"


class CorsRequest(NamedTuple):
    """What a decision may look at: nothing else of a request counts.

    `path` is Django's decoded `path_info`. `origin` is blank when the header is absent or empty.
    `requested_method` and `requested_headers` are None when their header is absent. `scheme` and
    `host` (with its port) are those the request was sent to. `now` is in epoch seconds.
    """

    path: str
    method: str
    origin: str
    requested_method: str | None
    requested_headers: str | None
    scheme: str
    host: str
    now: float

    @property
    def is_preflight(self) -> bool:
        """Report whether this is a CORS-preflight request (Fetch, "HTTP requests")."""
        return (
            self.requested_method is not None and self.method == "OPTIONS" and self.origin != ""
        )


class Decision(NamedTuple):
    """What to do to one response, and why.

    `tenant`, `rule` and `entry` name what decided, blank where nothing did; `inherited` says the
    rule is the platform's. `status` is the status of the answer the middleware gives itself, 0
    where the view answers. On a `managed` response the middleware is the only author of
    `Access-Control-*`: it removes what it does not send.
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


NO_TENANT = Decision(Reason.NO_TENANT, managed=False)
NOT_READY = Decision(Reason.NOT_READY, vary=headers.ORIGIN)
NOT_READY_PREFLIGHT = Decision(Reason.NOT_READY, vary=PREFLIGHT_VARY, status=403)

# Of several entries that cover an origin and do not apply, the one that came nearest is named.
_NEARNESS = {
    Reason.ORIGIN_NOT_LISTED: 0,
    Reason.ORIGIN_OUT_OF_SCOPE: 1,
    Reason.ORIGIN_NOT_YET_VALID: 2,
    Reason.ORIGIN_EXPIRED: 3,
}


def decide(policy: Policy | None, request: CorsRequest) -> Decision:
    """Return the decision for a request to a tenant; None is an unknown tenant. Never raises."""
    if policy is None:
        return NO_TENANT
    rule = policy.rules.find(request.path)
    if rule is None:
        return Decision(Reason.NO_RULE, policy.slug, managed=False)
    if not request.origin:
        return _without_origin(policy, rule)
    if rule.invalid:
        return _refusal(Reason.POLICY_INVALID, policy, rule, request)
    if rule.any_origin:
        entry, credentials, reason = "*", False, Reason.ALLOWED
    else:
        entry, credentials, reason = find_entry(policy, rule, request)
    preflight = request.is_preflight
    if preflight and reason is Reason.ALLOWED:
        reason = check_preflight(rule, request)
    if reason is not Reason.ALLOWED:
        return _refusal(reason, policy, rule, request)
    origin = "*" if rule.any_origin else request.origin
    if preflight:
        pairs, vary, status = rule.preflight_headers(credentials), rule.preflight_vary, 204
    else:
        pairs, vary, status = rule.actual_headers(credentials), rule.vary, 0
    return Decision(
        reason, policy.slug, rule.path, rule.inherited, entry, origin, pairs, vary, status
    )


def find_entry(policy: Policy, rule: Rule, request: CorsRequest) -> tuple[str, bool, Reason]:
    """Return the entry that allows the origin, whether it sends credentials, and the reason.

    Entries only ever add: of several that apply, one that grants credentials is taken. Where none
    applies the entry is blank and the reason says what came nearest.
    """
    origin = request.origin
    parts = parse_origin(origin)
    if parts is None:
        null = origin == "null"
        return "", False, Reason.ORIGIN_NULL if null else Reason.ORIGIN_MALFORMED
    literal = policy.literals.get(origin)
    if literal or (literal is not None and not rule.credentials):
        return origin, literal and rule.credentials, Reason.ALLOWED
    entry, nearest = "", Reason.ORIGIN_NOT_LISTED
    for pattern, grant in _grants(policy, origin, parts):
        reason = check_grant(grant, request)
        if reason is Reason.ALLOWED:
            if grant.credentials or not rule.credentials:
                return pattern, grant.credentials and rule.credentials, reason
            entry = entry or pattern
        elif _NEARNESS[reason] > _NEARNESS[nearest]:
            nearest = reason
    if entry:
        return entry, False, Reason.ALLOWED
    if origin == f"{request.scheme}://{request.host}" and not request.is_preflight:
        return "", False, Reason.SAME_ORIGIN
    return "", False, nearest


def check_grant(grant: Grant, request: CorsRequest) -> Reason:
    """Return ALLOWED, or the reason why an entry does not apply to this request just now.

    The window is half open: valid from its first instant, no longer valid at its last.
    """
    if grant.scope and not covers(grant.scope, request.path):
        return Reason.ORIGIN_OUT_OF_SCOPE
    if grant.valid_from is not None and request.now < grant.valid_from:
        return Reason.ORIGIN_NOT_YET_VALID
    if grant.valid_until is not None and request.now >= grant.valid_until:
        return Reason.ORIGIN_EXPIRED
    return Reason.ALLOWED


def check_preflight(rule: Rule, request: CorsRequest) -> Reason:
    """Return ALLOWED, or which part of a preflight the rule refuses.

    Fetch, "CORS-preflight fetch" steps 7.4 to 7.7: methods compare by case, the safelisted ones
    always pass, header names compare without case, and `*` never covers `authorization`.
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
        if name not in allowed and (not star or name == "authorization"):
            return Reason.HEADER_NOT_ALLOWED
    return Reason.ALLOWED


def too_stale(decision: Decision) -> Decision:
    """Return what is left of a decision made with a snapshot that is no longer to be trusted."""
    if not decision.managed:
        return decision
    status = 403 if decision.status else 0
    return decision._replace(
        reason=Reason.TOO_STALE, entry="", allow_origin="", headers=(), status=status
    )


def _without_origin(policy: Policy, rule: Rule) -> Decision:
    # Fetch, "CORS protocol and HTTP caches": a static `*` goes on every response, Origin or not.
    origin, pairs = ("*", rule.actual) if rule.any_origin else ("", ())
    return Decision(
        Reason.NOT_CORS, policy.slug, rule.path, rule.inherited, "", origin, pairs, rule.vary
    )


def _refusal(reason: Reason, policy: Policy, rule: Rule, request: CorsRequest) -> Decision:
    preflight = request.is_preflight
    refused = preflight or (rule.refuse_unlisted and reason is not Reason.SAME_ORIGIN)
    return Decision(
        reason,
        policy.slug,
        rule.path,
        rule.inherited,
        vary=rule.preflight_vary if preflight else rule.vary,
        status=403 if refused else 0,
    )


def _grants(
    policy: Policy, origin: str, parts: tuple[str, str, str]
) -> Iterator[tuple[str, Grant]]:
    """Yield every entry of the tenant, then of the platform, that covers an origin."""
    level: Policy | None = policy
    while level is not None:
        literal = level.literals.get(origin)
        if literal is not None:
            yield origin, Grant(literal)
        if level.grants:
            for grant in level.grants.get(origin, ()):
                yield origin, grant
            for text in candidates(*parts) if level.has_wildcards else ():
                for grant in level.grants.get(text, ()):
                    yield text, grant
        level = level.platform
