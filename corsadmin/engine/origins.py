"""Parse origins and origin patterns, and say which patterns could cover an origin."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from corsadmin.engine.hosts import (
    MAX_HOST_LENGTH,
    is_host,
    is_ip,
    is_loopback,
    label_fault,
)
from corsadmin.engine.problems import PolicyError, Problem
from corsadmin.engine.public_suffixes import reaches_public_suffix
from corsadmin.engine.suggestions import (
    DEFAULT_PORTS,
    OPAQUE_SCHEMES,
    WEBSOCKET_SCHEMES,
    is_port,
    is_scheme,
    mend,
)

# The longest host, the longest port and a scheme of 66 characters.
MAX_ORIGIN_LENGTH = 330

_USUAL_SCHEMES = frozenset({"http", "https"})
_REFUSED_SCHEMES = OPAQUE_SCHEMES.union(WEBSOCKET_SCHEMES)


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One entry of an allowlist: `port` is blank, digits, or `*` for any port and none."""

    scheme: str
    subdomains: bool
    host: str
    port: str

    def covers(self, scheme: str, host: str, port: str) -> bool:
        """Report whether the pattern lets in an origin, given as parse_origin returns it."""
        if scheme != self.scheme or self.port not in ("*", port):
            return False
        if self.subdomains:
            return host.endswith(f".{self.host}") and not is_ip(host)
        return host == self.host


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
        if not is_port(port) or DEFAULT_PORTS.get(scheme) == port:
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
    if pattern.subdomains and reaches_public_suffix(pattern.host):
        codes.append("risk-public-suffix")
    return tuple(codes)


def candidates(
    scheme: str, host: str, port: str, bases: Container[str] | None = None
) -> Iterator[str]:
    """Yield every pattern, other than the origin itself, that could cover a parsed origin.

    With `bases` (see wildcard_base) only patterns with one of these bases.
    """
    if bases is None or host in bases:
        yield f"{scheme}://{host}:*"
    dot = host.find(".")
    while dot != -1:
        base = host[dot:]
        if (bases is None or base in bases) and not is_ip(host):
            yield f"{scheme}://*{base}:{port}" if port else f"{scheme}://*{base}"
            yield f"{scheme}://*{base}:*"
        dot = host.find(".", dot + 1)


def wildcard_base(pattern: str) -> str:
    """Return what the text of a wildcard pattern says of the host.

    That is `.example.org` for `https://*.example.org:8443`, `localhost` for `http://localhost:*`.
    """
    authority = pattern.partition("://")[2].removeprefix("*")
    host, colon, _port = authority.rpartition(":")
    return host if colon and not authority.endswith("]") else authority


def _pattern(text: str) -> OriginPattern | None:
    """Return the pattern in text, or None when it is not written exactly as it must be."""
    if len(text) > MAX_ORIGIN_LENGTH:
        return None
    any_port = subdomains = False
    bare = text
    if "*" in text:
        scheme, separator, rest = text.partition("://")
        any_port = rest.endswith(":*")
        subdomains = rest.startswith("*.")
        bare = scheme + separator + rest.removeprefix("*.").removesuffix(":*")
    parsed = parse_origin(bare)
    if parsed is None or parsed[0] in _REFUSED_SCHEMES or label_fault(parsed[1]):
        return None
    scheme, host, port = parsed
    # Below a wildcard there must be room for one more label.
    if subdomains and (is_ip(host) or len(host) > MAX_HOST_LENGTH - 2):
        return None
    if any_port:
        return None if port else OriginPattern(scheme, subdomains, host, "*")
    return OriginPattern(scheme, subdomains, host, port)
