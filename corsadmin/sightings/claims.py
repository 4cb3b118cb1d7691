"""What to keep of a caller's claims: as much of the origin as identifies it, and valid names."""

from typing import Final

from corsadmin.engine import Reason, headers
from corsadmin.engine.hosts import is_private_address
from corsadmin.engine.methods import is_method
from corsadmin.engine.origins import Parts, domain_of

MAX_HEADER_NAME: Final = 40  # characters; a longer name is a caller's invention
# Stands for every developer's machine: http or https, any private address, any port.
LOCAL_ORIGIN: Final = "http://127.0.0.1"

WEB_SCHEMES: Final = ("http", "https")
_NO_RULE: Final = Reason.NO_RULE.value


def kept_origin(origin: str, parts: Parts, reason: str) -> str:
    """Return the origin in the form to keep; `parts` is what parse_origin returns for it.

    Private addresses and `localhost` with a port become one origin, because every developer has a
    different one. If no path rule covers the call, only the caller's registrable domain is kept,
    because nobody will list an origin there.
    """
    scheme, host, port = parts
    if scheme not in WEB_SCHEMES:
        return origin
    if (port and host == "localhost") or (not host[-1].isalpha() and is_private_address(host)):
        return LOCAL_ORIGIN
    return f"{scheme}://{domain_of(scheme, host)}" if reason == _NO_RULE else origin


def asked_method(text: str) -> str:
    """Return the method that a preflight requested, or blank if it is not valid."""
    return text if is_method(text) else ""


def asked_headers(text: str) -> tuple[str, ...]:
    """Return the header names that a preflight requested; empty if the text is malformed."""
    names = headers.parse_requested_headers(text) if text else ()
    return tuple(name for name in names or () if len(name) <= MAX_HEADER_NAME)
