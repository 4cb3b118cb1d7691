"""Answer one request: which headers to send, and why."""

from typing import NamedTuple

from corsadmin.engine import headers
from corsadmin.engine.entries import find_entry
from corsadmin.engine.methods import is_forbidden_method, is_method
from corsadmin.engine.policy import PREFLIGHT_VARY, HeaderPairs, Rule
from corsadmin.engine.request import CorsRequest, Reason
from corsadmin.engine.tenant import Policy


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


def decide(policy: Policy | None, request: CorsRequest) -> Decision:
    """Return the decision for a request to a tenant; None is an unknown tenant. Never raises."""
    if policy is None:
        return NO_TENANT
    rule = policy.rules.find(request.path)
    if rule is None or not request.origin:
        return decide_by_path(policy, rule)
    return decide_by_origin(policy, rule, request)


def decide_by_origin(policy: Policy, rule: Rule, request: CorsRequest) -> Decision:
    """Return the decision for a request with an Origin, on a path that the rule is found for."""
    origin = request.origin
    if rule.any_origin:
        origin = "*"
        entry, credentials, reason = "*", False, Reason.ALLOWED
    else:
        entry, credentials, reason = find_entry(policy, rule, request)
    # What a preflight is: see CorsRequest.is_preflight.
    preflight = request.requested_method is not None and request.method == "OPTIONS"
    if preflight and reason is Reason.ALLOWED:
        reason = check_preflight(rule, request)
    if reason is not Reason.ALLOWED:
        return _refusal(reason, policy, rule, preflight=preflight)
    pairs, vary, status = _allowed(rule, preflight, credentials)
    return Decision(
        reason, policy.slug, rule.path, rule.inherited, entry, origin, pairs, vary, status
    )


def decide_by_path(policy: Policy, rule: Rule | None) -> Decision:
    """Return the decision where the path alone decides: no rule covers it, or no Origin came."""
    path = "" if rule is None else rule.path
    answer: Decision | None = policy.by_path.get(path)
    if answer is None:
        answer = _by_path(policy, rule)
        if policy.kept:
            policy.by_path[path] = answer
    return answer


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


def _by_path(policy: Policy, rule: Rule | None) -> Decision:
    if rule is None:
        return Decision(Reason.NO_RULE, policy.slug, managed=False)
    slug, path, vary = policy.slug, rule.path, rule.vary
    if rule.any_origin:
        # Fetch, "CORS protocol and HTTP caches": a static `*` goes on every response.
        return Decision(Reason.NOT_CORS, slug, path, rule.inherited, "", "*", rule.actual, vary)
    return Decision(Reason.NOT_CORS, slug, path, rule.inherited, "", "", (), vary)


def _allowed(rule: Rule, preflight: bool, credentials: bool) -> tuple[HeaderPairs, str, int]:  # noqa: FBT001
    if preflight:
        pairs = rule.preflight_credentials if credentials else rule.preflight
        return pairs, rule.preflight_vary, 204
    return rule.actual_credentials if credentials else rule.actual, rule.vary, 0


def _refusal(reason: Reason, policy: Policy, rule: Rule, *, preflight: bool) -> Decision:
    refused = preflight or (rule.refuse_unlisted and reason is not Reason.SAME_ORIGIN)
    vary = rule.preflight_vary if preflight else rule.vary
    status = 403 if refused else 0
    return Decision(reason, policy.slug, rule.path, rule.inherited, "", "", (), vary, status)
