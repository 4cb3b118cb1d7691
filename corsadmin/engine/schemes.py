"""Schemes and ports of origins, and the opaque hosts of applications."""

from typing import Final

MAX_PORT: Final = "65535"
MAX_OPAQUE_HOST_LENGTH: Final = 253

# https://url.spec.whatwg.org/#default-port
DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
# A browser sends the origin `null` for these.
OPAQUE_SCHEMES: Final = frozenset({"about", "blob", "data", "file", "filesystem", "javascript"})
# A page that opens a WebSocket has an ordinary origin.
WEBSOCKET_SCHEMES: Final = {"ws": "http", "wss": "https"}

# https://url.spec.whatwg.org/#special-scheme
SPECIAL_SCHEMES: Final = frozenset(DEFAULT_PORTS) | {"file"}

_SCHEME_CHARACTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789+-."
_OPAQUE_CHARACTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_DIGITS: Final = "0123456789"


def is_scheme(text: str) -> bool:
    """Report whether text is a lower-case URL scheme."""
    return text[:1].isalpha() and not text.strip(_SCHEME_CHARACTERS)


def is_application(scheme: str) -> bool:
    """Report whether text is a scheme of applications, such as `app` or `moz-extension`.

    In the URL standard their hosts are opaque: a parser keeps the case and recognizes no IP
    address.
    """
    return scheme not in SPECIAL_SCHEMES and scheme not in OPAQUE_SCHEMES and is_scheme(scheme)


def is_opaque_host(text: str) -> bool:
    """Report whether text is a host that an entry with an application's scheme may have."""
    return 0 < len(text) <= MAX_OPAQUE_HOST_LENGTH and not text.strip(_OPAQUE_CHARACTERS)


def is_port(text: str) -> bool:
    """Report whether text is a port as a browser writes it, default ports included."""
    if not text or text[0] == "0" or text.strip(_DIGITS):
        return False
    # Numbers with equally many digits compare as text as they do as numbers.
    return len(text) < len(MAX_PORT) or (len(text) == len(MAX_PORT) and text <= MAX_PORT)
