"""Examine some of the refused calls: who called, and for what."""

from typing import Final

from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_origin
from corsadmin.sightings.claims import asked_headers, asked_method, kept_origin
from corsadmin.sightings.kinship import Kinship
from corsadmin.sightings.lists import Lane, Lists
from corsadmin.sightings.ring import read_claims, read_refused

# Reasons that say nothing about a caller: no policies, or no tenant for the host.
NOT_OF_CALLERS: Final = frozenset({Reason.NO_TENANT, Reason.NOT_READY, Reason.TOO_STALE})


class RefusedCalls:
    """Examines the refused calls of a tenant, and keeps the callers in its lists."""

    def __init__(self, lists: Lists, kinship: Kinship, tenant: str) -> None:
        self._lists = lists
        self._tenant = tenant
        self._is_kin = kinship.of_tenant(tenant)
        self._kin, self._strangers = Lane(tenant, is_kin=True), Lane(tenant, is_kin=False)

    def look(self, text: str, count: int, now: float) -> int:
        """Examine the text that `count` calls left; return for how many there was no room.

        A caller that finds its list full may enter with its second call.
        """
        reason, is_preflight, rule, said = read_refused(text)
        origin, method, names = read_claims(said, is_preflight=is_preflight)
        parts = parse_origin(origin)
        lane = self._strangers
        if parts is None:
            origin = ""
        else:
            if self._is_kin(parts):
                lane = self._kin
            origin = kept_origin(origin, parts, reason)
        caller = self._tenant, rule, origin, reason
        turned_away = 0
        while (listed := self._lists.find(lane, caller)) is None:
            turned_away += 1
            if turned_away == count:
                return count
        listed.see(now, count - turned_away, is_preflight=is_preflight)
        if is_preflight:
            self._lists.ask(listed, asked_method(method), asked_headers(names))
        return turned_away
