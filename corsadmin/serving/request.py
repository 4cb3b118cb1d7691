"""Read the parts of a Django request that a decision depends on."""

import logging
from collections.abc import Mapping
from functools import cache
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from corsadmin.engine import CorsRequest

# The headers by which proxies say that they ended TLS, and how their values begin.
_TLS_HEADERS: Final = {
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PROTOCOL": "https",
    "HTTP_X_FORWARDED_SCHEME": "https",
    "HTTP_X_FORWARDED_SSL": "on",
    "HTTP_FRONT_END_HTTPS": "on",
    "HTTP_CLOUDFRONT_FORWARDED_PROTO": "https",
}
HIDDEN_TLS: Final = (
    "A proxy ends TLS, so Django sees http where browsers use https: set SECURE_PROXY_SSL_HEADER."
)

logger = logging.getLogger("corsadmin")


def cors_request(request: HttpRequest) -> CorsRequest:
    """Return the parts of a request that a decision depends on.

    A request without an Origin is never a preflight, so its Access-Control-Request-* do not count.
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
    # Most origins are not. Comparing the end of the text shows that, at less cost than get_host().
    host = meta.get("HTTP_HOST", "")
    return (
        origin.endswith(host)
        or host.endswith((":443", ":80"))  # a default port, which an origin omits
        or ("HTTP_X_FORWARDED_HOST" in meta and settings.USE_X_FORWARDED_HOST)
    )


def _site(request: HttpRequest) -> str:
    try:
        scheme = request.scheme
        if scheme == "http" and tls_header(request.META):
            _warn_of_hidden_tls()
        return f"{scheme}://{request.get_host()}".lower()
    except DisallowedHost:
        return ""


def tls_header(meta: Mapping[str, str]) -> str:
    """Return the header by which a proxy says that it ended TLS, or blank."""
    for key, value in _TLS_HEADERS.items():
        if meta.get(key, "").lower().startswith(value):
            return key.removeprefix("HTTP_").replace("_", "-").title()
    return ""


@cache
def _warn_of_hidden_tls() -> None:
    """Warn once per process that Django does not see the scheme that browsers use."""
    logger.warning(HIDDEN_TLS)
