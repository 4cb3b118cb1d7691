"""Find the consequences of a change: whom it locks out, lets in, and affects."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from corsadmin.models import Tenant, TenantHost
from corsadmin.proposed_change.change import KINDS, ProposedChange
from corsadmin.proposed_change.losses import (
    LAST,
    OPENED,
    OWN,
    Loss,
    emptied_tenants,
    guarded_heirs,
    guarding_tenants,
    listing_heirs,
    listing_tenants,
    patterns_covering,
    refusing_tenants,
    unguarded_tenants,
)
from corsadmin.proposed_change.seen_impact import NO_IMPACT, ChangeImpact, find_impact
from corsadmin.proposed_change.state import PolicyState, states
from corsadmin.proposed_change.touched import Pair, Touched, key_batches, read_touched
from corsadmin.proposed_change.widening import (
    Widening,
    WideningSearch,
    opening_heirs,
    touched_pairs,
)

MAX_PAIRS: Final = 500  # pairs whose tenants are read at once


class Consequences(NamedTuple):
    """What tenants lose by a change, where it allows strangers more, what it breaks or opens.

    The impact is about callers who were seen in the last days.
    """

    losses: list[Loss]
    widenings: list[Widening]
    impact: ChangeImpact = NO_IMPACT


def find_consequences(change: ProposedChange, page: str | None) -> Consequences:
    """Return the consequences of a change that is made on a page of this origin.

    A change that is not made on a page, `page` None, has no losses. Each tenant is read once, for
    losses and widenings, and once more if it was seen.
    """
    if not change.touches(*KINDS):
        return Consequences([], [])
    patterns = None if page is None else patterns_covering(page)
    touched = read_touched(change, patterns)
    found = _find(change, touched, page, patterns)
    return found._replace(impact=find_impact(change, touched))


def _find(
    change: ProposedChange, touched: Touched, page: str | None, patterns: Collection[str] | None
) -> Consequences:
    """Return the losses and widenings."""
    search = _ConsequenceSearch(change, page or "", patterns or [])
    listing = [] if patterns is None else listing_tenants(touched)
    guarding = set() if patterns is None else guarding_tenants(change, touched)
    search.run(
        touched.known, listing, touched_pairs(change, touched) | {(key, key) for key in guarding}
    )
    known = dict(touched.known)
    opening = {row.pk: row for row in opening_heirs(change, touched) if row.pk not in touched.keys}
    if patterns is not None and touched.platform not in search.unguarded:
        opening |= {row.pk: row for row in guarded_heirs(change, touched)}
    may_lose: dict[int, Tenant] = {}
    if (
        patterns is not None
        and touched.touches_platform
        and touched.platform not in search.refusing
    ):
        may_lose = {row.pk: row for row in listing_heirs(touched, patterns)}
    known |= opening | may_lose
    search.run(known, may_lose, {(key, key) for key in opening})
    losses = [] if patterns is None else [(key, LAST) for key in emptied_tenants(change, touched)]
    if patterns is not None:
        losses += [(key, OPENED) for key in search.unguarded]
    losses += [(key, OWN) for key in search.refusing]
    return Consequences(
        sorted(
            (Loss(key, known[key].slug, sentence) for key, sentence in losses),
            key=lambda loss: (loss.sentence is OWN, loss.slug),
        ),
        search.widening.found,
    )


def read_pairs(
    change: ProposedChange,
    known: Mapping[int, Tenant],
    pairs: Collection[Pair],
    keys: Collection[int] = (),
    patterns: Collection[str] = (),
) -> Iterator[tuple[PolicyState, PolicyState, Collection[int], list[Pair]]]:
    """Yield the states before and after a change, in batches, with what to compare in them.

    Each batch includes the platform. The tenants with the `keys`, which may take a host from any
    other, come in the first batch, with their entries that have one of the patterns.
    """
    takers = {host.tenant_id for host in change.upserts_of(TenantHost)} if keys else set()
    for some in key_batches(pairs, MAX_PAIRS):
        if some or keys:
            named = {*keys, *takers, *chain.from_iterable(some)}
            read = [row for row in known.values() if row.pk in named or row.is_platform]
            yield *states(change, read, patterns if keys else ()), keys, some
        keys = ()


class _ConsequenceSearch:
    """Finds who refuses the page after a change, and what the change widens."""

    def __init__(self, change: ProposedChange, page: str, patterns: Collection[str]) -> None:
        self._change, self._page, self._patterns = change, page, patterns
        self.refusing: set[int] = set()
        self.unguarded: set[int] = set()
        self.widening = WideningSearch()

    def run(
        self, known: Mapping[int, Tenant], keys: Collection[int], pairs: Collection[Pair]
    ) -> None:
        """Compare what tenants with these keys allow the page, and what pairs allow strangers."""
        for before, after, asked, some in read_pairs(
            self._change, known, pairs, keys, self._patterns
        ):
            self.refusing |= refusing_tenants(before, after, asked, self._page)
            self.unguarded |= unguarded_tenants(before, after, [new for _old, new in some])
            self.widening.compare(before, after, some)
