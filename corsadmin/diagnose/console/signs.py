"""The signs that the readers find in a text, and the one reading that they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from corsadmin.diagnose.console.addresses import origin_of
from corsadmin.diagnose.console.reading import (
    INCURABLE,
    OF_CREDENTIALS,
    OF_PREFLIGHTS,
    BlockDetail,
    BlockKind,
    Reading,
)

_BESIDE_CORS: Final = INCURABLE - {BlockKind.NOT_CORS_NETWORK, BlockKind.REDIRECT_NULL}
_LATER: Final = {BlockKind.WEBSOCKET: 2, BlockKind.NOT_CORS_NETWORK: 3, BlockKind.UNKNOWN: 4}
# The kinds of statement that may lend their URL to a refusal by CORS (False) or to another cause.
_OWN_CAUSES: Final = {
    False: {BlockKind.UNKNOWN},
    True: {BlockKind.UNKNOWN, BlockKind.NOT_CORS_NETWORK, BlockKind.WEBSOCKET},
}
_FIELDS: Final = (
    "engine",
    "page",
    "url",
    "redirected_from",
    "method",
    "header",
    "headers",
    "status",
    "credentials",
)
# Statuses that a gateway sends when it cannot reach the server; from 520 on, Cloudflare's.
_OF_GATEWAYS: Final = frozenset({502, 503, 504, *range(520, 527)})
_FROM_A_GATEWAY: Final = frozenset({BlockKind.NO_ACAO, BlockKind.PREFLIGHT_STATUS})
# If a redirect replaces the Origin by `null`, the refusal is of one of these kinds.
_OF_ORIGINS: Final = frozenset({BlockKind.NO_ACAO, BlockKind.WRONG_ACAO, BlockKind.INVALID_ACAO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One statement of a text; `at` is the place where it begins.

    A blank `url` means that the statement has a URL that cannot be called: no other takes its place.
    `cured` is for statements of kind UNKNOWN: False if no policy can cure the failure.
    """

    at: int
    kind: BlockKind = BlockKind.UNKNOWN
    engine: str | None = None
    page: str | None = None
    url: str | None = None
    redirected_from: str | None = None
    method: str | None = None
    header: str | None = None
    headers: tuple[str, ...] | None = None
    status: int | None = None
    credentials: bool | None = None
    preflight: bool | None = None
    cured: bool | None = None
    detail: BlockDetail | None = None
    subject: str | None = None


def add_up(signs: Sequence[Sign]) -> Reading:
    """Return what the signs say about one call: the call of the gravest sign."""
    if not signs:
        return Reading(fix_here=False)
    ordered = sorted(signs, key=lambda sign: sign.at)
    first = min(ordered, key=_rank)
    url = _neighbour(first, ordered) if first.url is None else first.url or None
    same = [first, *(sign for sign in ordered if _is_same_call(sign, url, first.redirected_from))]
    fields: dict[str, Any] = {name: _first(same, name) for name in _FIELDS}
    fields["url"] = url
    kind = first.kind
    if kind in _OF_ORIGINS and _is_tainted(fields):
        kind = BlockKind.REDIRECT_NULL
        if fields["page"] == "null":
            fields["page"] = None
    if kind in OF_CREDENTIALS:
        fields["credentials"] = True
    preflight = True if kind in OF_PREFLIGHTS else _first(same, "preflight")
    # A detail describes the cause of its own sign only.
    alike = [sign for sign in same if sign.kind is first.kind]
    detail: BlockDetail | None = _first(alike, "detail")
    if kind in _FROM_A_GATEWAY and fields["status"] in _OF_GATEWAYS:
        detail = BlockDetail.GATEWAY
    return Reading(
        kind=kind,
        detail=detail,
        subject=_first(alike, "subject"),
        proves_preflight=preflight,
        fix_here=_fix_here(kind, first.cured),
        **fields,
    )


def _rank(sign: Sign) -> int:
    """Return the rank of a sign, 0 the gravest: refusals by CORS, then other causes, then no cause."""
    if sign.kind is BlockKind.UNKNOWN and sign.detail is not None:
        return 1
    if sign.kind is BlockKind.UNKNOWN and sign.page is not None:
        return _LATER[BlockKind.WEBSOCKET]
    return _LATER.get(sign.kind, 1 if sign.kind in _BESIDE_CORS else 0)


def _neighbour(first: Sign, ordered: Sequence[Sign]) -> str | None:
    """Return the URL of the next statement about a call, otherwise of the last one before.

    Leaves out URLs for which another statement gives a cause of its own.
    """
    others = {sign.url for sign in ordered if sign.kind not in _OWN_CAUSES[first.kind in INCURABLE]}
    named = [sign for sign in ordered if sign.url and sign.url not in others]
    after = [sign.url for sign in named if sign.at > first.at]
    return after[0] if after else next((sign.url for sign in reversed(named)), None)


def _is_same_call(sign: Sign, url: str | None, redirected_from: str | None) -> bool:
    return sign.url is None or sign.url in (url, redirected_from)


def _first(signs: Sequence[Sign], name: str) -> Any:
    return next((got for sign in signs if (got := getattr(sign, name)) is not None), None)


def _is_tainted(fields: dict[str, Any]) -> bool:
    """Report whether a redirect made the browser send `null` as the Origin.

    https://fetch.spec.whatwg.org/#concept-request-tainted-origin
    """
    page, begun, ended = fields["page"], fields["redirected_from"], fields["url"]
    if begun is None or ended is None or page is None:
        return False
    return page == "null" or (origin_of(begun) != page and origin_of(ended) != origin_of(begun))


def _fix_here(kind: BlockKind, cured: bool | None) -> bool | None:  # noqa: FBT001 (private)
    return cured if kind is BlockKind.UNKNOWN else kind not in INCURABLE
