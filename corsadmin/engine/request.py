"""What a decision may look at, and the words for why it falls as it does."""

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
    """What a decision may look at: nothing else of a request counts.

    `path` is Django's decoded `path_info`. `origin` is blank when the header is absent or empty.
    `requested_method` and `requested_headers` are None when their header is absent. `site` is the
    scheme and host the request was sent to, as the server sees them: `https://api.example.com`, in
    lower case; blank where `origin` cannot be its own.
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
        """Report whether the page belongs to the site that it asks, as far as a server can tell.

        TLS often ends before the server, which then sees http: an https page of the same host counts
        too. Never the reverse, and never another port than the scheme's own.
        """
        if not self.site:
            return False
        scheme, _, host = self.site.partition("://")
        own = host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))
        if scheme == "http" and self.origin.startswith("https://"):
            return self.origin[len("https://") :] in (own, host.removesuffix(":443"))
        return self.origin == f"{scheme}://{own}"
