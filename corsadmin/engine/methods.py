"""Methods: valid, forbidden, safelisted."""

from corsadmin.engine.headers import is_token
from corsadmin.engine.problems import Problem

MAX_METHOD_LENGTH = 64

# https://fetch.spec.whatwg.org/#cors-safelisted-method
SAFELISTED_METHODS: frozenset[str] = frozenset({"GET", "HEAD", "POST"})

# https://fetch.spec.whatwg.org/#forbidden-method
_FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})


def is_method(text: str) -> bool:
    """Report whether text is a token short enough to be a request method."""
    return len(text) <= MAX_METHOD_LENGTH and is_token(text)


def is_forbidden_method(text: str) -> bool:
    """Report whether browsers refuse to send text as a method, in whatever case."""
    return text.upper() in _FORBIDDEN_METHODS


def check_method(text: str) -> Problem | None:
    """Return what keeps text out of a list of allowed methods, or None."""
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
        code, suggestion = "method-white-space", trimmed.upper()
    elif text.upper() != text:
        # Browsers upper-case only six methods and send `patch` as written.
        code, suggestion = "method-lower-case", text.upper()
    return Problem("methods", code, text, suggestion) if code else None
