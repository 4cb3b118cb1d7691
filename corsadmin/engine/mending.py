"""Say what is wrong with a refused origin pattern, and what was probably meant."""

from corsadmin.engine.hosts import is_loopback, mend_host

# A longer text is not an origin with a slip in it; mending it would only cost time.
MAX_MENDED_LENGTH = 2048

# https://url.spec.whatwg.org/#default-port
DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

# The origins of these are opaque: a browser sends `null` for them.
_OPAQUE_SCHEMES = ("file:", "data:", "blob:", "javascript:", "about:", "filesystem:")
_WEB_SCHEMES = {"ws": "http", "wss": "https"}
_SCHEME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789+-."
_DIGITS = "0123456789"
_REGEX_SIGNS = ("(", "|", "\\.", "\\/", "\\d", "\\w", "[^", "]+", "]*", "//.*", "//.+", "s?://")
_HOST_CODES = {
    "unicode": "origin-unicode-host",
    "upper-case": "origin-upper-case",
    "trailing-dot": "origin-trailing-dot",
    "ip-form": "origin-ip-form",
}


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
    return code or "origin-host-invalid", mended


def is_scheme(text: str) -> bool:
    """Report whether text is a lower-case URL scheme."""
    return text[:1].isalpha() and not text.strip(_SCHEME_CHARACTERS)


def _hopeless(text: str) -> str:
    """Return the code of a fault for which nothing can be offered instead, or blank."""
    trimmed = text.strip()
    lowered = trimmed.lower()
    if len(text) > MAX_MENDED_LENGTH:
        return "origin-too-long"
    if len(trimmed.split()) > 1 or _holds_list(trimmed):
        return "origin-several"
    if lowered.startswith(_OPAQUE_SCHEMES):
        return "origin-scheme-opaque"
    words = {"": "empty", "*": "any", "null": "null", "none": "none"}
    return f"origin-{words[lowered]}" if lowered in words else ""


def _holds_list(text: str) -> bool:
    scheme, separator, rest = text.partition("://")
    authority = _cut(rest if separator else text)[0]
    parts = text.replace(";", ",").split(",")[1:]
    return any("://" in part for part in parts) or "," in authority or ";" in authority


def _cut(rest: str) -> tuple[str, str]:
    """Split what follows the scheme before its path, query or fragment."""
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    return rest[:end], rest[end:]


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
        plain = plain.removesuffix(written) + ":*" * plain.endswith(written)
    return "origin-regex", plain


def _slashes(text: str) -> tuple[str, str]:
    """Mend `https:/x`, `https:x`, `https:///x` and backslashes after the scheme."""
    code = "origin-backslash" if "\\" in text else ""
    plain = text.replace("\\", "/")
    scheme, colon, rest = plain.partition(":")
    slashes = len(rest) - len(rest.lstrip("/"))
    known = scheme.lower() in DEFAULT_PORTS or slashes > 1
    if not colon or not known or slashes == 2:
        return code, plain
    return code or "origin-slashes", f"{scheme}://{rest.lstrip('/')}"


def _scheme(text: str) -> tuple[str, str]:
    scheme, separator, rest = text.partition("://")
    if not separator or not scheme:
        bare = (rest if separator else text).lstrip("/")
        host = mend_host(_cut(bare)[0].partition(":")[0])[1]
        return "origin-scheme-missing", ("http://" if is_loopback(host) else "https://") + bare
    lowered = scheme.lower()
    if lowered in _WEB_SCHEMES:
        return "origin-scheme-websocket", f"{_WEB_SCHEMES[lowered]}://{rest}"
    if "*" in scheme:
        return "origin-scheme-wildcard", f"https://{rest}"
    if not is_scheme(lowered):
        return "origin-scheme-invalid", text
    return ("" if lowered == scheme else "origin-upper-case"), f"{lowered}://{rest}"


def _tail(text: str) -> tuple[str, str]:
    scheme, _, rest = text.partition("://")
    authority, tail = _cut(rest)
    codes = {"": "", "/": "origin-trailing-slash", "?": "origin-query", "#": "origin-fragment"}
    first = tail if tail in codes else tail[:2].lstrip("/")[:1]
    return codes.get(first or "path", "origin-path") if tail else "", f"{scheme}://{authority}"


def _userinfo(text: str) -> tuple[str, str]:
    scheme, _, authority = text.partition("://")
    if "@" not in authority:
        return "", text
    return "origin-userinfo", f"{scheme}://{authority.rpartition('@')[2]}"


def _authority(text: str) -> tuple[str, str]:
    scheme, _, authority = text.partition("://")
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, colon, port = authority, "", ""
    star = "*." if host.startswith("*.") else ""
    kind, mended_host = mend_host(host.removeprefix("*."))
    port_code, mended_port = _port(scheme, port) if colon else ("", "")
    code = _HOST_CODES.get(kind) or port_code or _wildcard(star, mended_host)
    return code, f"{scheme}://{star}{mended_host}" + (f":{mended_port}" if mended_port else "")


def _port(scheme: str, port: str) -> tuple[str, str]:
    if not port:
        return "origin-port-empty", ""
    if port == "*":
        return "", port
    if "*" in port:
        return "origin-port-wildcard", port
    if not port.isascii() or port.strip(_DIGITS) or not port.strip("0"):
        return "origin-port-invalid", port
    mended = port.lstrip("0")
    default = DEFAULT_PORTS.get(scheme) == mended
    code = "origin-default-port" if default else ""
    if mended != port:
        code = "origin-port-leading-zero"
    elif len(port) > 5 or int(port) > 65535:
        code = "origin-port-invalid"
    return code, "" if default else mended


def _wildcard(star: str, host: str) -> str:
    if "*" in host:
        return "origin-wildcard-position"
    if star and (host[:1] == "[" or not host.strip("0123456789.")):
        return "origin-wildcard-ip"
    return ""
