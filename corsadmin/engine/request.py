"""What a decision may look at, and the words for why it falls as it does."""

from enum import StrEnum
from typing import NamedTuple


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
    as `origin`.
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
