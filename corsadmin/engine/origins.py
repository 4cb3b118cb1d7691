"""Parse origins and origin patterns, and say which patterns could cover an origin."""

from collections.abc import Iterator
from dataclasses import dataclass

from corsadmin.engine.hosts import (
    MAX_HOST_LENGTH,
    has_usable_labels,
    is_host,
    is_ip,
    is_loopback,
    is_public_suffix,
)
from corsadmin.engine.mending import DEFAULT_PORTS, is_scheme, mend
from corsadmin.engine.problems import PolicyError, Problem

# The longest host, the longest port and a scheme of 66 characters.
MAX_ORIGIN_LENGTH = 330

_DIGITS = "0123456789"
_USUAL_SCHEMES = frozenset({"http", "https"})
_REFUSED_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "ws", "wss"}
)


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One entry of an allowlist: `port` is blank, digits, or `*` for any port and none."""

    scheme: str
    subdomains: bool
    host: str
    port: str


def parse_origin(text: str) -> tuple[str, str, str] | None:
    """Return (scheme, host, port) of an origin exactly as a browser sends it, or None.

    Nothing is normalised: what a browser would have written differently is refused.
    """
    if len(text) > MAX_ORIGIN_LENGTH:
        return None
    scheme, _, authority = text.partition("://")
    if scheme not in _USUAL_SCHEMES and not is_scheme(scheme):
        return None
    if ":" not in authority:
        return (scheme, authority, "") if is_host(authority) else None
    if authority[-1] == "]":
        host, port = authority, ""
    else:
        host, _, port = authority.rpartition(":")
        if not _is_port(port) or DEFAULT_PORTS.get(scheme) == port:
            return None
    return (scheme, host, port) if is_host(host) else None


def parse_pattern(text: str) -> OriginPattern:
    """Return the pattern in text; raise PolicyError, with a suggestion where there is one."""
    pattern = _pattern(text)
    if pattern is not None:
        return pattern
    code, mended = mend(text)
    suggestion = mended if _pattern(mended) is not None else ""
    raise PolicyError((Problem("pattern", code, text, suggestion),))


def risks(pattern: OriginPattern) -> tuple[str, ...]:
    """Return the codes of what makes a pattern dangerous once credentials are granted."""
    codes = []
    if pattern.scheme == "http" and not is_loopback(pattern.host):
        codes.append("risk-plain-http")
    if pattern.subdomains and is_public_suffix(pattern.host):
        codes.append("risk-public-suffix")
    return tuple(codes)


def candidates(scheme: str, host: str, port: str) -> Iterator[str]:
    """Yield every pattern, other than the origin itself, that could cover a parsed origin."""
    yield f"{scheme}://{host}:*"
    if is_ip(host):
        return
    tail = f":{port}" if port else ""
    dot = host.find(".")
    while dot != -1:
        above = f"{scheme}://*{host[dot:]}"
        yield above + tail
        yield above + ":*"
        dot = host.find(".", dot + 1)


def _is_port(text: str) -> bool:
    if not text or text.strip(_DIGITS) or text[0] == "0":
        return False
    return len(text) < 5 or (len(text) == 5 and text <= "65535")


def _pattern(text: str) -> OriginPattern | None:
    """Return the pattern in text, or None when it is not written exactly as it must be."""
    bare = text.removesuffix(":*")
    scheme, _, rest = bare.partition("://")
    subdomains = rest.startswith("*.")
    if subdomains:
        bare = f"{scheme}://{rest[2:]}"
    parsed = parse_origin(bare)
    if parsed is None or scheme in _REFUSED_SCHEMES or not has_usable_labels(parsed[1]):
        return None
    _, host, port = parsed
    if subdomains and (is_ip(host) or len(host) > MAX_HOST_LENGTH - 2):
        return None
    if bare is text or not text.endswith(":*"):
        return OriginPattern(scheme, subdomains, host, port)
    return None if port else OriginPattern(scheme, subdomains, host, "*")
