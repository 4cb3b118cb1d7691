"""Turn the contents of the ring into a batch for the database; examine some refused calls."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from sys import intern
from typing import Final, cast

from corsadmin.engine import Decision, Reason, Snapshot
from corsadmin.engine.hosts import check_host
from corsadmin.sightings.allowed import AllowedCalls
from corsadmin.sightings.batch import HOUR, Caller, Calls, HourlyOutcome, Missed, SightingBatch
from corsadmin.sightings.kinship import Kinship, OnStep
from corsadmin.sightings.lists import Lists, weakest
from corsadmin.sightings.newcomers import all_newcomers, choose_newcomers
from corsadmin.sightings.pacing import evenly_spaced, fair_shares
from corsadmin.sightings.refused import NOT_OF_CALLERS, RefusedCalls
from corsadmin.sightings.ring import MAX_ITEMS, Group, Item, in_groups, read_refused
from corsadmin.sightings.seen_before import SeenBefore
from corsadmin.sightings.tally import Tally

MAX_OUTCOMES: Final = 20_000  # between two flushes: tenants, reasons and hours
MAX_HOSTS: Final = 200  # between two flushes
_ALLOWED: Final = Reason.ALLOWED.value
_STEP: Final = 64  # calls between two chances for other threads to take the interpreter


class Drain:
    """Collects what a process saw since its last flush, and the callers that it keeps longer.

    For one thread at a time. It calls `on_step` often, so that requests can go on.
    """

    def __init__(self, tally: Tally, random: Random | None = None) -> None:
        self.tally: Final = tally
        self.kinship: Final = Kinship()
        self._random = random or Random()  # noqa: S311 (no secret)
        self._now = 0.0
        self._hour = 0
        self._seen_before = SeenBefore()
        self._lists = Lists(self._seen_before)
        self._allowed = AllowedCalls(self.kinship)
        self._batch = SightingBatch()

    def take_in(
        self,
        items: list[Item],
        now: float,
        *,
        max_looks: int,
        snapshot: Snapshot | None = None,
        on_step: OnStep = lambda: None,
    ) -> int:
        """Count the drained items, and empty the list; return how many refused calls were examined.

        `now` is in epoch seconds. At most `max_looks` refused calls are examined. The policies of
        the snapshot say who is kin.
        """
        self._now = now
        self._hour = int(now // HOUR)
        self.tally.recorded += len(items)
        if len(items) >= MAX_ITEMS:
            self.tally.ring_full += 1
            self._batch.ring_full[self._hour] = self._batch.ring_full.get(self._hour, 0) + 1
        self._allowed.begin(self._hour)
        texts = [one for one in items if type(one) is str]  # costs less than isinstance()
        if len(texts) < len(items):
            self._count_decisions([one for one in items if isinstance(one, Decision)])
            on_step()
        items.clear()
        groups = in_groups(texts)
        texts.clear()  # so that each tenant's are freed once they are examined
        on_step()
        refused = self._count_texts(groups, snapshot)
        if refused and snapshot is not None:
            self.kinship.follow(snapshot, refused.keys(), on_step)
        return self._look(refused, max_looks, on_step)

    def take(self, *, everything: bool = False) -> SightingBatch:
        """Return what was seen since the last call, and start over.

        Of the callers that the database does not have yet, it includes only some, unless
        `everything` is set; the others wait.
        """
        batch, self._batch = self._batch, SightingBatch()
        choose = all_newcomers if everything else partial(choose_newcomers, random=self._random)
        for lane, caller in choose(self._lists):
            self._lists.places(lane)[caller].is_written = True
        for lane, places in self._lists.items():
            for caller, listed in places.items():
                if listed.is_written and listed.is_waiting:
                    batch.callers[cast("Caller", caller)] = listed.take(
                        lane
                    )  # lists hold no others
        self._lists.flushed()
        self._allowed.flushed()
        return batch

    def _count_decisions(self, decisions: Sequence[Decision]) -> None:
        distinct = Counter(decisions)  # many calls share a decision
        self._allowed.count_decisions(self._batch, distinct, self._now)
        totals: dict[str, int] = {}
        for (_reason, tenant, *_), count in distinct.items():
            totals[tenant] = totals.get(tenant, 0) + count
        for tenant, count in totals.items():
            self._count(tenant, _ALLOWED, count)

    def _count_texts(self, groups: list[Group], snapshot: Snapshot | None) -> dict[str, list[str]]:
        """Count the calls that left a text; return the texts of refused ones by tenant.

        Empties the list.
        """
        refused: dict[str, list[str]] = {}
        while groups:
            group = groups.pop()
            tenant, reason = group.tenant, group.reason
            self._count(tenant, reason, group.calls, is_preflight=group.is_preflight)
            if reason == _ALLOWED:
                self._allowed.count_texts(self._batch, group, self._now)
            elif reason == Reason.NO_TENANT:
                self._count_hosts(Counter(group.texts), snapshot)
            elif reason not in NOT_OF_CALLERS:
                self._miss(tenant, not_looked_at=group.nameless)
                found = refused.setdefault(tenant, group.texts)
                if found is not group.texts:
                    found += group.texts
        return refused

    def _look(self, refused: dict[str, list[str]], max_looks: int, on_step: OnStep) -> int:
        """Examine at most `max_looks` of the refused calls, shared fairly between tenants.

        Takes the texts out of `refused`.
        """
        wanted = {tenant: len(texts) for tenant, texts in refused.items()}
        looks = 0
        for place, (tenant, share) in enumerate(
            fair_shares(wanted, max_looks, self._random).items()
        ):
            texts = refused.pop(tenant)
            # Of a thousand tenants with a call each, most get no look.
            turned_away = (
                self._examine(tenant, evenly_spaced(texts, share), on_step) if share else 0
            )
            looks += share
            self._miss(tenant, not_looked_at=wanted[tenant] - share, turned_away=turned_away)
            self.tally.turned_away += turned_away
            if not place % _STEP:
                on_step()
        self.tally.looked_at += looks
        return looks

    def _examine(self, tenant: str, texts: Sequence[str], on_step: OnStep) -> int:
        """Examine these calls to a tenant; return for how many there was no room."""
        turned_away = 0
        calls = RefusedCalls(self._lists, self.kinship, tenant)
        for place, (text, count) in enumerate(Counter(texts).items(), start=1):
            turned_away += calls.look(text, count, self._now)
            if not place % _STEP:
                on_step()
        return turned_away

    def _count(self, tenant: str, outcome: str, count: int, *, is_preflight: bool = False) -> None:
        key = HourlyOutcome(intern(tenant), intern(outcome), self._hour)
        calls = self._batch.traffic.get(key)
        if calls is None:
            if len(self._batch.traffic) >= MAX_OUTCOMES:
                return
            calls = self._batch.traffic[key] = Calls()
        calls.add(count, is_preflight=is_preflight)

    def _miss(self, tenant: str, *, not_looked_at: int = 0, turned_away: int = 0) -> None:
        if not_looked_at or turned_away:
            missed = self._batch.missed.setdefault((intern(tenant), self._hour), Missed())
            missed.not_looked_at += not_looked_at
            missed.turned_away += turned_away

    def _count_hosts(self, texts: Mapping[str, int], snapshot: Snapshot | None) -> None:
        """Count calls to hosts that no tenant has: a failed resolver names no tenant either."""
        found = self._batch.hosts
        for text, count in texts.items():
            *_, host = read_refused(text)
            is_owned = snapshot is not None and snapshot.index.hosts.get(host) is not None
            if not is_owned and (host in found or self._lets_in(host)):
                found[host] = found.get(host, 0) + count

    def _lets_in(self, host: str) -> bool:
        """Report whether a host without a tenant may be kept, perhaps in place of a weaker one."""
        if check_host(host) is not None:
            return False
        found = self._batch.hosts
        is_known = self._seen_before.knows(hash(host))
        if len(found) < MAX_HOSTS:
            return True
        if is_known:
            del found[weakest(found, found.__getitem__)]
        return is_known
