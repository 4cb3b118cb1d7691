"""Chromium's CORS messages, of every version since 2015.

The words are those of all versions of blink's cors_error_string.cc.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from corsadmin.diagnose.console.addresses import checked_url, joined_url, origin_of
from corsadmin.diagnose.console.reading import BlockKind
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.headers import ACAC, ACAH, ACAM, ACAO, is_token

MAX_STATUS_DISTANCE: Final = 80
# A fault that was cut is recognized by no fewer characters than these.
MIN_BEGINNING: Final = 12

_FROM: Final = "from origin "
_BLOCKED: Final = "blocked by CORS policy"
_PREFLIGHT: Final = "Response to preflight request doesn't pass"
# Origins that name no host.
_WITHOUT_HOST: Final = ("null", "file://")
_OLD_FONT: Final = "has been blocked from loading"
_OLD_PAGE: Final = re.compile(r"Origin '([^' ]{1,400})' is therefore not allowed access")
_CUT_BEFORE_PAGE: Final = re.compile(r"Access to [\w ]{1,40} at '([^']{1,4000})'")
_LOADED: Final = re.compile(r"(?:Failed to|cannot) load (\S{1,4000}?)[.:]? ")
_ISSUE: Final = "cross-origin resource sharing (CORS) request was blocked"
_STATUS: Final = re.compile(r"HTTP status code (\d{3})")
_METHOD: Final = re.compile(r"Method (\S{1,64}) is not allowed by")
_HEADER: Final = re.compile(r"Request header field (\S{1,128}) is not allowed by")
_LOCAL: Final = BlockKind.LNA

# The words of each fault that come before any text from the server.
_FAULTS: Final[dict[str, BlockKind]] = {
    f"No '{ACAO}' header": BlockKind.NO_ACAO,
    f"The '{ACAO}' header contains multiple values": BlockKind.MULTIPLE_ACAO,
    f"The '{ACAO}' header contains the invalid value": BlockKind.INVALID_ACAO,
    f"The '{ACAO}' header has a value": BlockKind.WRONG_ACAO,
    f"The value of the '{ACAO}' header in the response must not be the wildcard": (
        BlockKind.WILDCARD_CREDENTIALS
    ),
    f"A wildcard '*' cannot be used in the '{ACAO}'": BlockKind.WILDCARD_CREDENTIALS,
    f"The value of the '{ACAC}' header in the response": BlockKind.ACAC_MISSING,
    f"Credentials flag is 'true', but the '{ACAC}'": BlockKind.ACAC_MISSING,
    "It does not have HTTP ok status": BlockKind.PREFLIGHT_STATUS,
    "Response for preflight has invalid HTTP status": BlockKind.PREFLIGHT_STATUS,
    "Response for preflight does not have HTTP ok status": BlockKind.PREFLIGHT_STATUS,
    "Redirect is not allowed for a preflight request": BlockKind.PREFLIGHT_REDIRECT,
    "Response for preflight is invalid (redirect)": BlockKind.PREFLIGHT_REDIRECT,
    "Request requires preflight, which is disallowed": BlockKind.PREFLIGHT_REDIRECT,
    f"Cannot parse {ACAM}": BlockKind.METHOD,
    f"Cannot parse {ACAH}": BlockKind.HEADER,
    f"is not allowed by {ACAM} in preflight response": BlockKind.METHOD,
    f"is not allowed by {ACAH} in preflight response": BlockKind.HEADER,
    "Permission was denied for this request to access": _LOCAL,
    "Unable to ask for permission to access": _LOCAL,
    "the resource is in more-private address space": _LOCAL,
    "Request had a target IP address space": _LOCAL,
    "Request had no target IP address space": _LOCAL,
    "No 'Access-Control-Allow-Private-Network' header": _LOCAL,
    "The 'Access-Control-Allow-Private-Network' header": _LOCAL,
    "No 'Private-Network-Access-": _LOCAL,
    "Access-Control-Allow-External' header": _LOCAL,
    # From the Issues tab.
    "HTTP status of preflight request didn't indicate success": BlockKind.PREFLIGHT_STATUS,
    "Response to preflight was a redirect": BlockKind.PREFLIGHT_REDIRECT,
    f"{ACAO} Missing Header": BlockKind.NO_ACAO,
    f"{ACAO} Multiple Values": BlockKind.MULTIPLE_ACAO,
    f"{ACAO} Invalid Value": BlockKind.INVALID_ACAO,
    # The response is not at fault here, so no policy helps.
    "Cross origin requests are only supported for": BlockKind.UNKNOWN,
    "Cross origin requests are not allowed by request mode": BlockKind.UNKNOWN,
    "contains a username and password, which is disallowed": BlockKind.UNKNOWN,
}


class _Fault(NamedTuple):
    kind: BlockKind = BlockKind.UNKNOWN
    preflight: bool | None = None
    cured: bool | None = None
    method: str | None = None
    header: str | None = None
    status: int | None = None


def read_chromium(text: str) -> Iterator[Sign]:
    """Yield a sign for each CORS message of Chromium in a plain text."""
    found = [*_of_this_version(text)] or [*_of_an_old_version(text)] or [*_of_a_fault_alone(text)]
    yield from found
    yield from _of_a_cut_message(text.rpartition(_FROM)[2], len(text))


def _of_this_version(text: str) -> Iterator[Sign]:
    """Yield a sign for each “Access to fetch at … from origin … has been blocked by CORS policy”."""
    pieces = text.split(_FROM)
    at = 0
    for before, after in pairwise(pieces):
        at += len(before) + len(_FROM)
        page, rest = _quoted(after)
        page = "" if " " in page else _unquoted(page)
        if rest.startswith(_OLD_FONT) or ("Access to " not in before and _BLOCKED not in rest):
            continue
        called, _marker, begun = f" {before}".rpartition(" at ")[2].partition("(redirected from ")
        if not begun and before.rstrip().endswith(")"):  # the text was cut before “(redirected”
            called, begun = "", called
        yield _sign(
            _fault(rest.partition(_BLOCKED)[2]),
            at=at,
            page=page,
            url=joined_url(_unquoted(called)) or "",
            redirected_from=joined_url(_unquoted(begun)),
        )


def _of_an_old_version(text: str) -> Iterator[Sign]:
    """Yield a sign for each message from before 2018, which names the page after the fault."""
    begin = 0
    for match in _OLD_PAGE.finditer(text):
        before = text[begin : match.start()]
        fault = _fault(before + text[match.end() : match.end() + MAX_STATUS_DISTANCE])
        yield _sign(fault, at=begin, page=match[1], url=_loaded(before))
        begin = match.end()


def _of_a_fault_alone(text: str) -> Iterator[Sign]:
    """Yield a sign for a fault that was pasted without the text before it."""
    fault = _fault(text)
    if fault != _Fault(preflight=fault.preflight) or _ISSUE in text:
        yield _sign(fault, at=0, url=_loaded(text))


def _loaded(text: str) -> str | None:
    """Return the URL at the beginning of a message of an old version."""
    match = _LOADED.search(text)
    return checked_url(match[1]) if match else None


def _of_a_cut_message(rest: str, at: int) -> Iterator[Sign]:
    """Yield a sign for a message that ends before it names its page."""
    match = _CUT_BEFORE_PAGE.search(rest)
    if match is not None:
        yield Sign(at=at, engine="chromium", url=joined_url(match[1]))


def _sign(
    fault: _Fault,
    *,
    at: int,
    page: str = "",
    url: str | None = None,
    redirected_from: str | None = None,
) -> Sign:
    return Sign(
        at=at,
        kind=fault.kind,
        engine="chromium",
        page=page if page in _WITHOUT_HOST else origin_of(page),
        url=url,
        redirected_from=redirected_from,
        method=fault.method,
        header=fault.header,
        status=fault.status,
        preflight=fault.preflight,
        cured=fault.cured,
    )


def _fault(text: str) -> _Fault:
    """Return the fault whose words come first, so that text from the server never decides."""
    preflight = True if _PREFLIGHT in text else None
    places = [(place, words) for words in _FAULTS if (place := text.find(words)) >= 0]
    if not places:
        return _Fault(_kind_of_a_cut_fault(text), preflight)
    place, words = min(places)
    kind = _FAULTS[words]
    method = _METHOD.search(text) if kind is BlockKind.METHOD else None
    header = _HEADER.search(text) if kind is BlockKind.HEADER else None
    status = _STATUS.search(text, place)
    return _Fault(
        kind,
        preflight,
        False if kind is BlockKind.UNKNOWN else None,
        method[1] if method and is_token(method[1]) else None,
        header[1].lower() if header and is_token(header[1]) else None,
        int(status[1]) if status else None,
    )


def _kind_of_a_cut_fault(text: str) -> BlockKind:
    """Return the kind of a fault that was cut, if only one kind's words begin with it."""
    begun = text.rpartition("access control check: ")[2].lstrip(": ").rstrip(". \u2026")
    known = {**_FAULTS, _PREFLIGHT: BlockKind.UNKNOWN}
    kinds = {known[words] for words in known if words.startswith(begun)}
    return kinds.pop() if len(kinds) == 1 and len(begun) >= MIN_BEGINNING else BlockKind.UNKNOWN


def _quoted(text: str) -> tuple[str, str]:
    """Return the quoted part at the beginning of a text, and the rest; both blank if it is cut."""
    if not text.startswith("'"):
        word, _space, rest = text.partition(" ")
        return word, rest
    inside, quote, rest = text[1:].partition("'")
    return (inside, rest.lstrip()) if quote else ("", "")


def _unquoted(text: str) -> str:
    """Return the contents of one pair of quotes, without the link markup that programs add."""
    text = text.strip(" ()<>").removeprefix("'").partition("' ")[0].removesuffix("'")
    return text.removeprefix("[").partition("](")[0].removeprefix("<").partition("<")[0].strip(">")
