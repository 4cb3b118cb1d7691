"""Answer one request: which headers to send, and why."""

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
    `requested_method` and `requested_headers` are None when their header is absent. `site` is the
    origin the request was sent to, `https://api.example.com`, or blank where it cannot be the same
    as `origin`. `now` is in epoch seconds.
    """

    path: str
    method: str
    origin: str
    requested_method: str | None
    requested_headers: str | None
    site: str
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
    origin = request.origin
    if not origin:
        return decide_without_origin(policy, request.path)
    if policy is None:
        return NO_TENANT
    rule = policy.rules.find(request.path)
    if rule is None:
        return Decision(Reason.NO_RULE, policy.slug, managed=False)
    if rule.any_origin:
        entry = allow_origin = "*"
        credentials, reason = False, Reason.ALLOWED
    else:
        allow_origin = origin
        entry, credentials, reason = find_entry(policy, rule, request)
    # What a preflight is: see CorsRequest.is_preflight.
    preflight = request.requested_method is not None and request.method == "OPTIONS"
    if preflight and reason is Reason.ALLOWED:
        reason = check_preflight(rule, request)
    if reason is not Reason.ALLOWED:
        return _refusal(reason, policy, rule, preflight=preflight)
    if preflight:
        pairs = rule.preflight_credentials if credentials else rule.preflight
        vary, status = rule.preflight_vary, 204
    else:
        pairs = rule.actual_credentials if credentials else rule.actual
        vary, status = rule.vary, 0
    return Decision(
        reason, policy.slug, rule.path, rule.inherited, entry, allow_origin, pairs, vary, status
    )


def decide_without_origin(policy: Policy | None, path: str) -> Decision:
    """Return the decision for a request without an Origin header: it is not a CORS request."""
    if policy is None:
        return NO_TENANT
    rule = policy.rules.find(path)
    if rule is None:
        return Decision(Reason.NO_RULE, policy.slug, managed=False)
    answer: Decision | None = policy.answers.get(rule.path)
    if answer is None:
        # Fetch, "CORS protocol and HTTP caches": a static `*` goes on every response.
        answer = policy.answers[rule.path] = Decision(
            Reason.NOT_CORS,
            policy.slug,
            rule.path,
            rule.inherited,
            allow_origin="*" if rule.any_origin else "",
            headers=rule.actual if rule.any_origin else (),
            vary=rule.vary,
        )
    return answer


def find_entry(policy: Policy, rule: Rule, request: CorsRequest) -> tuple[str, bool, Reason]:
    """Return the entry that allows the origin, whether it sends credentials, and the reason.

    Entries only ever add: of several that apply, one that grants credentials is taken. Where none
    applies the entry is blank and the reason says what came nearest.
    """
    origin = request.origin
    granted = policy.proven.get(origin)
    if granted or (granted is not None and not rule.credentials):
        return origin, granted and rule.credentials, Reason.ALLOWED
    return _search_entry(policy, rule, request)


def _search_entry(policy: Policy, rule: Rule, request: CorsRequest) -> tuple[str, bool, Reason]:
    origin = request.origin
    if rule.invalid:
        return "", False, Reason.POLICY_INVALID
    parts = parse_origin(origin)
    if parts is None:
        null = origin == "null"
        return "", False, Reason.ORIGIN_NULL if null else Reason.ORIGIN_MALFORMED
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
    if origin == request.site and not request.is_preflight:
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


def _refusal(reason: Reason, policy: Policy, rule: Rule, *, preflight: bool) -> Decision:
    key = (rule.path, reason, preflight)
    answer: Decision | None = policy.answers.get(key)
    if answer is None:
        refused = preflight or (rule.refuse_unlisted and reason is not Reason.SAME_ORIGIN)
        answer = policy.answers[key] = Decision(
            reason,
            policy.slug,
            rule.path,
            rule.inherited,
            vary=rule.preflight_vary if preflight else rule.vary,
            status=403 if refused else 0,
        )
    return answer


def _grants(policy: Policy, origin: str, parts: tuple[str, str, str]) -> list[tuple[str, Grant]]:
    """Return every entry of the tenant, then of the platform, that covers an origin."""
    found: list[tuple[str, Grant]] = []
    for level in policy.levels:
        literal = level.literals.get(origin)
        if literal is not None:
            if level is policy:
                policy.proven[origin] = literal
            found.append((origin, Grant(literal)))
        grants = level.grants
        if grants:
            found += [(origin, grant) for grant in grants.get(origin, ())]
            if level.bases:
                for text in candidates(*parts, level.bases):
                    found += [(text, grant) for grant in grants.get(text, ())]
    return found
