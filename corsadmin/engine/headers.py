"""Header names, the token grammar, and the Fetch standard's header sets."""

from collections.abc import Iterable
from string import ascii_letters, digits

from corsadmin.engine.problems import Problem

ORIGIN = "Origin"
VARY = "Vary"
ACRM = "Access-Control-Request-Method"
ACRH = "Access-Control-Request-Headers"
ACAO = "Access-Control-Allow-Origin"
ACAC = "Access-Control-Allow-Credentials"
ACAM = "Access-Control-Allow-Methods"
ACAH = "Access-Control-Allow-Headers"
ACEH = "Access-Control-Expose-Headers"
ACMA = "Access-Control-Max-Age"

# The Vary of a response to a preflight, for a rule that allows any origin and for all others.
STATIC_PREFLIGHT_VARY = f"{ACRM}, {ACRH}"
PREFLIGHT_VARY = f"{ORIGIN}, {STATIC_PREFLIGHT_VARY}"

MAX_NAME_LENGTH = 128
MAX_REQUESTED_LENGTH = 4096
MAX_REQUESTED_NAMES = 64
# RFC 9110, 5.6.1.2: a recipient must accept "a reasonable number" of empty list elements.
MAX_EMPTY_ELEMENTS = 16

# https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
SAFELISTED_RESPONSE_HEADERS: frozenset[str] = frozenset({
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
})  # fmt: skip

# RFC 9110, 5.6.2
_TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~" + digits + ascii_letters
_TOKENS_AND_COMMAS = _TOKEN_CHARACTERS + ","
_OPTIONAL_WHITE_SPACE = " \t"

# https://fetch.spec.whatwg.org/#forbidden-request-header
_FORBIDDEN_REQUEST_HEADERS = frozenset({
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
})  # fmt: skip
_FORBIDDEN_REQUEST_PREFIXES = ("proxy-", "sec-")

# https://fetch.spec.whatwg.org/#forbidden-response-header-name
_FORBIDDEN_RESPONSE_HEADERS = frozenset({"set-cookie", "set-cookie2"})

_RESPONSE_ONLY_HEADERS = frozenset(name.lower() for name in (ACAO, ACAC, ACAM, ACAH, ACEH, ACMA))


def is_token(text: str) -> bool:
    """Report whether text is an RFC 9110 token."""
    return text != "" and not text.strip(_TOKEN_CHARACTERS)


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Map each header name, in lower case, to its first spelling.

    A name that is not ASCII keeps its case, and so remains invalid.
    """
    found: dict[str, str] = {}
    for name in names:
        # lower() turns some non-ASCII characters into ASCII ones.
        found.setdefault(name.lower() if name.isascii() else name, name)
    return found


def check_request_header(name: str) -> Problem | None:
    """Return why a list of allowed request headers must not have name, in any case, or None."""
    problem = _check_name("request_headers", name)
    if problem is not None:
        return problem
    lowered = name.lower()
    code = ""
    if lowered in _FORBIDDEN_REQUEST_HEADERS or lowered.startswith(_FORBIDDEN_REQUEST_PREFIXES):
        code = "header-forbidden"
    elif lowered in _RESPONSE_ONLY_HEADERS:
        code = "header-response-only"
    return Problem("request_headers", code, name) if code else None


def check_exposed_header(name: str) -> Problem | None:
    """Return why a list of exposed response headers must not have name, or None."""
    problem = _check_name("exposed_headers", name)
    if problem is None and name.lower() in _FORBIDDEN_RESPONSE_HEADERS:
        return Problem("exposed_headers", "header-forbidden", name)
    return problem


def _check_name(field: str, name: str) -> Problem | None:
    if is_token(name):
        return Problem(field, "header-too-long", name) if len(name) > MAX_NAME_LENGTH else None
    trimmed = name.strip()
    if not trimmed:
        return Problem(field, "header-empty", name)
    code, mended = "header-not-token", ""
    if ":" in trimmed:
        code, mended = "header-colon", trimmed.partition(":")[0].rstrip()
    elif trimmed != name:
        code, mended = "header-white-space", trimmed
    return Problem(field, code, name, _mended_name(field, mended))


def _mended_name(field: str, name: str) -> str:
    if not is_token(name):
        return ""
    if field == "request_headers":
        return "" if check_request_header(name) else name.lower()
    return "" if check_exposed_header(name) else name


def parse_requested_headers(value: str) -> tuple[str, ...] | None:
    """Return the lower-case names in an Access-Control-Request-Headers value, each once.

    None when the value is malformed or over a bound. Linear in the length of the value.
    """
    if len(value) > MAX_REQUESTED_LENGTH:
        return None
    if value.strip(_TOKENS_AND_COMMAS):
        value = ",".join([element.strip(_OPTIONAL_WHITE_SPACE) for element in value.split(",")])
        if value.strip(_TOKENS_AND_COMMAS):
            return None
    # Only now lower(): it turns some non-ASCII characters into ASCII ones. One element more than
    # allowed is enough to see that there are too many.
    elements = value.lower().split(",", MAX_REQUESTED_NAMES + MAX_EMPTY_ELEMENTS)
    if "" in elements:
        return _without_empty(elements)
    if len(elements) > MAX_REQUESTED_NAMES:
        return None
    return tuple(dict.fromkeys(elements))


def _without_empty(elements: list[str]) -> tuple[str, ...] | None:
    names = [element for element in elements if element]
    if len(names) > MAX_REQUESTED_NAMES or len(elements) - len(names) > MAX_EMPTY_ELEMENTS:
        return None
    return tuple(dict.fromkeys(names))
