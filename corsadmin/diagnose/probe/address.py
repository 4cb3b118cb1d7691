"""Decide which address a probe may connect to: resolve a name once, check the result, keep it.

Otherwise anyone who may run a probe could make the server connect to its own network: databases,
metadata services, other people's admin pages.
"""

import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.engine.hosts import check_host, is_ip, is_local, is_loopback
from corsadmin.messages import describe, shown

_PORTS: Final = {"http": 80, "https": 443}
_MAX_URL: Final = 2048
_MAX_PORT: Final = 65535
_MAX_ADDRESSES: Final = 4  # to try one after the other
_LOOPBACK: Final = ("127.0.0.1", "::1")
# Addresses that look public but belong to the cloud that the machine runs in: Azure's metadata and
# DNS, Oracle's metadata (older versions of Python count all of 192.0.0.0/24 as public).
_NEAR: Final = frozenset({ip_address("168.63.129.16"), ip_address("192.0.0.192")})
# Metadata services that have no link-local address: those two, Alibaba, AWS, Google.
_METADATA: Final = frozenset({
    *_NEAR,
    ip_address("100.100.100.200"),
    ip_address("fd00:ec2::23"),
    ip_address("fd00:ec2::254"),
    ip_address("fd20:ce::254"),
})  # fmt: skip
# All IPv6 addresses of the public internet are among these. Others may carry an IPv4 address.
_UNICAST: Final = ip_network("2000::/3")
_IPV4_BITS: Final = 0xFFFF_FFFF
Address = IPv4Address | IPv6Address


class Target(NamedTuple):
    """The parts of an http or https URL. `path` includes the query; there is no fragment."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the Host header as a browser writes it."""
        is_usual = _PORTS[self.scheme] == self.port
        return self.host if is_usual else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return the origin as a browser compares it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def is_local(self) -> bool:
        """Report whether the name alone places the host on this machine or a private network."""
        return is_local(self.host)

    @property
    def url(self) -> str:
        """Return the URL that is requested."""
        return f"{self.scheme}://{self.authority}{self.path}"


def read_url(text: str) -> Target:
    """Return the target that a URL names. Raises ProbeError for anything but plain http or https."""
    if not all("!" <= sign <= "~" for sign in text) or len(text) > _MAX_URL or "\\" in text:
        message = _(
            "%(url)s is not a valid URL. Write at most %(most)s ASCII characters without spaces."
        )
        raise ProbeError("url-characters", message % {"url": shown(text), "most": _MAX_URL})
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS:
        message = _("%(url)s: a probe calls only http:// and https:// URLs.") % {"url": shown(text)}
        raise ProbeError("url-scheme", message)
    rest = rest.partition("#")[0]
    end = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    authority, path = rest[:end], rest[end:]
    if "@" in authority:
        message = _("The URL contains a user name. Remove it: a probe sends no credentials.")
        raise ProbeError("url-user-name", message)
    host, port = _split_port(authority)
    problem = check_host(host)
    if problem is not None:
        raise ProbeError(problem.code, describe(problem))
    return Target(scheme, host, _read_port(port, scheme), _without_dots(path))


def resolve(
    target: Target, *, allow_private: bool, allow_metadata: bool = True, seconds: float = 10.0
) -> list[str]:
    """Return the addresses of a target, looked up once.

    Raises ProbeError if one of them is private or a metadata service and that is not allowed, or if
    the look-up takes longer than `seconds`. The error never reveals the address that was found.
    """
    found = list(dict.fromkeys(_look_up(target, seconds)))
    numbers = [ip_address(address) for address in found]
    host = {"host": target.host}
    if not allow_metadata and any(map(is_metadata, numbers)):
        message = _("%(host)s may be a cloud metadata service. A probe does not call it.")
        raise ProbeError("address-metadata", message % host)
    if not allow_private and not all(map(is_public, numbers)):
        raise ProbeError(
            "address-private", _("%(host)s does not resolve to a public address.") % host
        )
    return found[:_MAX_ADDRESSES]


def is_public(address: Address) -> bool:
    """Report whether an address is on the public internet and does not carry another address.

    IPv6 addresses that carry an IPv4 address are outside 2000::/3 (mapped, NAT64), except those of
    6to4, which is obsolete.
    """
    if isinstance(address, IPv6Address) and (address not in _UNICAST or address.sixtofour):
        return False
    is_special = address.is_multicast or address.is_reserved or address in _NEAR
    return address.is_global and not is_special


def is_metadata(address: Address) -> bool:
    """Report whether a cloud's metadata service may be at an address.

    An IPv6 address also counts as the IPv4 address that it carries.
    """
    places = [address]
    if isinstance(address, IPv6Address):
        places.append(address.sixtofour or address)
        if address not in _UNICAST:
            places.append(IPv4Address(int(address) & _IPV4_BITS))
    return any(place.is_link_local or place in _METADATA for place in places)


def _look_up(target: Target, seconds: float) -> Iterable[str]:
    bare = target.host.strip("[]")
    if is_ip(target.host):
        return [bare]
    if is_loopback(target.host):
        return _LOOPBACK  # as in browsers, without a look-up (RFC 6761)
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(bare, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    # The system's resolver takes no time-out. A daemon thread does not keep the process alive.
    threading.Thread(target=ask, daemon=True).start()
    try:
        rows = answers.get(timeout=seconds)
    except Empty:
        facts = {"host": target.host, "seconds": f"{seconds:.3g}"}
        message = _("%(host)s: the look-up took longer than %(seconds)s seconds")
        raise ProbeError("look-up-too-slow", message % facts) from None
    if isinstance(rows, Exception):
        message = _("%(host)s has no address: %(error)s") % {"host": target.host, "error": rows}
        raise ProbeError("look-up-failed", message) from rows
    return [str(row[4][0]).partition("%")[0] for row in rows]


def _without_dots(path: str) -> str:
    """Return path and query as a browser sends them: it resolves the segments `.` and `..` itself.

    https://url.spec.whatwg.org/#path-state
    """
    before, mark, query = path.partition("?")
    segments = before.split("/")[1:] or [""]
    plain = [segment.lower().replace("%2e", ".") for segment in segments]
    kept: list[str] = []
    for segment, dots in zip(segments, plain, strict=True):
        if dots == "..":
            del kept[-1:]
        elif dots != ".":
            kept.append(segment)
    if plain[-1] in {".", ".."}:
        kept.append("")
    return f"/{'/'.join(kept)}{mark}{query}"


def _split_port(authority: str) -> tuple[str, str]:
    host, colon, port = authority.rpartition(":")
    is_inside = authority[:1] == "[" and host[-1:] != "]"  # a colon of an IPv6 address
    return (authority, "") if not colon or is_inside else (host, port)


def _read_port(text: str, scheme: str) -> int:
    if not text:
        return _PORTS[scheme]
    port = int(text) if text.isdigit() and len(text) <= len(str(_MAX_PORT)) else 0
    if not 0 < port <= _MAX_PORT:
        message = _("%(port)s is not a valid port.") % {"port": shown(text)}
        raise ProbeError("port-invalid", message)
    return port
