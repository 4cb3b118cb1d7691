"""Parse origins and origin patterns, and say what a pattern covers."""

from dataclasses import dataclass

from corsadmin.engine.hosts import (
    MAX_HOST_LENGTH,
    is_host,
    is_ip,
    is_label_wildcard,
    is_loopback,
    is_private_address,
    label_fault,
)
from corsadmin.engine.problems import PolicyError, Problem
from corsadmin.engine.public_suffixes import (
    is_public_suffix,
    listed_suffix,
    reaches_public_suffix,
    registrable_domain,
)
from corsadmin.engine.schemes import (
    DEFAULT_PORTS,
    OPAQUE_SCHEMES,
    SPECIAL_SCHEMES,
    WEBSOCKET_SCHEMES,
    is_application,
    is_opaque_host,
    is_port,
)
from corsadmin.engine.suggestions import mend

# The longest host, the longest port and a scheme of 66 characters.
MAX_ORIGIN_LENGTH = 330

_USUAL_SCHEMES = frozenset({"http", "https"})
_REFUSED_SCHEMES = OPAQUE_SCHEMES.union(WEBSOCKET_SCHEMES)

Parts = tuple[str, str, str]  # scheme, host, port


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """The pattern of an origin entry: `port` is blank, digits, or `*` for any port or none.

    `label` is a first label with its wildcard, `pr-*`; `host` is then what follows it. The host of
    an application may be `*`, which stands for any.
    """

    scheme: str
    subdomains: bool
    host: str
    port: str
    label: str = ""

    @property
    def any_host(self) -> bool:
        """Report whether the pattern stands for every host of an application's scheme."""
        return self.host == "*"

    @property
    def is_application(self) -> bool:
        """Report whether the scheme is one of applications, so that the host is opaque."""
        return is_application(self.scheme)

    def covers(self, scheme: str, host: str, port: str) -> bool:
        """Report whether the pattern lets in an origin, given as parse_origin returns it."""
        fits = scheme == self.scheme and self.port in ("*", port)
        return fits and self.covers_host(host)

    def covers_host(self, host: str) -> bool:
        """Report whether the pattern covers a host, whatever its scheme and port."""
        if self.label:
            first, _, parent = host.partition(".")
            before, _, after = self.label.partition("*")
            room = len(first) > len(before) + len(after)
            fits = first.startswith(before) and first.endswith(after)
            return parent == self.host and room and fits
        if self.subdomains:
            return host.endswith(f".{self.host}") and not is_ip(host)
        return self.any_host or host == self.host

    def contains(self, other: "OriginPattern") -> bool:
        """Report whether the pattern covers all that another one covers."""
        if self.scheme != other.scheme or self.port not in ("*", other.port):
            return False
        if self.subdomains or self.any_host:
            # Whatever the other's star stands for, the same parent follows.
            is_below = other.host.endswith(f".{self.host}")
            is_same = other.host == self.host and (other.subdomains or other.label != "")
            return self.any_host or is_below or is_same
        if other.subdomains:
            return False
        if not other.label:
            return self.covers_host(other.host)
        if not self.label or self.host != other.host:
            return False
        before, after = self.label.split("*")
        return other.label.startswith(before) and other.label.endswith(after)

    def overlaps(self, other: "OriginPattern") -> bool:
        """Report whether some origin is covered by both patterns."""
        if self.scheme != other.scheme:
            return False
        if self.port != other.port and "*" not in (self.port, other.port):
            return False
        if not (self.label and other.label):
            return _reaches(self, other) or _reaches(other, self)
        parts, others = self.label.split("*"), other.label.split("*")
        (before, shorter), (after, short) = (
            sorted(pair, key=len, reverse=True) for pair in zip(parts, others, strict=True)
        )
        return self.host == other.host and before.startswith(shorter) and after.endswith(short)


