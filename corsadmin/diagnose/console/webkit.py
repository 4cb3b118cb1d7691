"""WebKit's messages: one line says why, a second one names the URL.

The words are those of WebCore's CrossOriginAccessControl.cpp and CrossOriginPreflightResultCache.cpp.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.reading import BlockDetail, BlockKind
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.headers import ACAC, ACAH, ACAM, ACAO, is_token

_STATUS: Final = re.compile(r"\.? Status code: (\d{3})")
_SENTENCES: Final[dict[str, BlockKind]] = {
    f"Cannot use wildcard in {ACAO} when credentials flag is true": BlockKind.WILDCARD_CREDENTIALS,
    f"{ACAO} cannot contain more than one origin": BlockKind.MULTIPLE_ACAO,
    f"Credentials flag is true, but {ACAC}": BlockKind.ACAC_MISSING,
}
_NETWORK: Final[dict[str, BlockDetail]] = {
    "Could not connect to the server": BlockDetail.CONNECTION,
    "A server with the specified hostname could not be found": BlockDetail.HOST_NAME,
    "The certificate for this server is invalid": BlockDetail.CERTIFICATE,
    "The network connection was lost": BlockDetail.CONNECTION,
    "The Internet connection appears to be offline": BlockDetail.CONNECTION,
    "An SSL error has occurred": BlockDetail.CERTIFICATE,
    "The request timed out": BlockDetail.CONNECTION,
}


def read_webkit(text: str) -> Iterator[Sign]:
    """Yield a sign for each message of WebKit in a plain text."""
    for pattern, read in _READERS.items():
        for match in pattern.finditer(text):
            status = _STATUS.match(text, match.end())
            sign = read(match, status)
            yield replace(sign, engine="webkit", status=int(status[1]) if status else None)
    for words, kind in _SENTENCES.items():
        place = text.find(words)
        if place >= 0:
            yield Sign(at=place, kind=kind, engine="webkit")
    for words, detail in _NETWORK.items():
        place = text.find(words)
        if place >= 0:
            yield Sign(
                at=place, kind=BlockKind.NOT_CORS_NETWORK, detail=detail, engine="webkit"
            )  # fmt: skip


def _url(match: re.Match[str], _status: re.Match[str] | None) -> Sign:
    return Sign(at=match.start(), url=checked_url(match[1]))


def _origin(match: re.Match[str], _status: re.Match[str] | None) -> Sign:
    page = match[1] if match[1] == "null" else origin_of(match[1])
    return Sign(at=match.start(), kind=BlockKind.NO_ACAO, page=page)


def _method(match: re.Match[str], _status: re.Match[str] | None) -> Sign:
    method = match[1] if is_token(match[1]) else None
    return Sign(at=match.start(), kind=BlockKind.METHOD, method=method)


def _header(match: re.Match[str], _status: re.Match[str] | None) -> Sign:
    header = match[1].lower() if is_token(match[1]) else None
    return Sign(at=match.start(), kind=BlockKind.HEADER, header=header)


def _preflight(match: re.Match[str], status: re.Match[str] | None) -> Sign:
    redirected = status is not None and status[1].startswith("3")
    kind = BlockKind.PREFLIGHT_REDIRECT if redirected else BlockKind.PREFLIGHT_STATUS
    return Sign(at=match.start(), kind=kind)


_READERS: Final = {
    re.compile(r"cannot load (\S{1,4000}) due to access control checks"): _url,
    re.compile(
        rf"cannot load (\S{{1,4000}}?)\.? Origin \S{{1,400}} is not allowed by {ACAO}"
    ): _url,
    re.compile(r"Cross-origin redirection to (\S{1,4000}) denied by"): _url,
    re.compile(rf"Origin (\S{{1,400}}) is not allowed by {ACAO}"): _origin,
    re.compile(rf"Method (\S{{1,64}}) is not allowed by {ACAM}(?! in preflight)"): _method,
    re.compile(
        rf"Request header field (\S{{1,128}}) is not allowed by {ACAH}(?! in preflight)"
    ): _header,
    re.compile(r"Preflight response is not successful"): _preflight,
}
