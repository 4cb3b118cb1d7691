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
    """What exactly went wrong, where a kind leaves it open."""

    CERTIFICATE = "certificate"
    CONNECTION = "connection"
    CONTENT_BLOCKER = "content-blocker"
    GATEWAY = "gateway"
    HOST_NAME = "host-name"
    CSRF = "csrf"
    CSRF_COOKIE = "csrf-cookie"
    CSRF_ORIGIN = "csrf-origin"
    CSRF_REFERER = "csrf-referer"
    CSRF_TOKEN = "csrf-token"  # noqa: S105 (a code, no password)
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
# What a verdict depends on, in the order in which people are asked for it.
ASKED: Final = ("page", "url", "method", "header", "credentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says of one blocked call. A field is None where the text does not say it.

    `page` is an origin, or `null` where the browser says so. `header` is the name that was refused;
    `headers` are the names that need permission, where the text lists all that were sent.
    `proves_preflight` says that the answer that failed was a preflight's. `fix_here` says whether
    another CORS policy can cure it. `detail` says more than the kind, and is all that is known of
    cookies and of CSRF, which are of no kind; `subject` is the cookie, or the origin or referrer,
    that it is about. `missing` names what an exact answer depends on and the text does not say.
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
        """Return the names of the fields an exact answer depends on that are None."""
        known = {name for name in ASKED if getattr(self, name) is not None}
        if self.headers is not None:
            known.add("header")
        return tuple(name for name in ASKED if name not in known)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        detail = None if self.detail is None else str(self.detail)
        return {
            **asdict(self), "kind": str(self.kind), "detail": detail, "missing": self.missing
        }  # fmt: skip
