"""Calls that the browser or one of its extensions did not send, and the network panel's reasons."""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.reading import BlockDetail, BlockKind
from corsadmin.diagnose.console.signs import Sign

_FIREFOX: Final = re.compile(
    r'The resource at ["\']?(\S{1,4000}?)["\']? was blocked '
    r"(?:because (?:Enhanced Tracking Protection|content blocking|tracking protection) is|by Safe)"
)
_WEBKIT: Final = re.compile(
    r"Content blocker prevented frame displaying (\S{1,4000}) from loading a resource from (\S{1,4000})"
)
_REASON: Final = re.compile(r"\(blocked:([a-zA-Z-]{1,40})\)")
_REASONS: Final = {
    "csp": BlockKind.CSP,
    "mixed-content": BlockKind.MIXED_CONTENT,
    "other": BlockKind.NOT_CORS_NETWORK,
    "devtools": BlockKind.NOT_CORS_NETWORK,
    "subresource-filter": BlockKind.NOT_CORS_NETWORK,
}


def read_content_blockers(text: str) -> Iterator[Sign]:
    """Yield a sign for each call that a content blocker stopped."""
    for match in _FIREFOX.finditer(text):
        yield _sign(match, "firefox", url=match[1])
    for match in _WEBKIT.finditer(text):
        yield _sign(match, "webkit", url=match[2], page=match[1])
    for match in _REASON.finditer(text):
        kind = _REASONS.get(match[1], BlockKind.UNKNOWN)
        is_blocker = kind is BlockKind.NOT_CORS_NETWORK
        yield Sign(
            at=match.start(),
            kind=kind,
            detail=BlockDetail.CONTENT_BLOCKER if is_blocker else None,
            engine="chromium",
        )


def _sign(match: re.Match[str], engine: str, *, url: str, page: str = "") -> Sign:
    return Sign(
        at=match.start(),
        kind=BlockKind.NOT_CORS_NETWORK,
        detail=BlockDetail.CONTENT_BLOCKER,
        engine=engine,
        page=origin_of(page),
        url=checked_url(url.rstrip(".,\"'")) or "",
    )
