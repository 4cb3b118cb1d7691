"""What a decision depends on, and the reasons that it can give."""

from enum import StrEnum
from typing import Final, NamedTuple

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


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
    EMERGENCY = "emergency"
    NOT_READY = "not-ready"
    TOO_STALE = "too-stale"


class CorsRequest(NamedTuple):
    """The parts of a request that a decision depends on; nothing else counts.

    `path` is Django's decoded `path_info`. `origin` is blank when the header is absent or empty.
    `requested_method` and `requested_headers` are None when their header is absent. `site` is the
    scheme and host that the request was sent to, as the server sees them:
    `https://api.example.com`, in lower case; blank if `origin` cannot be the site's own.
    """

    path: str
    method: str
    origin: str
    requested_method: str | None
    requested_headers: str | None
    site: str

    @property
    def is_preflight(self) -> bool:
        """Report whether this is a CORS-preflight request (Fetch, "HTTP requests")."""
        return self.requested_method is not None and self.method == "OPTIONS" and self.origin != ""

    @property
    def is_from_own_site(self) -> bool:
        """Report whether page and request have the same origin, as far as a server can tell.

        TLS often ends at a proxy, so that the server sees http: then an https page of the same host
        counts too. The reverse never counts, nor does a port other than the scheme's default.
        """
        if not self.site:
            return False
        scheme, _, host = self.site.partition("://")
        own = host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))
        if scheme == "http" and self.origin.startswith("https://"):
            return self.origin[len("https://") :] in (own, host.removesuffix(":443"))
        return self.origin == f"{scheme}://{own}"
