"""Which address a probe may connect to: read once, checked, and never looked up again.

Whoever runs a probe on a server could otherwise make that server ask its own network: databases,
metadata services, other people's admin pages.
"""

import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple

from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.engine.hosts import check_host, is_ip, is_loopback
from corsadmin.messages import describe, shown

_PORTS: Final = {"http": 80, "https": 443}
_MAX_URL: Final = 2048
_MAX_PORT: Final = 65535
_MAX_ADDRESSES: Final = 4  # to try one after the other
_LOOPBACK: Final = ("127.0.0.1", "::1")
# Addresses that look public and belong to the machine's own surroundings all the same.
_NEAR: Final = frozenset({ip_address("168.63.129.16")})  # Azure's metadata and DNS
# Metadata services of clouds that are not at a link-local address: Azure, AWS, Alibaba.
_METADATA: Final = _NEAR | {ip_address("fd00:ec2::254"), ip_address("100.100.100.200")}
Address = IPv4Address | IPv6Address


class Target(NamedTuple):
    """What is asked: `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the Host header, as a browser writes it."""
        is_usual = _PORTS[self.scheme] == self.port
        return self.host if is_usual else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return the origin, as a browser compares it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def is_local(self) -> bool:
        """Report whether the host is on this machine or a private network by its name alone."""
        if is_loopback(self.host) or self.host.endswith(".local"):
            return True
        return is_ip(self.host) and not is_public(ip_address(self.host.strip("[]")))

    @property
    def url(self) -> str:
        """Return the address as it is asked for, without fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def read_url(text: str) -> Target:
    """Return the target a URL names; raise ProbeError for what is not plainly http or https."""
    if not all("!" <= sign <= "~" for sign in text) or len(text) > _MAX_URL or "\\" in text:
        message = f"{shown(text)}: write a URL of at most {_MAX_URL} ASCII characters, no spaces."
        raise ProbeError("url-characters", message)
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS:
        message = f"{shown(text)}: only http:// and https:// can be asked."
        raise ProbeError("url-scheme", message)
    rest = rest.partition("#")[0]
    end = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    authority, path = rest[:end], rest[end:]
    if "@" in authority:
        message = "The URL has a user name: a probe sends no credentials."
        raise ProbeError("url-user-name", message)
    host, port = _split_port(authority)
    problem = check_host(host)
    if problem is not None:
        raise ProbeError(problem.code, describe(problem))
    return Target(scheme, host, _read_port(port, scheme), _without_dots(path))


def resolve(
    target: Target, *, allow_private: bool, seconds: float = 10.0, is_redirect: bool = False
) -> list[str]:
    """Return the addresses of a target, looked up once.

    Raises ProbeError where one is private, or when the look-up takes longer than `seconds`. A
    redirect may lead to a private address where that is allowed, but never to a metadata service.
    """
    found = list(dict.fromkeys(_look_up(target, seconds)))
    for address in found if is_redirect else ():
        if is_metadata(ip_address(address)):
            message = (
                f"The answer redirects to {target.host} at {address}, which may be a metadata "
                "service. A probe does not follow it."
            )
            raise ProbeError("address-metadata", message)
    if not allow_private:
        for address in found:
            if not is_public(ip_address(address)):
                message = (
                    f"{target.host} is at {address}, which is not a public address. "
                    "Add --allow-private if that is meant."
                )
                raise ProbeError("address-private", message)
    return found[:_MAX_ADDRESSES]


def is_public(address: Address) -> bool:
    """Report whether an address is on the public internet and nothing but itself.

    Reserved are, among others, the IPv6 addresses that carry an IPv4 address (mapped, NAT64);
    the one kind that is not, 6to4, is out of use.
    """
    is_carrier = isinstance(address, IPv6Address) and address.sixtofour is not None
    is_special = address.is_multicast or address.is_reserved or address in _NEAR
    return address.is_global and not is_special and not is_carrier


def is_metadata(address: Address) -> bool:
    """Report whether a cloud may answer at an address with what it knows of the machine."""
    plain = (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
    return plain.is_link_local or plain in _METADATA


def _look_up(target: Target, seconds: float) -> Iterable[str]:
    bare = target.host.strip("[]")
    if is_ip(target.host):
        return [bare]
    if is_loopback(target.host):
        return _LOOPBACK  # as browsers do, without asking anybody (RFC 6761)
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(bare, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    # The system's resolver takes no time-out. A daemon does not keep the process from ending.
    threading.Thread(target=ask, daemon=True).start()
    try:
        rows = answers.get(timeout=seconds)
    except Empty:
        message = (
            f"{target.host} was not looked up in time: it took longer than {seconds:.3g} seconds"
        )
        raise ProbeError("look-up-too-slow", message) from None
    if isinstance(rows, Exception):
        message = f"{target.host} has no address: {rows}"
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
        message = f"{shown(text)} is not a valid port."
        raise ProbeError("port-invalid", message)
    return port
