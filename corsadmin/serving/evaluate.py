"""From a Django request to a decision: the only way, for middleware, explain and tests."""

import logging
from typing import Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from corsadmin.engine import CorsRequest, Decision, Reason, decide, headers
from corsadmin.serving.decision_cache import add_vary
from corsadmin.serving.request import cors_request
from corsadmin.serving.state import View
from corsadmin.tenants import Resolver

NO_TENANT: Final = decide(None, CorsRequest("", "", "", None, None, ""), 0.0)
NOT_READY: Final = Decision(Reason.NOT_READY, vary=headers.ORIGIN)
NOT_READY_PREFLIGHT: Final = Decision(Reason.NOT_READY, vary=headers.PREFLIGHT_VARY, status=403)

logger = logging.getLogger("corsadmin")


def evaluate(request: HttpRequest, view: View, resolver: Resolver) -> Decision:
    """Return the decision for a request. Never raises."""
    cache = view.cache
    try:
        policy = None if cache is None else resolver(request, cache)
    except Exception as error:  # noqa: BLE001 (an error of a resolver must not cost the response)
        _report("The tenant resolver failed", error)
        return NO_TENANT
    try:
        vary = resolver.vary
        if cache is None:
            found = NOT_READY_PREFLIGHT if cors_request(request).is_preflight else NOT_READY
            return add_vary(found, vary)
        decision = NO_TENANT if policy is None else cache.decide(policy, request, vary)
        return decision if view.untrusted_because is None else too_stale(decision)
    except Exception as error:  # noqa: BLE001 (nor may its return value)
        _report("The tenant resolver returned an unusable value", error)
        return NO_TENANT


def too_stale(decision: Decision) -> Decision:
    """Return a decision without its grants, because its snapshot can no longer be trusted."""
    if not decision.managed:
        return decision
    return decision._replace(
        reason=Reason.TOO_STALE,
        entry="",
        allow_origin="",
        headers=(),
        status=403 if decision.status else 0,
    )


def _report(what: str, error: Exception) -> None:
    if not isinstance(error, DisallowedHost):
        logger.error("%s; the request gets no CORS headers.", what, exc_info=error)
