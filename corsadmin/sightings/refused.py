"""Examine some of the refused calls: who called, and for what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_origin
from corsadmin.sightings.claims import asked_headers, asked_method, kept_origin
from corsadmin.sightings.kinship import Kinship
from corsadmin.sightings.lists import Lane, Lists
from corsadmin.sightings.pacing import evenly_spaced
from corsadmin.sightings.ring import Head, read_claims, read_refused

# Reasons that say nothing about a caller: no policies, or no tenant for the host.
NOT_OF_CALLERS: Final = frozenset({Reason.NO_TENANT, Reason.NOT_READY, Reason.TOO_STALE})


@dataclass(slots=True)
class Refusals:
    """The refused calls of a tenant that were drained together, by the head of their texts."""

    groups: list[tuple[Head, Sequence[str]]] = field(default_factory=list)
    count: int = 0

    def add(self, head: Head, rests: Sequence[str]) -> None:
        """Add calls, in the order they came in."""
        self.groups.append((head, rests))
        self.count += len(rests)

    def evenly(self, wanted: int) -> Iterator[tuple[Head, str]]:
        """Yield `wanted` calls, evenly spaced."""
        groups = iter(self.groups)
        head, rests = next(groups)
        first = 0
        for place in evenly_spaced(self.count, wanted):
            while place - first >= len(rests):
                first += len(rests)
                head, rests = next(groups)
            yield head, rests[place - first]


class RefusedCalls:
    """Examines the refused calls of a tenant, and keeps the callers in its lists."""

    def __init__(self, lists: Lists, kinship: Kinship, tenant: str) -> None:
        self._lists = lists
        self._tenant = tenant
        self._is_kin = kinship.of_tenant(tenant)
        self._kin, self._strangers = Lane(tenant, is_kin=True), Lane(tenant, is_kin=False)

    def look(self, head: Head, rest: str, now: float) -> bool:
        """Examine one call; report whether there was room for its caller."""
        rule, said = read_refused(rest)
        is_preflight = head.is_preflight
        origin, method, names = read_claims(said, is_preflight=is_preflight)
        parts = parse_origin(origin)
        lane = self._strangers
        if parts is None:
            origin = ""
        else:
            if self._is_kin(parts):
                lane = self._kin
            origin = kept_origin(origin, parts, head.reason)
        listed = self._lists.find(lane, (self._tenant, rule, origin, head.reason))
        if listed is None:
            return False
        listed.see(now, is_preflight=is_preflight)
        if is_preflight:
            self._lists.ask(listed, asked_method(method), asked_headers(names))
        return True
