"""Read from a Django request what a decision may look at."""

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from corsadmin.engine import CorsRequest


def cors_request(request: HttpRequest) -> CorsRequest:
    """Return the parts of a request that a decision may look at.

    A request without an Origin is never a preflight, so what it asks for does not count.
    """
    meta = request.META
    origin = meta.get("HTTP_ORIGIN")
    if not origin:
        return CorsRequest(request.path_info, request.method or "", "", None, None, "")
    return CorsRequest(
        request.path_info,
        request.method or "",
        origin,
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
        _site(request) if may_be_own(origin, meta) else "",
    )


def may_be_own(origin: str, meta: Mapping[str, str]) -> bool:
    """Report whether an origin may be the one that the request was sent to."""
    # Most origins are not: the end of the text tells, and costs less than Django's get_host().
    return origin.endswith(meta.get("HTTP_HOST", "")) or (
        "HTTP_X_FORWARDED_HOST" in meta and settings.USE_X_FORWARDED_HOST
    )


def _site(request: HttpRequest) -> str:
    try:
        return f"{request.scheme}://{request.get_host()}".lower()
    except DisallowedHost:
        return ""
