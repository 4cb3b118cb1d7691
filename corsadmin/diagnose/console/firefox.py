"""Firefox's messages in every language, read by the parts that are the same in all of them.

A message names the URL first, then the reason. Header names, `true` and `*` are not translated;
the words that distinguish the other messages are in `firefox_texts.json`, which
`scripts/make-console-texts` takes from Firefox's language packs (MPL 2.0).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corsadmin.diagnose.console.addresses import Found, urls
from corsadmin.diagnose.console.reading import BlockKind
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.headers import ACAC, ACAH, ACAM, ACAO, is_token

# The length of a message after its URL, its link to MDN included.
MAX_MESSAGE: Final = 700
MAX_AROUND: Final = 120
# A message that does not contain the word CORS (Argentine Spanish has one) is longer than this.
MIN_WITHOUT_CORS: Final = 60

_TEXTS: Final[dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("firefox_texts.json").read_text(encoding="utf-8")
)
_CODES: Final[dict[str, BlockKind]] = {
    "CORSDidNotSucceed": BlockKind.NOT_CORS_NETWORK,
    "CORSExternalRedirectNotAllowed": BlockKind.PREFLIGHT_REDIRECT,
    "CORSMissingAllowOrigin": BlockKind.NO_ACAO,
    "CORSMultipleAllowOriginNotAllowed": BlockKind.MULTIPLE_ACAO,
    "CORSAllowOriginNotMatchingOrigin": BlockKind.WRONG_ACAO,
    "CORSNotSupportingCredentials": BlockKind.WILDCARD_CREDENTIALS,
    "CORSMethodNotFound": BlockKind.METHOD,
    "CORSMissingAllowCredentials": BlockKind.ACAC_MISSING,
    "CORSPreflightDidNotSucceed": BlockKind.PREFLIGHT_STATUS,
    "CORSInvalidAllowMethod": BlockKind.METHOD,
    "CORSInvalidAllowHeader": BlockKind.HEADER,
    "CORSMissingAllowHeaderFromPreflight": BlockKind.HEADER,
    "CORSAllowHeaderFromPreflightDeprecation": BlockKind.HEADER,
    # No response can change these.
    "CORSDisabled": BlockKind.UNKNOWN,
    "CORSOriginHeaderNotAdded": BlockKind.UNKNOWN,
    "CORSRequestNotHttp": BlockKind.UNKNOWN,
}
# The network monitor's short names, which Firefox does not translate.
_SHORT: Final = {
    "CORS Missing Allow Origin": "CORSMissingAllowOrigin",
    "CORS Multiple Origin Not Allowed": "CORSMultipleAllowOriginNotAllowed",
    "CORS Allow Origin Not Matching Origin": "CORSAllowOriginNotMatchingOrigin",
    "CORS No Allow Credentials": "CORSNotSupportingCredentials",
    "CORS Missing Allow Credentials": "CORSMissingAllowCredentials",
    "CORS Method Not Found": "CORSMethodNotFound",
    "CORS Missing Allow Header": "CORSMissingAllowHeaderFromPreflight",
    "CORS Preflight Did Not Succeed": "CORSPreflightDidNotSucceed",
    "CORS External Redirect Not Allowed": "CORSExternalRedirectNotAllowed",
    "CORS Invalid Allow Method": "CORSInvalidAllowMethod",
    "CORS Invalid Allow Header": "CORSInvalidAllowHeader",
    "CORS Request Not HTTP": "CORSRequestNotHttp",
    "CORS Failed": "CORSDidNotSucceed",
    "CORS disabled": "CORSDisabled",
}
_BY_LOWER_CASE: Final = {code.lower(): code for code in _CODES}
_HEADERS: Final = {
    ACAC: ("CORSMissingAllowCredentials",),
    ACAM: ("CORSMethodNotFound",),
    ACAH: ("CORSMissingAllowHeaderFromPreflight",),
    ACAO: (
        "CORSNotSupportingCredentials",
        "CORSAllowOriginNotMatchingOrigin",
        "CORSMultipleAllowOriginNotAllowed",
        "CORSMissingAllowOrigin",
    ),
}
_WITHOUT_HEADER: Final = (
    "CORSDidNotSucceed",
    "CORSPreflightDidNotSucceed",
    "CORSExternalRedirectNotAllowed",
    "CORSRequestNotHttp",
    "CORSOriginHeaderNotAdded",
    "CORSDisabled",
)
# The meaning of a message that names one of these headers and quotes a value.
_INVALID: Final = {
    ACAC: "CORSMissingAllowCredentials",
    ACAM: "CORSInvalidAllowMethod",
    ACAH: "CORSInvalidAllowHeader",
}
_NAMING_HEADER: Final = (
    "CORSAllowHeaderFromPreflightDeprecation",
    "CORSMissingAllowHeaderFromPreflight",
)
_WITH_STATUS: Final = ("CORSDidNotSucceed", "CORSMissingAllowOrigin", "CORSPreflightDidNotSucceed")
_LINK: Final = re.compile(r"/CORS/Errors/(CORS[A-Za-z]{1,60})")
# A value in quotes, with the spaces that French puts inside them.
_VALUE: Final = re.compile(r"""(['"]) ?([^'" ]{1,400}) ?\1""")
# What the server sent instead, shortly after the name of the header.
_SENT: Final = re.compile(rf"""{ACAO} ?['"][^'")]{{0,48}}['"] ?([^'"]{{1,400}}?) ?['"]""")
_ABOUT_TO_BE_SENT: Final = re.compile(rf"""{ACAO} ?['"][^'")]{{0,48}}['"] ?$""")
# A header name in quotes within the parentheses of a reason.
_QUOTED_REASON: Final = re.compile(r"""\([^()]{0,200}['"] ?Access-Control-Allow-[A-Z]""")
# What Chromium and WebKit say about headers.
_OF_OTHERS: Final = re.compile(
    r"CORS policy|Resource Sharing \(CORS\)|is not allowed by Access-Control|in preflight response|on the requested resource"
)
_STATUS: Final = re.compile(r": (\d{3})(?!\d)")
# All languages except two put the reason in parentheses.
_REASON: Final = re.compile(r"\([^()]{0,80}CORS")
_REDIRECTS: Final = range(300, 400)


def read_firefox(text: str) -> Iterator[Sign]:
    """Yield a sign for each message of Firefox in a plain text."""
    found = [url for url in urls(text) if not _is_value(text, url)]
    starts = [url.start for url in found[1:]] + [len(text)]
    before = 0
    for url, end in zip(found, starts, strict=False):
        message = text[url.end : min(end, url.end + MAX_MESSAGE)]
        around = text[max(before, url.start - MAX_AROUND) : url.start] + message[:MAX_AROUND]
        before = url.end
        code = _code(message)
        if code is not None:
            yield _sign(code, message, url)
        elif url.url.startswith("http:") and _contains("BlockMixedContent", around):
            yield Sign(at=url.start, kind=BlockKind.MIXED_CONTENT, engine="firefox", url=url.url)
    code = None if found else _named(text)
    if code is not None:
        yield _sign(code, text, None)


def _is_value(text: str, url: Found) -> bool:
    """Report whether a URL is the value of the response's header, not the called address."""
    return _ABOUT_TO_BE_SENT.search(text[max(0, url.start - 80) : url.start]) is not None


def _code(message: str) -> str | None:
    """Return the name of a message: blank if unknown, None if the text is not a message."""
    if _OF_OTHERS.search(message):
        return None
    is_message = "CORS" in message or _QUOTED_REASON.search(message)
    return _named(message) or (_code_by_invariants(message) if is_message else None)


def _named(message: str) -> str | None:
    """Return the name of a message by its link, its short name or the words of its language."""
    link = _LINK.search(message)
    if link is not None and link[1].lower() in _BY_LOWER_CASE:
        return _BY_LOWER_CASE[link[1].lower()]
    header = _header_name(message)
    if header is None and "CORS" not in message and len(message) < MIN_WITHOUT_CORS:
        return None
    if header == ACAH and "Authorization" in _values(message):
        return "CORSAllowHeaderFromPreflightDeprecation"  # `*` does not cover it
    short = next((code for name, code in _SHORT.items() if name in message), None)
    return short or _code_by_words(header, message)


def _header_name(message: str) -> str | None:
    # Romanian leaves out the last letter of one of them.
    return next((name for name in _HEADERS if name.removesuffix("s") in message), None)


def _code_by_words(header: str | None, message: str) -> str | None:
    """Return the name of a message by the words of its language."""
    if header == ACAC and "*" in _values(message):
        return "CORSNotSupportingCredentials"  # Hungarian and Spanish name this header
    codes = _WITHOUT_HEADER if header is None else _HEADERS[header]
    return next((code for code in codes if _contains(code, message)), None)


def _contains(code: str, text: str) -> bool:
    return any(words in text for words in _TEXTS[code])


def _code_by_invariants(message: str) -> str | None:
    """Return the name of a message in a language that is not in the table."""
    header = _header_name(message)
    has_status = _STATUS.search(message) is not None
    if header is None:
        return _code_without_header(message, has_status=has_status)
    values = _values(message)
    if header != ACAH and "*" in values:
        return "CORSNotSupportingCredentials"
    if header == ACAH and "preflight" in message.lower():
        return "CORSMissingAllowHeaderFromPreflight"
    if header != ACAO:
        # Lithuanian names another header beside `true`.
        return _INVALID[ACAC if "true" in values else header] if values else _HEADERS[header][0]
    if values:
        return "CORSAllowOriginNotMatchingOrigin"
    return "CORSMissingAllowOrigin" if has_status else ""


def _code_without_header(message: str, *, has_status: bool) -> str | None:
    if "(null)" in message:
        return "CORSDidNotSucceed"
    if "preflight" in message.lower() and has_status:
        return "CORSPreflightDidNotSucceed"
    return "" if _REASON.search(message) else None


def _values(message: str) -> list[str]:
    """Return the quoted values, without the names of response headers."""
    return [match[2] for match in _VALUE.finditer(message) if match[2] not in _HEADERS]


def _sign(code: str, message: str, url: Found | None) -> Sign:
    kind = _CODES.get(code, BlockKind.UNKNOWN)
    status = _STATUS.search(message) if code in _WITH_STATUS else None
    number = int(status[1]) if status else None
    sent = _SENT.search(message)
    if kind is BlockKind.WRONG_ACAO and sent is not None and "," in sent[1]:
        kind = BlockKind.MULTIPLE_ACAO
    if kind is BlockKind.PREFLIGHT_STATUS and number in _REDIRECTS:
        kind = BlockKind.PREFLIGHT_REDIRECT
    return Sign(
        at=url.start if url else 0,
        kind=kind,
        engine="firefox" if code else None,
        url=url.url if url else None,
        header=_header(message) if code in _NAMING_HEADER else None,
        status=number,
        cured=False if code in _CODES and kind is BlockKind.UNKNOWN else None,
    )


def _header(message: str) -> str | None:
    """Return the request header that a message names."""
    names = (value for value in _values(message) if is_token(value) and value != "*")
    return next((name.lower() for name in names), None)
