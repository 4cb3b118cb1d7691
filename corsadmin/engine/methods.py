"""Methods: valid, forbidden, safelisted."""

from corsadmin.engine.headers import is_token
from corsadmin.engine.problems import Problem

MAX_METHOD_LENGTH = 64

# https://fetch.spec.whatwg.org/#cors-safelisted-method
SAFELISTED_METHODS: frozenset[str] = frozenset({"GET", "HEAD", "POST"})

# https://fetch.spec.whatwg.org/#forbidden-method
_FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})

# https://www.iana.org/assignments/http-methods/ without the forbidden ones
_REGISTERED_METHODS = frozenset({
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD",
    "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF",
    "MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH",
    "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK",
    "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
})  # fmt: skip


def is_method(text: str) -> bool:
    """Report whether text is a token short enough to be a request method."""
    return len(text) <= MAX_METHOD_LENGTH and is_token(text)


def is_forbidden_method(text: str) -> bool:
    """Report whether browsers refuse to send text as a method, in any case."""
    return text.upper() in _FORBIDDEN_METHODS


def check_method(text: str) -> Problem | None:
    """Return why a list of allowed methods must not have text, or None."""
    trimmed = text.strip()
    code, suggestion = "", ""
    if not trimmed:
        code = "method-empty"
    elif len(text) > MAX_METHOD_LENGTH:
        code = "method-too-long"
    elif not is_token(trimmed):
        code = "method-not-token"
    elif is_forbidden_method(trimmed):
        code = "method-forbidden"
    elif trimmed != text:
        code, suggestion = "method-white-space", _registered(trimmed)
    elif (upper := _registered(text)) != text:
        # Browsers upper-case only six methods and send `patch` as written: that is another method.
        code, suggestion = "method-lower-case", upper
    return Problem("methods", code, text, suggestion) if code else None


def _registered(method: str) -> str:
    """Return a registered method in upper case, and any other unchanged."""
    upper = method.upper()
    return upper if upper in _REGISTERED_METHODS else method
