"""Answer one Django request with the engine: the one way for middleware, explain and tests."""

import logging
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
    too_stale,
)
from corsadmin.store import View
from corsadmin.tenants import Resolver

logger = logging.getLogger("corsadmin")


def answer(request: HttpRequest, view: View, resolver: Resolver) -> Decision:
    """Return the decision for a request. Never raises."""
    snapshot, doubt = view
    asked = cors_request(request)
    if snapshot is None:
        return NOT_READY_PREFLIGHT if asked.is_preflight else NOT_READY
    decision = decide(_policy(request, snapshot, resolver), asked)
    if doubt is not None:
        decision = too_stale(decision)
    names = getattr(resolver, "vary", None)
    if names is not None and decision.managed:
        # A cache in front must keep the tenants apart even where any origin is allowed.
        vary = ", ".join(filter(None, (decision.vary, *names())))
        decision = decision._replace(vary=vary)
    return decision


def cors_request(request: HttpRequest) -> CorsRequest:
    """Return the parts of a request that a decision may look at."""
    meta = request.META
    origin = meta.get("HTTP_ORIGIN", "")
    if not origin:
        return CorsRequest(request.path_info, "", "", None, None, "", "", 0.0)
    try:
        host = request.get_host().lower() if origin.endswith(meta.get("HTTP_HOST", "")) else ""
    except DisallowedHost:
        host = ""
    return CorsRequest(
        request.path_info,
        request.method or "",
        origin,
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
        request.scheme or "",
        host,
        time(),
    )


def _policy(request: HttpRequest, snapshot: Snapshot, resolver: Resolver) -> Policy | None:
    try:
        return resolver(request, snapshot)
    except DisallowedHost:
        return None
    except Exception:
        logger.exception("The tenant resolver failed; the request gets no CORS headers.")
        return None
