"""Answer one Django request with the engine: the one way for middleware, explain and tests."""

import logging
from collections.abc import Iterable, Mapping
from time import time

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from corsadmin.engine import (
    NOT_READY,
    NOT_READY_PREFLIGHT,
    CorsRequest,
    Decision,
    Policy,
    Snapshot,
    decide,
    decide_without_origin,
    too_stale,
)
from corsadmin.engine.decision import NO_TENANT
from corsadmin.store import View
from corsadmin.tenants import Resolver

logger = logging.getLogger("corsadmin")


def answer(request: HttpRequest, view: View, resolver: Resolver) -> Decision:
    """Return the decision for a request. Never raises."""
    snapshot, doubt = view
    try:
        if snapshot is None:
            preflight = cors_request(request).is_preflight
            decision = NOT_READY_PREFLIGHT if preflight else NOT_READY
        else:
            policy = resolver(request, snapshot)
            origin = request.META.get("HTTP_ORIGIN")
            if not origin:
                decision = decide_without_origin(policy, request.path_info)
            elif policy is None or not policy.timeless:
                decision = decide(policy, cors_request(request))
            else:
                decision = _recall(request, snapshot, policy, origin)
            if doubt is not None:
                decision = too_stale(decision)
        vary = getattr(resolver, "vary", None)
        return decision if vary is None else _add_vary(decision, vary())
    except Exception as error:  # noqa: BLE001 (what a resolver does must not cost the response)
        _report(error)
        return NO_TENANT


def cors_request(request: HttpRequest) -> CorsRequest:
    """Return the parts of a request that a decision may look at."""
    meta = request.META
    origin = meta.get("HTTP_ORIGIN", "")
    return CorsRequest(
        request.path_info,
        request.method or "",
        origin,
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
        _site(request) if _may_be_own(origin, meta) else "",
        time(),
    )


def _recall(request: HttpRequest, snapshot: Snapshot, policy: Policy, origin: str) -> Decision:
    """Decide for a timeless policy, remembering what depends on the rule and headers alone.

    An origin that may be the site's own is judged by the host too, so it is not remembered.
    """
    meta = request.META
    rule = policy.rules.find(request.path_info)
    if rule is None or _may_be_own(origin, meta):
        return decide(policy, cors_request(request))
    method = meta.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
    names = None if method is None else meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
    key = (policy.slug, rule.path, origin, method, names, request.method == "OPTIONS")
    decision: Decision | None = snapshot.recall(key)
    if decision is None:
        decision = decide(policy, cors_request(request))
        snapshot.remember(key, len(f"{origin}{method}{names}"), decision)
    return decision


def _may_be_own(origin: str, meta: Mapping[str, str]) -> bool:
    # Most origins are not the site's own: the end of the text tells, and costs less.
    return origin.endswith(meta.get("HTTP_HOST", "")) or "HTTP_X_FORWARDED_HOST" in meta


def _site(request: HttpRequest) -> str:
    try:
        return f"{request.scheme}://{request.get_host()}".lower()
    except DisallowedHost:
        return ""


def _add_vary(decision: Decision, names: Iterable[str]) -> Decision:
    # A cache in front must keep the tenants apart, even where any origin is allowed.
    if not decision.managed:
        return decision
    return decision._replace(vary=", ".join(filter(None, (decision.vary, *names))))


def _report(error: Exception) -> None:
    if not isinstance(error, DisallowedHost):
        logger.error(
            "The tenant resolver failed; the request gets no CORS headers.", exc_info=error
        )
