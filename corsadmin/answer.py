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
    Rule,
    Snapshot,
    decide,
    decide_by_origin,
    decide_by_path,
    too_stale,
)
from corsadmin.engine.decision import NO_TENANT
from corsadmin.serving.store import View
from corsadmin.tenants import Resolver

logger = logging.getLogger("corsadmin")


def answer(request: HttpRequest, view: View, resolver: Resolver) -> Decision:
    """Return the decision for a request. Never raises."""
    try:
        snapshot = view.snapshot
        policy = None if snapshot is None else resolver(request, snapshot)
    except Exception as error:  # noqa: BLE001 (what a resolver does must not cost the response)
        _report("The tenant resolver failed", error)
        return NO_TENANT
    try:
        if snapshot is None or view.doubt is not None:
            decision = _doubtful(request, view, policy)
        elif policy is None:
            decision = NO_TENANT
        else:
            rule = policy.rules.find(request.path_info)
            if rule is None:
                decision = decide_by_path(policy, None)
            elif not request.META.get("HTTP_ORIGIN"):
                # Most are made already: this is the hot path.
                decision = policy.by_path.get(rule.path) or decide_by_path(policy, rule)
            else:
                decision = _recall(request, snapshot, policy, rule)
        vary = getattr(resolver, "vary", None)
        return decision if vary is None else _add_vary(decision, vary())
    except Exception as error:  # noqa: BLE001 (nor may what it returns)
        _report("No decision could be made on what the tenant resolver returned", error)
        return NO_TENANT


def _doubtful(request: HttpRequest, view: View, policy: Policy | None) -> Decision:
    asked = cors_request(request)
    if view.snapshot is None:
        return NOT_READY_PREFLIGHT if asked.is_preflight else NOT_READY
    return too_stale(decide(policy, asked))


def _recall(request: HttpRequest, snapshot: Snapshot, policy: Policy, rule: Rule) -> Decision:
    """Decide as the engine does, remembering what depends on the rule and the headers alone.

    That is every decision of a timeless policy, unless it was refused and the origin may be the
    site's own: then the host counts too. A policy that is asked rarely is not worth it.
    """
    if not policy.kept:
        return decide_by_origin(policy, rule, cors_request(request))
    meta = request.META
    origin = meta["HTTP_ORIGIN"]
    length = len(origin)
    key: tuple[str | None, ...] = (policy.slug, rule.path, origin)
    if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in meta:
        method = meta["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
        names = meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
        length += len(method) + len(names or "")
        key += (method, names)
    remembered: Decision | None = snapshot.memory.get(key)
    if remembered is not None and (remembered.allow_origin or not _may_be_own(origin, meta)):
        return remembered
    asked = cors_request(request)
    decision = decide_by_origin(policy, rule, asked)
    if policy.timeless and not asked.site:
        snapshot.remember(key, length, decision)
    return decision


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


def _report(what: str, error: Exception) -> None:
    if not isinstance(error, DisallowedHost):
        logger.error("%s; the request gets no CORS headers.", what, exc_info=error)
