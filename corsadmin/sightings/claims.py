"""What is kept of a caller's claims: its origin, only as far as it names somebody, and valid names."""

from typing import Final

from corsadmin.engine import Reason, headers, methods
from corsadmin.engine.hosts import is_private_address
from corsadmin.engine.origins import Parts, domain_of

MAX_HEADER_NAME: Final = 40  # characters: a longer one is a caller's invention
# A machine of developers: of http and https, whatever its private address and port.
LOCAL_ORIGIN: Final = "http://127.0.0.1"

WEB_SCHEMES: Final = ("http", "https")
_NO_RULE: Final = Reason.NO_RULE.value


def kept_origin(origin: str, parts: Parts, reason: str) -> str:
    """Return the origin as it is kept; `parts` are what parse_origin makes of it.

    Private addresses and `localhost` with a port are one origin: every developer has another. Where
    no path rule covers a call, it is the caller's registrable domain: nobody is to be listed there.
    """
    scheme, host, port = parts
    if scheme not in WEB_SCHEMES:
        return origin
    if (port and host == "localhost") or (not host[-1].isalpha() and is_private_address(host)):
        return LOCAL_ORIGIN
    return f"{scheme}://{domain_of(scheme, host)}" if reason == _NO_RULE else origin


def asked_method(text: str) -> str:
    """Return the method that a preflight asked for, blank where it is not one."""
    return text if methods.is_method(text) else ""


def asked_headers(text: str) -> tuple[str, ...]:
    """Return the header names that a preflight asked for, none where the text is malformed."""
    names = headers.parse_requested_headers(text) if text else ()
    return tuple(name for name in names or () if len(name) <= MAX_HEADER_NAME)
