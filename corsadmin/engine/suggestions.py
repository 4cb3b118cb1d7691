"""Say what is wrong with a refused origin pattern, and what was probably meant."""

from corsadmin.engine.hosts import (
    MAX_HOST_LENGTH,
    is_host,
    is_ip,
    is_loopback,
    label_fault,
    mend_host,
)

MAX_PORT = "65535"
# A longer text is not an origin with a slip in it; mending it would only cost time.
MAX_MENDED_LENGTH = 2048

# https://url.spec.whatwg.org/#default-port
DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
# A browser sends the origin `null` for these.
OPAQUE_SCHEMES = frozenset({"about", "blob", "data", "file", "filesystem", "javascript"})
# A page that opens a WebSocket has an ordinary origin.
WEBSOCKET_SCHEMES = {"ws": "http", "wss": "https"}

_SCHEME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789+-."
_DIGITS = "0123456789"
_NOT_ORIGINS = {"": "origin-empty", "*": "origin-any", "null": "origin-null", "none": "origin-none"}
_REGEX_SIGNS = ("(", "|", "\\.", "\\/", ":\\d", "[^", "]+", "]*", "//.*", "//.+", "s?://")
_TAIL_CODES = {"?": "origin-query", "#": "origin-fragment"}
_HOST_CODES = {
    "unicode": "origin-unicode-host",
    "upper-case": "origin-upper-case",
    "trailing-dot": "origin-trailing-dot",
    "ip-form": "origin-ip-form",
}


def is_scheme(text: str) -> bool:
    """Report whether text is a lower-case URL scheme."""
    return text[:1].isalpha() and not text.strip(_SCHEME_CHARACTERS)


def is_port(text: str) -> bool:
    """Report whether text is a port as a browser writes it, default ports included."""
    if not text or text[0] == "0" or text.strip(_DIGITS):
        return False
    # Digits of equal number compare as text as they do as numbers.
    return len(text) < len(MAX_PORT) or (len(text) == len(MAX_PORT) and text <= MAX_PORT)


def mend(text: str) -> tuple[str, str]:
    """Return the code of the first fault of a refused pattern, and the text with all mended.

    The mended text may still be no pattern: the caller must check it before showing it.
    """
    code = _hopeless(text)
    if code:
        return code, ""
    mended = text
    for step in (_white_space, _regex, _slashes, _scheme, _tail, _userinfo, _authority):
        found, mended = step(mended)
        code = code or found
    return code, mended


def _hopeless(text: str) -> str:
    """Return the code of a fault for which nothing can be offered instead, or blank."""
    trimmed = text.strip()
    lowered = trimmed.lower()
    if len(text) > MAX_MENDED_LENGTH:
        return "origin-too-long"
    if lowered in _NOT_ORIGINS:
        return _NOT_ORIGINS[lowered]
    if len(trimmed.split()) > 1 or _holds_list(trimmed):
        return "origin-several"
    scheme, colon, _ = lowered.partition(":")
    return "origin-scheme-opaque" if colon and scheme in OPAQUE_SCHEMES else ""


def _holds_list(text: str) -> bool:
    scheme, separator, rest = text.partition("://")
    authority, _ = _cut(rest if separator else scheme)
    return "," in authority or ";" in authority


def _cut(rest: str) -> tuple[str, str]:
    """Split what follows the scheme before its path, query or fragment."""
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    return rest[:end], rest[end:]


def _split_port(authority: str) -> tuple[str, str, str]:
    host, colon, port = authority.rpartition(":")
    return (authority, "", "") if not colon or authority.endswith("]") else (host, colon, port)


def _white_space(text: str) -> tuple[str, str]:
    trimmed = text.strip()
    return ("" if trimmed == text else "origin-white-space"), trimmed


