"""Find what an emergency would stop of the last days' calls, or what lifting it would restore."""

from collections.abc import Iterator, Mapping
from time import time

from corsadmin.engine import PLATFORM
from corsadmin.engine.emergencies import Stop, StopLevel
from corsadmin.models import Origin, Tenant
from corsadmin.proposed_change.change import ProposedChange, stored
from corsadmin.proposed_change.seen_impact import MAX_TENANTS, ChangeImpact, TenantImpact
from corsadmin.proposed_change.state import states
from corsadmin.sightings.comparing import compare_seen
from corsadmin.sightings.recent_rows import busy_tenants, read_recently
from corsadmin.sightings.recently import Recently
from corsadmin.tenants import reach


def find_stop_impact(tenant: Tenant, level: StopLevel, *, lifts: bool = False) -> ChangeImpact:
    """Return what an emergency of a tenant would stop, or what lifting it would restore.

    The platform's emergency is compared in all tenants that were seen.
    """
    rows = {tenant.pk: tenant}
    if tenant.is_platform:
        others = stored(Tenant).filter(is_active=True).exclude(pk=tenant.pk)
        busy = busy_tenants(others, MAX_TENANTS + 1)
        rows |= {row.pk: row for row in others.filter(pk__in=busy[:MAX_TENANTS])}
    else:
        busy = []
    found = _compare(rows, Stop(level), lifts=lifts)
    return ChangeImpact(
        tuple(sorted(found, key=lambda one: one.slug)),
        tenant.is_platform,
        len(busy) > MAX_TENANTS,
    )


def _compare(tenants: Mapping[int, Tenant], stop: Stop, *, lifts: bool) -> Iterator[TenantImpact]:
    platform = stored(Tenant).filter(slug=PLATFORM)
    owners = {**{row.pk: row for row in platform}, **tenants}
    entries = stored(Origin).filter(tenant__in=owners)
    seen = read_recently([*tenants], entries, entries.db)
    inherited = next(
        (seen[key] for key, row in owners.items() if row.is_platform and key in seen), None
    )
    held = {key: _with_inherited(row, seen.get(key), inherited) for key, row in tenants.items()}
    patterns = set[str]().union(*(one.origins for one in held.values()))
    state, _same = states(ProposedChange(), owners.values(), patterns, with_wildcards=True)
    now = time()
    for key, what in held.items():
        policy = state.policy(key)
        stopped = policy and policy.under((stop,))
        pair = (stopped, policy) if lifts else (policy, stopped)
        impact = compare_seen(*pair, what, now, within=reach(tenants[key].slug))
        if not impact.is_empty:
            yield TenantImpact(key, tenants[key].slug, impact)


def _with_inherited(tenant: Tenant, own: Recently | None, platform: Recently | None) -> Recently:
    """Return what was seen of a tenant, with the use of the entries that it inherits."""
    found = own or Recently()
    if platform is None or tenant.is_platform or not tenant.inherits_platform:
        return found
    return found.sharing(platform)
