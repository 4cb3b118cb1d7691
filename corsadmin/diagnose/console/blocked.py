"""What browsers block for reasons other than CORS: mixed content, CSP, CORP, LNA, WebSockets."""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import (
    checked_url,
    first_url,
    last_url,
    origin_of,
    urls,
)
from corsadmin.diagnose.console.reading import BlockKind
from corsadmin.diagnose.console.signs import Sign

# The greatest distance, in characters, between a message's URL and the words that identify it.
MAX_DISTANCE: Final = 500
MAX_SUBJECT: Final = 80

_MIXED: Final = re.compile(r"(?:Mixed Content: )?(?:\[blocked\] )?The page at ")
_INSECURE: Final = re.compile(r"requested an? insecure|insecure content|insecure WebSocket")
_HARMLESS: Final = re.compile(r"automatically upgraded|should also be|has been upgraded")
_CSP: Final = re.compile(r"Content[ -]Security[ -]Policy(?! of your site| \(CSP\))")
_REFUSED: Final = re.compile(r"Refused to \w+ |violates the ")
_CORP: Final = re.compile(r"Cross-Origin-Resource-Policy")
_ONLY_REPORTED: Final = re.compile(r"Report[ -]Only")
_LOCAL_NETWORK: Final = re.compile(
    r'Local Network Access permission required: top-level site "[^"]{0,400}", initiator '
    r'"[^"]{0,400}", attempting to access target "([^"]{1,4000})"'
)
_CODE: Final = re.compile(r"Unexpected response code: (\d{3})")
_IN_WEBKIT: Final = re.compile(r"\[blocked\]|does not appear in the")
_HANDSHAKE: Final = re.compile(r"Error during WebSocket handshake|Error in connection")
# Firefox's messages contain its name in every language.
_SOCKET: Final = re.compile(r"WebSocket connection to|The connection to|Firefox")


def read_blocked(text: str) -> Iterator[Sign]:
    """Yield a sign for each call that was blocked, found by words that no language translates."""
    yield from _mixed(text)
    for match in _CSP.finditer(text):
        yield from _csp(text, match.start(), match.end())
    for match in _CORP.finditer(text):
        url = last_url(text[max(0, match.start() - MAX_DISTANCE) : match.start()])
        if url is not None:
            behind = text[match.end() : match.end() + MAX_DISTANCE]
            engine = "firefox" if "developer.mozilla.org" in behind else None
            yield Sign(at=match.start(), kind=BlockKind.CORP, engine=engine, url=url)
    for match in _LOCAL_NETWORK.finditer(text):
        yield Sign(
            at=match.start(), kind=BlockKind.LNA, engine="firefox", url=checked_url(match[1])
        )  # fmt: skip
    yield from _websockets(text)


def _mixed(text: str) -> Iterator[Sign]:
    for match in _MIXED.finditer(text):
        message = text[match.end() : match.end() + 2 * MAX_DISTANCE]
        insecure = _INSECURE.search(message)
        if insecure is None:
            continue
        behind = message[insecure.end() :].partition("The page at ")[0]
        if _HARMLESS.search(behind) is None:
            page = first_url(message[: insecure.start()])
            yield Sign(
                at=match.start(),
                kind=BlockKind.MIXED_CONTENT,
                engine="chromium" if match[0].startswith("Mixed") else "webkit",
                page=origin_of(page) if page else None,
                url=first_url(behind),
            )


def _csp(text: str, start: int, end: int) -> Iterator[Sign]:
    """Yield the sign of one violation. The URL is before the words; in Firefox, after them."""
    before = text[max(0, start - MAX_DISTANCE) : start]
    behind = text[end : end + MAX_DISTANCE]
    if _ONLY_REPORTED.search(before) or _ONLY_REPORTED.search(behind):
        return
    is_firefox = behind.startswith(":")
    url = first_url(behind) if is_firefox else last_url(before)
    if url is not None or _REFUSED.search(before):
        engine = "firefox" if is_firefox else "webkit" if _IN_WEBKIT.search(before) else "chromium"
        yield Sign(at=start, kind=BlockKind.CSP, engine=engine, url=url)


def _websockets(text: str) -> Iterator[Sign]:
    for found in urls(text):
        before = text[max(0, found.start - MAX_SUBJECT) : found.start]
        match = _SOCKET.search(before)
        if found.url.startswith("ws") and match is not None:
            behind = text[found.end : found.end + MAX_DISTANCE]
            code = _CODE.search(behind)
            engine = "chromium" if _HANDSHAKE.search(behind) else None
            yield Sign(
                at=found.start,
                kind=BlockKind.WEBSOCKET,
                engine="firefox" if match[0] == "Firefox" else engine,
                url=found.url,
                status=int(code[1]) if code else None,
            )
