"""The registrable domains of tenants: a caller from one of them is kin, others are strangers.

They are looked up in the snapshot, never in the database, and only for tenants with calls to
examine.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from time import monotonic
from typing import Final

from corsadmin.engine import PLATFORM, Snapshot, packing
from corsadmin.engine.origins import Parts, domain_of, parse_origin, parse_pattern
from corsadmin.engine.packing import (
    ALLOWANCES,
    LITERALS,
    RULES_BLOB,
    SLUG,
    Packed,
)
from corsadmin.sightings.claims import WEB_SCHEMES

MAX_TENANTS: Final = 1_000
MAX_DOMAINS: Final = 4_000  # of all tenants together
# A look-up reads every tenant, so it may take at most 1/REST_FACTOR of the time.
REST_FACTOR: Final = 500

OnStep = Callable[[], None]  # called often, so that concurrent requests can go on
Domains = frozenset[str]
_NO_DOMAINS: Final[Domains] = frozenset()
_UNKNOWN: Final[tuple[Packed | None, Domains]] = (None, _NO_DOMAINS)


class Kinship:
    """The domains of recently called tenants. Bounded: when it is full, it is emptied."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[Packed | None, Domains]] = {}
        self._size = 0
        self._followed: tuple[int, int, int] | None = None
        self._not_before = 0.0

    def follow(self, snapshot: Snapshot, slugs: Collection[str], on_step: OnStep) -> None:
        """Look up these tenants, and all known ones again if the policies have changed.

        Finding tenants by slug may scan all of them, so after a slow look-up this waits a while:
        until then a new tenant has no kin, and the others keep the kin that they had.
        """
        version = snapshot.generation, snapshot.rebuild, snapshot.mark
        is_same = version == self._followed
        wanted = {slug for slug in (*slugs, PLATFORM) if not is_same or slug not in self._known}
        if not wanted or self._clock() < self._not_before:
            return
        started = self._clock()
        self._followed = version
        if not is_same:
            wanted.update(self._known)
        found = dict.fromkeys(wanted)
        found.update((packed[SLUG], packed) for packed in _find(snapshot, wanted, on_step))
        for slug, packed in found.items():
            self._learn(slug, packed, on_step)
        spent = self._clock() - started
        self._not_before = self._clock() + REST_FACTOR * spent

    def of_tenant(self, slug: str) -> Callable[[Parts], bool]:
        """Return a function that reports whether an origin is kin of the tenant.

        Kin share the registrable domain of a host or an entry that the tenant has or inherits.
        """
        packed, domains = self._known.get(slug, _UNKNOWN)
        inherited = _NO_DOMAINS
        if packed is not None and packing.inherits(packed[RULES_BLOB]):
            _, inherited = self._known.get(PLATFORM, _UNKNOWN)
        if not (domains or inherited):
            return _is_stranger
        return partial(_is_among, domains, inherited)

    def _learn(self, slug: str, packed: Packed | None, on_step: OnStep) -> None:
        before = self._known.pop(slug, None)
        if before is not None:
            self._size -= len(before[1])
        if before is not None and before[0] is packed:
            domains = before[1]
        else:
            domains = _NO_DOMAINS if packed is None else _domains(packed, on_step)
        if len(self._known) >= MAX_TENANTS or self._size + len(domains) > MAX_DOMAINS:
            self._known = {}
            self._size = 0
        self._known[slug] = packed, domains
        self._size += len(domains)


def _find(snapshot: Snapshot, wanted: Collection[str], on_step: OnStep) -> Iterator[Packed]:
    index = snapshot.index
    if index.finds_slugs:
        yield from filter(None, map(index.slugs.get, wanted))
        return
    for part in index.records.parts:
        yield from [packed for packed in part.values() if packed[SLUG] in wanted]
        on_step()


def _domains(packed: Packed, on_step: OnStep) -> Domains:
    """Return the domains of a tenant's hosts and entries, at most MAX_DOMAINS."""
    found: set[str] = set()
    for scheme, host in _owned(packed):
        found.add(domain_of(scheme, host))
        on_step()
        if len(found) >= MAX_DOMAINS:
            break
    return frozenset(found)


def _owned(packed: Packed) -> Iterator[tuple[str, str]]:
    hosts = [f"https://{host}" for host in packing.hosts_of(packed)]
    # Raw SQL may have written anything; what does not parse is ignored.
    for parts in map(parse_origin, (*hosts, *packing.unpack_literals(packed[LITERALS]))):
        if parts is not None:
            yield parts[:2]
    for text in packing.unpack_allowances(packed[ALLOWANCES]):
        pattern = parse_pattern(text)
        yield pattern.scheme, pattern.host


def _is_stranger(_parts: Parts) -> bool:
    return False


def _is_among(domains: Domains, inherited: Domains, parts: Parts) -> bool:
    scheme, host, _port = parts
    if scheme in WEB_SCHEMES and host[-1].isalpha():
        # Most callers are strangers, and checking each parent of the host first costs less than the
        # list of public suffixes. A parent alone is not proof: there may be a public suffix between
        # parent and host.
        parent = host
        while parent not in domains and parent not in inherited:
            _, dot, parent = parent.partition(".")
            if not dot:
                return False
    found = {domain_of(scheme, host), f"{scheme}://*"}
    return not (found.isdisjoint(domains) and found.isdisjoint(inherited))
