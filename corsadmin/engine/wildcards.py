"""Find the wildcard patterns that could cover an origin, and those of a tenant that do.

The cost of a request is bounded: a host below another parent costs nothing, and a host below a
parent with label wildcards costs one look-up for each pair of lengths before and after their stars.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from corsadmin.engine.hosts import is_ip
from corsadmin.engine.schemes import is_application

MAX_LABEL_LENGTHS: Final = 64  # distinct pairs of a tenant

# The number of characters before the star of a label wildcard, and after it.
Lengths = tuple[int, int]


class Wildcards:
    """The wildcard patterns of one tenant, looked up by origin. Immutable.

    If the label wildcards have more than MAX_LABEL_LENGTHS distinct pairs of lengths, those with
    the longest are left out and let in nothing.
    """

    __slots__ = ("_bases", "_lengths")

    def __init__(self, patterns: Iterable[str]) -> None:
        """Take the texts of valid patterns; ignore those without a wildcard."""
        texts = [text for text in patterns if "*" in text]
        self._bases: Final = frozenset(map(wildcard_base, texts))
        found = {text: lengths for text in texts if (lengths := label_lengths(text))}
        kept = kept_lengths(found.values())
        below: dict[str, set[Lengths]] = {}
        for text, lengths in found.items():
            if lengths in kept:
                parent = wildcard_base(text).partition(".")[2]
                below.setdefault(parent, set()).add(lengths)
        shared: dict[tuple[Lengths, ...], tuple[Lengths, ...]] = {}
        self._lengths: Final[Mapping[str, tuple[Lengths, ...]]] = {
            parent: shared.setdefault(pairs, pairs)
            for parent, pairs in (
                (parent, _longest_first(pairs)) for parent, pairs in below.items()
            )
        }

    def candidates(self, scheme: str, host: str, port: str) -> Iterator[str]:
        """Yield every pattern that covers a parsed origin and may be among these."""
        bases = self._bases
        if is_application(scheme):
            if "" in bases and not port:
                yield f"{scheme}://*"
            return
        if host in bases:
            yield f"{scheme}://{host}:*"
        first, _, parent = host.partition(".")
        for before, after in self._lengths.get(parent, ()):
            end = len(first) - after
            if before < end and (base := f"{first[:before]}*{host[end:]}") in bases:
                yield from _with_ports(scheme, base, port)
        for base in _dotted_ends(host):
            if base in bases and not is_ip(host):
                yield from _with_ports(scheme, f"*{base}", port)


def candidates(scheme: str, host: str, port: str) -> Iterator[str]:
    """Yield every pattern, other than the origin itself, that could cover a parsed origin.

    A long first label has thousands. If a tenant has Wildcards, use them instead.
    """
    if is_application(scheme):
        if not port:
            yield f"{scheme}://*"
        return
    yield f"{scheme}://{host}:*"
    if is_ip(host):
        return
    first, dot, parent = host.partition(".")
    for size in range(len(first) - 1, 0, -1) if dot else ():
        for before in range(size, -1, -1):
            after = first[len(first) - (size - before) :]
            yield from _with_ports(scheme, f"{first[:before]}*{after}.{parent}", port)
    for end in _dotted_ends(host):
        yield from _with_ports(scheme, f"*{end}", port)


def wildcard_base(pattern: str) -> str:
    """Return the host part of a wildcard pattern.

    That is `.example.org` for `https://*.example.org:8443`, `localhost` for `http://localhost:*`,
    `pr-*.example.org` for a label wildcard, and blank for any host of an application.
    """
    authority = pattern.partition("://")[2]
    if authority.startswith("*.") or authority == "*":
        authority = authority[1:]
    host, colon, _port = authority.rpartition(":")
    return host if colon and not authority.endswith("]") else authority


def label_lengths(pattern: str) -> Lengths | None:
    """Return the lengths beside the star of a label wildcard, None for every other pattern."""
    first, dot, _ = pattern.partition("://")[2].partition(".")
    before, star, after = first.partition("*")
    return (len(before), len(after)) if star and dot and (before or after) else None


def kept_lengths(found: Iterable[Lengths]) -> frozenset[Lengths]:
    """Return the pairs of lengths of one tenant that are looked up, the same in every process."""
    in_order = sorted(set(found), key=lambda lengths: (sum(lengths), lengths))
    return frozenset(in_order[:MAX_LABEL_LENGTHS])


class LabelLengths:
    """Counts the pairs of lengths of one tenant as patterns are added."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        """Begin with the tenant's patterns; they are read when the first new pattern counts."""
        self._patterns: Iterable[str] | None = patterns
        self._held: set[Lengths] = set()

    def take(self, pattern: str) -> bool:
        """Report whether the tenant may have one more pattern, and count it if so."""
        lengths = label_lengths(pattern)
        if lengths is None:
            return True
        if self._patterns is not None:
            self._held.update(filter(None, map(label_lengths, self._patterns)))
            self._patterns = None
        if lengths not in self._held and len(self._held) >= MAX_LABEL_LENGTHS:
            return False
        self._held.add(lengths)
        return True


def _dotted_ends(host: str) -> Iterator[str]:
    """Yield what begins at each dot of a host, the longest first."""
    place = host.find(".")
    while place != -1:
        yield host[place:]
        place = host.find(".", place + 1)


def _longest_first(pairs: Iterable[Lengths]) -> tuple[Lengths, ...]:
    return tuple(sorted(pairs, key=lambda lengths: (sum(lengths), lengths), reverse=True))


def _with_ports(scheme: str, host: str, port: str) -> Iterator[str]:
    yield f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    yield f"{scheme}://{host}:*"