def parse_origin(text: str) -> Parts | None:
    """Return (scheme, host, port) of an origin exactly as a browser sends it, or None.

    Nothing is normalized: text that a browser would have written differently is refused.
    """
    if len(text) > MAX_ORIGIN_LENGTH:
        return None
    scheme, _, authority = text.partition("://")
    if scheme not in SPECIAL_SCHEMES:
        return _parse_application(scheme, authority)
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
    """Return the pattern in text; raise PolicyError, with a suggestion if there is one.

    A suggestion never lets in more than the text; a near pattern that does is in `nearest`.
    """
    pattern = _pattern(text)
    if pattern is not None:
        return pattern
    code, mended, is_wider = mend(text)
    usable = mended if _pattern(mended) is not None else ""
    suggestion, nearest = ("", usable) if is_wider else (usable, "")
    raise PolicyError((Problem("pattern", code, text, suggestion, nearest),))


def risks(pattern: OriginPattern) -> tuple[str, ...]:
    """Return the codes of the risks that a pattern has with credentials."""
    if pattern.any_host:
        return ("risk-any-application",)
    codes = []
    if pattern.scheme == "http" and not is_loopback(pattern.host):
        codes.append("risk-plain-http")
    if pattern.label and is_public_suffix(pattern.host):
        codes.append("risk-shared-parent")
    if pattern.subdomains and reaches_public_suffix(pattern.host):
        codes.append("risk-public-suffix")
    return tuple(codes)


def is_shared_parent(host: str) -> bool:
    """Report whether the names directly under host may belong to different owners."""
    return is_public_suffix(host)


def public_suffix_of(host: str) -> str:
    """Return the public suffix of a host, blank if its top-level domain does not exist."""
    return listed_suffix(host)


def domain_of(scheme: str, host: str) -> str:
    """Return the name that origins and hosts of the same owner have in common.

    That is the registrable domain; `localhost` for the browser's own machine and private addresses;
    any other IP address itself. For an application, whose host nobody registers, it is scheme and
    host.
    """
    if is_application(scheme):
        return f"{scheme}://{host}"
    if is_loopback(host) or is_private_address(host):
        return "localhost"
    return host if is_ip(host) else registrable_domain(host)


def _reaches(one: OriginPattern, other: OriginPattern) -> bool:
    """Report whether one pattern covers another, or a host that the other's wildcard stands for."""
    if other.label or other.subdomains:
        return one.subdomains and f".{other.host}".endswith(f".{one.host}")
    return one.covers_host(other.host)


def _parse_application(scheme: str, authority: str) -> Parts | None:
    """Parse as parse_origin does, where the host is opaque and no port is a default."""
    host, colon, port = authority.partition(":")
    if not is_application(scheme) or (colon and not is_port(port)):
        return None
    return (scheme, host, port) if is_opaque_host(host) else None


def _pattern(text: str) -> OriginPattern | None:
    """Return the pattern in text, or None when it is not written exactly as it must be."""
    if len(text) > MAX_ORIGIN_LENGTH:
        return None
    if "*" in text:
        return _wildcard(text)
    parsed = parse_origin(text)
    if parsed is None or not _is_usable(parsed):
        return None
    scheme, host, port = parsed
    return OriginPattern(scheme, subdomains=False, host=host, port=port)


def _is_usable(parsed: Parts) -> bool:
    """Report whether an entry may have the scheme and the host of an origin."""
    scheme, host, _ = parsed
    if scheme in SPECIAL_SCHEMES:
        return scheme not in _REFUSED_SCHEMES and not label_fault(host)
    return True


def _wildcard(text: str) -> OriginPattern | None:
    scheme, _, rest = text.partition("://")
    if is_application(scheme):
        whole = OriginPattern(scheme, subdomains=False, host="*", port="")
        return whole if rest == "*" else None
    authority = rest.removesuffix(":*")
    first, _, parent = authority.partition(".")
    parsed = parse_origin(f"{scheme}://{parent if '*' in first else authority}")
    if parsed is None or not _is_usable(parsed):
        return None
    _, host, port = parsed
    subdomains = first == "*"
    label = first if "*" in first and not subdomains else ""
    # Below a wildcard there must be room for one more label.
    if subdomains and (is_ip(host) or len(host) > MAX_HOST_LENGTH - 2):
        return None
    if label and not (scheme in _USUAL_SCHEMES and is_label_wildcard(label, host)):
        return None
    if authority != rest:
        return None if port else OriginPattern(scheme, subdomains, host, "*", label)
    return OriginPattern(scheme, subdomains, host, port, label)
