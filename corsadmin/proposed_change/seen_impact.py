"""Compare a change with the callers of the last days: what it would break and open.

Each tenant is compared with itself, with rows that are read as for the other consequences, and with
every entry that could cover what was seen.
"""

from collections.abc import Collection, Iterator, Mapping
from time import time
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet

from corsadmin.engine import TenantPolicy
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.proposed_change.change import ProposedChange, stored
from corsadmin.proposed_change.state import PolicyState, states
from corsadmin.proposed_change.touched import Touched
from corsadmin.proposed_change.widening import heirs
from corsadmin.sightings.comparing import compare_seen
from corsadmin.sightings.impacts import Depends, Impact, any_of
from corsadmin.sightings.recent_rows import busy_tenants, read_recently
from corsadmin.sightings.recently import Recently
from corsadmin.tenants import reach

MAX_TENANTS: Final = 100  # tenants in which one change is compared


class TenantImpact(NamedTuple):
    """The impact of a change on what was seen of one tenant."""

    tenant: int
    slug: str
    impact: Impact


class ChangeImpact(NamedTuple):
    """The impact of a change on each tenant, sorted by slug.

    `is_shared` says that it changes what all tenants inherit; `is_cut`, that more tenants were seen
    than were compared.
    """

    tenants: tuple[TenantImpact, ...] = ()
    is_shared: bool = False
    is_cut: bool = False


NO_IMPACT: Final = ChangeImpact()


def find_impact(change: ProposedChange, touched: Touched) -> ChangeImpact:
    """Return the impact of a change on what was seen of the tenants that it touches."""
    known = dict(touched.known)
    keys = set(touched.keys)
    if touched.touches_platform:
        others = heirs().exclude(pk__in=keys)
        busy = busy_tenants(others, MAX_TENANTS + 1)
        known |= {row.pk: row for row in others.filter(pk__in=busy)} if busy else {}
        keys |= known.keys() & {*busy}
    # The platform itself comes first: what it loses, all tenants lose.
    compared = sorted(keys, key=lambda key: (key != touched.platform, key))[:MAX_TENANTS]
    entries = _entries(change, compared, touched)
    seen = read_recently(compared, entries, entries.db)
    if not seen:
        return NO_IMPACT
    found = _compare(change, {key: known[key] for key in compared}, touched, seen)
    return ChangeImpact(
        tuple(sorted(found, key=lambda one: one.slug)),
        touched.touches_platform,
        len(keys) > MAX_TENANTS,
    )


def _entries(change: ProposedChange, keys: Collection[int], touched: Touched) -> QuerySet[Origin]:
    """Return the stored entries whose use a change may end.

    Any of the entries with the same pattern may have been used, including the platform's.
    """
    owners = {*keys} if touched.platform is None else {*keys, touched.platform}
    rows = stored(Origin).filter(tenant__in=owners)
    if change.touches(Tenant, TenantHost, PathRule):
        return rows
    changed = Q(pk__in=[row.pk for row in change.upserts_of(Origin) if row.pk])
    if Origin in change.deletes:
        changed |= Q(pk__in=change.deletes[Origin].order_by().values("pk"))
    return rows.filter(pattern__in=stored(Origin).filter(changed).values("pattern"))


def _compare(
    change: ProposedChange,
    tenants: Mapping[int, Tenant],
    touched: Touched,
    seen: Mapping[int, Recently],
) -> Iterator[TenantImpact]:
    held = {key: _with_shared(row, touched, seen) for key, row in tenants.items() if key in seen}
    patterns = set[str]().union(*(one.origins for one in held.values()))
    read = {row.pk: row for row in touched.known.values() if row.is_platform}
    # A tenant that was not seen may get the host of one that was.
    read |= tenants
    before, after = states(change, read.values(), patterns, with_wildcards=True)
    now = time()
    for key, what in held.items():
        was, within = before.policy(key), reach(tenants[key].slug)
        found = [
            compare_seen(was, becomes, what, now, within=within)
            for becomes in _policies_after(before, after, key)
        ]
        impact = any_of(found, Depends.HOST)
        if not impact.is_empty:
            yield TenantImpact(key, tenants[key].slug, impact)


def _with_shared(tenant: Tenant, touched: Touched, seen: Mapping[int, Recently]) -> Recently:
    """Return what was seen of a tenant, with the use of the entries that it inherits.

    If the platform itself is touched, its own comparison covers their use.
    """
    own = seen[tenant.pk]
    platform = seen.get(touched.platform or 0)
    if platform is None or touched.touches_platform or not tenant.inherits_platform:
        return own
    return own.sharing(platform)


def _policies_after(before: PolicyState, after: PolicyState, key: int) -> list[TenantPolicy | None]:
    """Return the policies that a tenant's callers may meet after a change."""
    state = before if key in before.tenants else after
    if key not in state.tenants:
        return []
    owners = {after.owner(entrance) for entrance in state.entrances(key)}
    return [None if slug is None else after.snapshot.policy(slug) for slug in owners]
