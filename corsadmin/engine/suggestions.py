"""Say what is wrong with a refused origin pattern, and what was probably meant."""

from corsadmin.engine.hosts import (
    MAX_HOST_LENGTH,
    MAX_LABEL_LENGTH,
    is_host,
    is_ip,
    is_loopback,
    is_wildcard_part,
    label_fault,
    mend_host,
)
from corsadmin.engine.regex_readings import read_regex
from corsadmin.engine.schemes import (
    DEFAULT_PORTS,
    MAX_OPAQUE_HOST_LENGTH,
    OPAQUE_SCHEMES,
    WEBSOCKET_SCHEMES,
    is_application,
    is_opaque_host,
    is_port,
    is_scheme,
)

# A longer text is not an origin with a typo; mending it would only cost time.
MAX_MENDED_LENGTH = 2048

_NOT_ORIGINS = {"": "origin-empty", "*": "origin-any", "null": "origin-null", "none": "origin-none"}
_WITH_PARTS = frozenset({"http", "https"})
_TAIL_CODES = {"?": "origin-query", "#": "origin-fragment"}
_HOST_CODES = {
    "unicode": "origin-unicode-host",
    "upper-case": "origin-upper-case",
    "trailing-dot": "origin-trailing-dot",
    "ip-form": "origin-ip-form",
}


def mend(text: str) -> tuple[str, str, bool]:
    """Return the code of a refused pattern's first fault, and the text with all faults mended.

    The mended text may still not be a pattern, so the caller must check it before showing it. The
    last value says whether it lets in more than the original text.
    """
    reading = read_regex(text.strip()) if len(text) <= MAX_MENDED_LENGTH else None
    # The reading no longer has the commas and spaces inside braces.
    code = _hopeless((reading and reading.text) or text)
    if code:
        return code, "", False
    code, mended = (reading.code, reading.text) if reading else ("", text)
    for step in (_white_space, _slashes, _scheme, _tail, _userinfo, _authority):
        found, mended = step(mended)
        code = code or found
    return code, mended, bool(reading and reading.is_wider)


def _hopeless(text: str) -> str:
    """Return the code of a fault that has no suggestion, or blank."""
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


def _slashes(text: str) -> tuple[str, str]:
    """Mend `https:/x`, `https:x`, `https//x`, `https:///x` and backslashes."""
    code = "origin-backslash" if "\\" in text else ""
    plain = text.replace("\\", "/")
    before, slashes, after = plain.partition("//")
    if slashes and before.lower() in DEFAULT_PORTS:
        return code or "origin-slashes", f"{before}://{after}"
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
    if is_application(scheme):
        return _opaque_authority(scheme, host, port if colon else None)
    label, host = _split_wildcard(host)
    kind, host = mend_host(host)
    port_code, port = _port(scheme, port) if colon else ("", "")
    code = _HOST_CODES.get(kind) or port_code or _leftover(scheme, label, host)
    if label != label.lower():
        code, label = "origin-upper-case", label.lower()
    elif label and kind == "ip-form":
        code = "origin-wildcard-ip"
    before = f"{label}." if label else ""
    return code, f"{scheme}://{before}{host}" + (f":{port}" if port else "")


def _split_wildcard(host: str) -> tuple[str, str]:
    """Split off the first label where it has the wildcard."""
    first, dot, parent = host.partition(".")
    return (first, parent) if dot and "*" in first else ("", host)


def _opaque_authority(scheme: str, host: str, port: str | None) -> tuple[str, str]:
    """Mend the port of an application's origin; its host is compared byte for byte."""
    if "*" in host or port == "*":
        # Without “any port” it lets in less; with any host instead of some it would let in more.
        narrower = f"{scheme}://{host}" if port in (None, "*") else ""
        return "origin-application-wildcard", narrower
    code, mended = ("", "") if port is None else _port(scheme, port)
    if not is_opaque_host(host):
        is_long = len(host) > MAX_OPAQUE_HOST_LENGTH
        code = "origin-too-long" if is_long else "origin-application-host"
    return code or "origin-too-long", f"{scheme}://{host}" + (f":{mended}" if mended else "")


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


def _leftover(scheme: str, label: str, host: str) -> str:
    """Return the code of what no step can mend."""
    is_part = label not in ("", "*")
    if "*" in host or label.count("*") > 1 or (is_part and scheme not in _WITH_PARTS):
        return "origin-wildcard-position"
    if label and is_host(host) and is_ip(host):
        return "origin-wildcard-ip"
    named = f"{label.replace('*', 'a')}.{host}" if label else host
    if not is_host(named):
        is_long = len(named) > MAX_HOST_LENGTH or len(label) > MAX_LABEL_LENGTH
        return "origin-too-long" if is_long else "origin-host-invalid"
    if is_part and not all(map(is_wildcard_part, filter(None, label.split("*")))):
        return "origin-wildcard-part"
    codes = {"marks": "origin-host-marks", "punycode": "origin-punycode"}
    # All parts are sound, so the whole must be too long.
    return codes.get(label_fault(host), "origin-too-long")
