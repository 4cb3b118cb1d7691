"""Turn the contents of the ring into a batch for the database; examine some refused calls."""

from collections import Counter
from collections.abc import Sequence
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
from corsadmin.sightings.pacing import fair_shares
from corsadmin.sightings.refused import NOT_OF_CALLERS, Refusals, RefusedCalls
from corsadmin.sightings.ring import MAX_ITEMS, Head, Item, by_head, read_refused
from corsadmin.sightings.seen_before import SeenBefore
from corsadmin.sightings.tally import Tally

MAX_OUTCOMES: Final = 20_000  # between two flushes: tenants, reasons and hours
MAX_HOSTS: Final = 200  # between two flushes
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
        groups = by_head(texts)
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
        self._allowed.count_decisions(self._batch, decisions, self._now)
        for tenant, count in Counter([one.tenant for one in decisions]).items():
            self._count(tenant, Reason.ALLOWED.value, count)

    def _count_texts(
        self, texts: dict[Head, list[str]], snapshot: Snapshot | None
    ) -> dict[str, Refusals]:
        """Count the calls that left a text; return the refused ones by tenant."""
        refused: dict[str, Refusals] = {}
        for head, rests in texts.items():
            tenant, reason, is_preflight = head
            self._count(tenant, reason, len(rests), is_preflight=is_preflight)
            if reason == Reason.ALLOWED:
                self._allowed.count_texts(self._batch, head, rests, self._now)
            elif reason == Reason.NO_TENANT:
                self._count_hosts([read_refused(rest)[1] for rest in rests], snapshot)
            elif reason not in NOT_OF_CALLERS:
                # The rest of a text that was too long names nobody.
                named = list(filter(None, rests))
                self._miss(tenant, not_looked_at=len(rests) - len(named))
                refused.setdefault(tenant, Refusals()).add(head, named)
        return refused

    def _look(self, refused: dict[str, Refusals], max_looks: int, on_step: OnStep) -> int:
        """Examine at most `max_looks` of the refused calls, shared fairly between tenants."""
        wanted = {tenant: calls.count for tenant, calls in refused.items()}
        looks = 0
        for tenant, share in fair_shares(wanted, max_looks, self._random).items():
            turned_away = 0
            calls = RefusedCalls(self._lists, self.kinship, tenant)
            for head, rest in refused[tenant].evenly(share):
                turned_away += not calls.look(head, rest, self._now)
                looks += 1
                if not looks % _STEP:
                    on_step()
            self._miss(tenant, not_looked_at=wanted[tenant] - share, turned_away=turned_away)
            self.tally.turned_away += turned_away
        self.tally.looked_at += looks
        return looks

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

    def _count_hosts(self, hosts: Sequence[str], snapshot: Snapshot | None) -> None:
        """Count calls to hosts that no tenant has: a failed resolver names no tenant either."""
        found = self._batch.hosts
        for host, count in Counter(hosts).items():
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
