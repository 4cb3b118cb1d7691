"""What a pasted text says: the fields of a reading, and the closed list of its kinds."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final


class BlockKind(StrEnum):
    """What went wrong, as far as the text says it."""

    NO_ACAO = "no-acao"
    WRONG_ACAO = "wrong-acao"
    MULTIPLE_ACAO = "multiple-acao"
    INVALID_ACAO = "invalid-acao"
    WILDCARD_CREDENTIALS = "wildcard-credentials"
    ACAC_MISSING = "acac-missing"
    METHOD = "method"
    HEADER = "header"
    PREFLIGHT_STATUS = "preflight-status"
    PREFLIGHT_REDIRECT = "preflight-redirect"
    REDIRECT_NULL = "redirect-null"
    NOT_CORS_NETWORK = "not-cors-network"
    MIXED_CONTENT = "mixed-content"
    CSP = "csp"
    CORP = "corp"
    LNA = "lna"
    WEBSOCKET = "websocket"
    UNKNOWN = "unknown"


class BlockDetail(StrEnum):
    """What exactly went wrong, where the kind leaves it open."""

    CERTIFICATE = "certificate"
    CONNECTION = "connection"
    CONTENT_BLOCKER = "content-blocker"
    GATEWAY = "gateway"
    HOST_NAME = "host-name"
    CSRF = "csrf"
    CSRF_COOKIE = "csrf-cookie"
    CSRF_ORIGIN = "csrf-origin"
    CSRF_REFERER = "csrf-referer"
    CSRF_TOKEN = "csrf-token"  # noqa: S105 (a code, not a password)
    COOKIE_BLOCKED = "cookie-blocked"
    COOKIE_INSECURE = "cookie-insecure"
    COOKIE_PARTITIONED = "cookie-partitioned"
    COOKIE_REDIRECT = "cookie-redirect"
    COOKIE_SAMESITE = "cookie-samesite"
    COOKIE_SECURE = "cookie-secure"


# What another CORS policy cannot cure. UNKNOWN is in neither list.
INCURABLE: Final = frozenset({
    BlockKind.REDIRECT_NULL,
    BlockKind.NOT_CORS_NETWORK,
    BlockKind.MIXED_CONTENT,
    BlockKind.CSP,
    BlockKind.CORP,
    BlockKind.LNA,
    BlockKind.WEBSOCKET,
})  # fmt: skip
# Kinds that only the answer to a preflight can have.
OF_PREFLIGHTS: Final = frozenset({
    BlockKind.METHOD,
    BlockKind.HEADER,
    BlockKind.PREFLIGHT_STATUS,
    BlockKind.PREFLIGHT_REDIRECT,
})  # fmt: skip
# Kinds that only a call with cookies can have.
OF_CREDENTIALS: Final = frozenset({BlockKind.WILDCARD_CREDENTIALS, BlockKind.ACAC_MISSING})
# The fields that a verdict depends on, in the order in which the user is asked for them.
ASKED: Final = ("page", "url", "method", "header", "credentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says about one blocked call. A field is None if the text does not say it.

    `page` is an origin, or `null` if the browser says so. `header` is the name that was refused;
    `headers` are the names that need permission, if the text lists all that were sent.
    `proves_preflight` is True if the response that failed was a preflight's. `fix_here` tells
    whether another CORS policy can cure the failure. `detail` refines the kind; for cookies and
    CSRF, whose kind is UNKNOWN, it is all that is known. `subject` is the cookie, origin or referrer
    that the detail is about. `missing` names the fields that a verdict needs and the text lacks.
    """

    engine: str | None = None
    page: str | None = None
    url: str | None = None
    redirected_from: str | None = None
    method: str | None = None
    header: str | None = None
    headers: tuple[str, ...] | None = None
    status: int | None = None
    credentials: bool | None = None
    kind: BlockKind = BlockKind.UNKNOWN
    detail: BlockDetail | None = None
    subject: str | None = None
    proves_preflight: bool | None = None
    fix_here: bool | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the fields that a verdict depends on and the text does not say."""
        known = {name for name in ASKED if getattr(self, name) is not None}
        if self.headers is not None:
            known.add("header")
        return tuple(name for name in ASKED if name not in known)

    def as_dict(self) -> dict[str, Any]:
        """Return all fields, and `missing`, as plain values for JSON."""
        detail = None if self.detail is None else str(self.detail)
        return {
            **asdict(self), "kind": str(self.kind), "detail": detail, "missing": self.missing
        }  # fmt: skip
