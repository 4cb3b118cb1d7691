"""Lines about one request: its method, its URL, its status, and net::ERR_… of Chromium."""

import re
from bisect import bisect
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import Found, urls
from corsadmin.diagnose.console.reading import BlockDetail, BlockKind
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.methods import SAFELISTED_METHODS

_METHOD: Final = re.compile(r"(?<![\w-])(XHR ?)?([A-Za-z-]{1,24}) ?\"?$")
_METHODS: Final = SAFELISTED_METHODS | {
    "COPY", "DELETE", "LOCK", "MERGE", "MKCOL", "MOVE", "OPTIONS", "PATCH", "PROPFIND", "PROPPATCH",
    "PUT", "QUERY", "REPORT", "SEARCH", "UNLOCK",
}  # fmt: skip
_STATUS: Final = re.compile(r" (\d{3}) \(|\[HTTP/[\d.]{1,3} (\d{3})")
_FAILED: Final = re.compile(r" (?:net::|\d{3} \()")
_ERROR: Final = re.compile(
    r"(?:net::|\b(?=NS_ERROR|SEC_ERROR|SSL_ERROR|MOZILLA_PKIX))([A-Z][A-Z0-9_]{4,80})(\.\w{1,80})?"
)
# What may stand between a URL and its error.
_GAP: Final = re.compile(r"['\"]? ?(?:failed: [\w ]{0,60}: ?)?")
# Errors with several possible causes, CORS among them. A code that was cut to a beginning of one is
# as vague.
_UNSPECIFIC: Final = (
    "ERR_ABORTED",
    "ERR_BLOCKED_BY_CSP",
    "ERR_BLOCKED_BY_LOCAL_NETWORK",
    "ERR_BLOCKED_BY_ORB",
    "ERR_BLOCKED_BY_PRIVATE_NETWORK",
    "ERR_BLOCKED_BY_RESPONSE",
    "ERR_FAILED",
    "NS_ERROR_DOM_BAD_URI",
    "NS_ERROR_FAILURE",
    "NS_ERROR_LOCAL_NETWORK",
)
# How the codes of each cause begin.
_BEGINNINGS: Final[dict[BlockDetail, tuple[str, ...]]] = {
    BlockDetail.CERTIFICATE: (
        "ERR_BAD_SSL", "ERR_CERT", "ERR_SSL", "MOZILLA_PKIX", "SEC_ERROR", "SSL_ERROR",
    ),
    BlockDetail.CONNECTION: (
        "ERR_ADDRESS", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INTERNET_DISCONNECTED",
        "ERR_NETWORK_CHANGED", "ERR_PROXY", "ERR_TIMED_OUT", "ERR_TUNNEL", "NS_ERROR_CONNECTION",
        "NS_ERROR_NET_", "NS_ERROR_OFFLINE", "NS_ERROR_PROXY",
    ),
    BlockDetail.CONTENT_BLOCKER: (
        "ERR_BLOCKED_BY_ADMINISTRATOR", "ERR_BLOCKED_BY_CLIENT", "NS_ERROR_TRACKING",
    ),
    BlockDetail.HOST_NAME: ("ERR_DNS", "ERR_NAME", "NS_ERROR_UNKNOWN_HOST"),
}  # fmt: skip
# What a script sees when a call fails, whatever the reason.
_THROWN: Final = {
    "TypeError: Failed to fetch": "chromium",
    "NetworkError when attempting to fetch resource": "firefox",
    "TypeError: Load failed": "webkit",
}
MAX_DISTANCE: Final = 160
MAX_METHOD: Final = 32


def read_requests(text: str) -> Iterator[Sign]:
    """Yield a sign for each line that shows a request, and for each error code."""
    found = [*urls(text)]
    starts = [url.start for url in found[1:]] + [len(text)]
    last = 0
    for url, start in zip(found, starts, strict=False):
        match = _METHOD.search(text, max(last, url.start - MAX_METHOD), url.start)
        after = text[url.end : min(start, url.end + MAX_DISTANCE)]
        if match is not None and _is_method(match, after):
            yield _request(match, url, after)
        last = url.end
    yield from _errors(text, found)
    for words, engine in _THROWN.items():
        if words in text:
            yield Sign(at=len(text), engine=engine)


def _request(match: re.Match[str], url: Found, after: str) -> Sign:
    """Return the sign of a method with the URL after it, and the status after that, if any."""
    status = _STATUS.search(after)
    is_preflight = match[2] == "OPTIONS"
    return Sign(
        at=url.start,
        engine="firefox" if match[1] else None,
        url=url.url,
        method=None if is_preflight else match[2],
        preflight=True if is_preflight else None,
        status=int(status[1] or status[2]) if status else None,
    )


def _is_method(match: re.Match[str], after: str) -> bool:
    """Report whether the word before a URL is a known method, or a whole word before a failure."""
    return match[2] in _METHODS or (match.start() > 0 and _FAILED.match(after) is not None)


def _errors(text: str, found: list[Found]) -> Iterator[Sign]:
    """Yield a sign for each error code, with the URL directly before it, if any."""
    ends = [url.end for url in found]
    for match in _ERROR.finditer(text):
        place = match.start()
        before = bisect(ends, place) - 1
        near = before >= 0 and _GAP.fullmatch(text, ends[before], place) is not None
        kind = _kind(match[1], match[2])
        yield Sign(
            at=place,
            kind=kind,
            detail=_detail(match[1]) if kind is BlockKind.NOT_CORS_NETWORK else None,
            engine="chromium" if match[1].startswith("ERR_") else "firefox",
            url=found[before].url if near else None,
        )


def _kind(code: str, detail: str | None) -> BlockKind:
    """Return the kind of an error code; `detail` is the part after its dot."""
    if "NETWORK_ACCESS" in code or code == "NS_ERROR_LOCAL_NETWORK_DENIED":
        return BlockKind.LNA
    if code == "ERR_BLOCKED_BY_RESPONSE" and "NotSame" in (detail or ""):
        return BlockKind.CORP
    if code == "ERR_BLOCKED_BY_CSP":
        return BlockKind.CSP
    is_vague = any(vague.startswith(code) for vague in _UNSPECIFIC)
    return BlockKind.UNKNOWN if is_vague else BlockKind.NOT_CORS_NETWORK


def _detail(code: str) -> BlockDetail | None:
    return next((detail for detail, names in _BEGINNINGS.items() if code.startswith(names)), None)
