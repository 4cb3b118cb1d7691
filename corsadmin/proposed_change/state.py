"""The policies of some tenants before and after a proposed change, ready to be asked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from corsadmin.engine import PLATFORM, Snapshot, TenantPolicy, packing
from corsadmin.engine.entries import check_origin
from corsadmin.engine.packing import Allowance, Packed
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, validation
from corsadmin.proposed_change.change import ProposedChange, stored


class PolicyState(NamedTuple):
    """Some tenants and the platform at one time."""

    tenants: dict[int, Tenant]  # the active ones
    hosts: Mapping[int, list[str]]
    paths: Mapping[int, set[str]]  # the patterns of rules and scopes
    open_paths: Mapping[int, set[str]]  # those of the rules that allow any origin
    snapshot: Snapshot

    def policy(self, key: int) -> TenantPolicy | None:
        """Return the policy of a tenant, None where it answers nobody."""
        return self.snapshot.policy(self.tenants[key].slug) if key in self.tenants else None

    def packed_rules(self, key: int) -> str | None:
        """Return a text that is the same for tenants with the same rules, and None for no policy."""
        packed = self.snapshot.index.records.get(key)
        return None if packed is None else packed[packing.RULES_BLOB]

    def known_paths(self, key: int) -> set[str]:
        """Return the patterns that decide about a tenant's paths, inherited ones included."""
        return self._with_platform(self.paths, key)

    def known_open_paths(self, key: int) -> set[str]:
        """Return those of the patterns that are open to any origin."""
        return self._with_platform(self.open_paths, key)

    def _with_platform(self, paths: Mapping[int, set[str]], key: int) -> set[str]:
        return paths.get(key, set()) | paths.get(self.snapshot.index.platform or 0, set())


def states(
    change: ProposedChange, keys: Iterable[int], patterns: Iterable[str] = ()
) -> tuple[PolicyState, PolicyState]:
    """Return tenants and the platform before and after a change.

    Of origin entries they hold only those with one of the patterns.
    """
    patterns = list(patterns)
    tenants = stored(Tenant).filter(Q(pk__in=[*keys]) | Q(slug=PLATFORM))
    held = {"tenant__in": [row.pk for row in tenants]}
    rows: dict[Any, QuerySet[Any]] = {
        Tenant: tenants,
        TenantHost: stored(TenantHost).filter(**held),
        PathRule: stored(PathRule).filter(**held),
        Origin: stored(Origin).filter(**held, pattern__in=patterns),
    }
    before = {model: list(found) for model, found in rows.items()}
    after = {
        model: [*change.untouched(found), *change.upserts_of(model)]
        if change.touches(model)
        else before[model]
        for model, found in rows.items()
    }
    after[Origin] = [row for row in after[Origin] if row.pattern in patterns]
    return state_of(before), state_of(after)


def state_of(rows: Mapping[Any, list[Any]]) -> PolicyState:
    """Return the state that some rows, by their models, stand for."""
    tenants = {tenant.pk: tenant for tenant in rows[Tenant] if tenant.pk and tenant.is_active}
    hosts, rules, origins = (_by_owner(rows[model]) for model in (TenantHost, PathRule, Origin))
    enabled = {key: [row for row in rules[key] if row.enabled] for key in tenants}
    names = {key: [row.host for row in hosts[key]] for key in tenants}
    records = {
        key: _packed(tenant, names[key], enabled[key], origins[key])
        for key, tenant in tenants.items()
    }
    return PolicyState(
        tenants,
        names,
        {
            key: {row.path for row in enabled[key]} | {row.scope for row in origins[key]} - {""}
            for key in tenants
        },
        {key: {row.path for row in enabled[key] if row.any_origin} for key in tenants},
        Snapshot(0, 0, records),
    )


def _by_owner(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.tenant_id].append(row)
    return found


def _packed(
    tenant: Tenant, hosts: list[str], rules: list[PathRule], origins: list[Origin]
) -> Packed:
    return packing.pack(
        tenant.slug,
        packing.pack_rules_blob(
            packing.join_rules(map(_rule, rules)), inherits=tenant.inherits_platform
        ),
        packing.LINE.join(hosts),
        "",
        packing.pack_allowances(_allowances(origins)),
    )


def _rule(rule: PathRule) -> str:
    # One that is not sound denies when it is compiled, as in the tables.
    return packing.pack_rule(validation.rule_text(rule))


def _allowances(origins: list[Origin]) -> Iterable[tuple[str, Allowance]]:
    for row in origins:
        text = validation.origin_text(row)
        if row.enabled and not check_origin(text):
            yield (
                text.pattern,
                Allowance(text.credentials, text.scope, text.valid_from, text.valid_until),
            )