def _regex(text: str) -> tuple[str, str]:
    anchored = text.startswith("^") or text.endswith("$")
    if not anchored and not any(sign in text for sign in _REGEX_SIGNS):
        return "", text
    plain = text.removeprefix("^").removesuffix("$").replace("\\.", ".").replace("\\/", "/")
    # `.*` and `.+` before a dot are what the one wildcard of the grammar says.
    for written in ("(.*).", "(.+).", ".*.", ".+."):
        plain = plain.replace("://" + written, "://*.")
    for written in ("(:\\d+)?", ":\\d+", ":.*", ":.+"):
        if plain.endswith(written):
            plain = plain.removesuffix(written) + ":*"
    return "origin-regex", plain


def _slashes(text: str) -> tuple[str, str]:
    """Mend `https:/x`, `https:x`, `https:///x` and backslashes."""
    code = "origin-backslash" if "\\" in text else ""
    plain = text.replace("\\", "/")
    scheme, colon, rest = plain.partition(":")
    bare = rest.lstrip("/")
    # Without slashes, a colon may as well stand before a port: `app.example.com:8443`.
    is_url = rest.startswith("//") or scheme.lower() in DEFAULT_PORTS
    if not colon or not is_url or rest == "//" + bare:
        return code, plain
    return code or "origin-slashes", f"{scheme}://{bare}"


def _scheme(text: str) -> tuple[str, str]:
    scheme, separator, rest = text.partition("://")
    lowered = scheme.lower()
    if not separator or not scheme:
        bare = (rest or text).lstrip("/")
        host, _, _ = _split_port(_cut(bare)[0])
        # A page on the developer's own machine is hardly ever served over TLS.
        usual = "http" if is_loopback(mend_host(host)[1]) else "https"
        return "origin-scheme-missing", f"{usual}://{bare}"
    if lowered in WEBSOCKET_SCHEMES:
        return "origin-scheme-websocket", f"{WEBSOCKET_SCHEMES[lowered]}://{rest}"
    if "*" in scheme:
        return "origin-scheme-wildcard", f"https://{rest}"
    if not is_scheme(lowered):
        return "origin-scheme-invalid", text
    return ("" if lowered == scheme else "origin-upper-case"), f"{lowered}://{rest}"


def _tail(text: str) -> tuple[str, str]:
    scheme, _, rest = text.partition("://")
    authority, tail = _cut(rest)
    code = ""
    if tail == "/":
        code = "origin-trailing-slash"
    elif tail:
        code = _TAIL_CODES.get(tail.removeprefix("/")[:1], "origin-path")
    return code, f"{scheme}://{authority}"


def _userinfo(text: str) -> tuple[str, str]:
    scheme, _, authority = text.partition("://")
    host = authority.rpartition("@")[2]
    return ("" if host == authority else "origin-userinfo"), f"{scheme}://{host}"


def _authority(text: str) -> tuple[str, str]:
    """Mend host and port; the last step, so it must find some code."""
    scheme, _, authority = text.partition("://")
    host, colon, port = _split_port(authority)
    star = "*." if host.startswith("*.") else ""
    kind, host = mend_host(host.removeprefix("*."))
    port_code, port = _port(scheme, port) if colon else ("", "")
    code = _HOST_CODES.get(kind) or port_code or _leftover(star, host)
    return code, f"{scheme}://{star}{host}" + (f":{port}" if port else "")


def _port(scheme: str, port: str) -> tuple[str, str]:
    mended = port.lstrip("0")
    if port in ("", "*"):
        return ("" if port else "origin-port-empty"), port
    if "*" in port:
        return "origin-port-wildcard", port
    if not is_port(mended):
        return "origin-port-invalid", port
    is_default = DEFAULT_PORTS.get(scheme) == mended
    code = "origin-default-port" if is_default else ""
    if mended != port:
        code = "origin-port-leading-zero"
    return code, "" if is_default else mended


def _leftover(star: str, host: str) -> str:
    """Return the code of what no step can mend."""
    if "*" in host:
        return "origin-wildcard-position"
    if not is_host(host):
        return "origin-too-long" if len(host) > MAX_HOST_LENGTH else "origin-host-invalid"
    if star and is_ip(host):
        return "origin-wildcard-ip"
    codes = {"invalid": "origin-host-invalid", "punycode": "origin-punycode"}
    # Sound in all its parts, so the whole must be beyond a bound.
    return codes.get(label_fault(host), "origin-too-long")
