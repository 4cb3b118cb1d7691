"""The policies of some tenants before and after a proposed change, ready to decide."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q

from corsadmin.engine import Snapshot, TenantPolicy, packing
from corsadmin.engine.entries import check_origin
from corsadmin.engine.packing import Allowance, Packed
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.policy_rows import OriginRow, origin_text, rule_text
from corsadmin.models.tenant_rows import (
    OwnedRow,
    TenantRows,
    group_rows,
    marked_rows,
    owned_row,
    owned_rows,
)
from corsadmin.proposed_change.change import ProposedChange, stored
from corsadmin.tenants import finds_by_host

if TYPE_CHECKING:
    from django.db.models import QuerySet


class PolicyState(NamedTuple):
    """Some tenants and the platform at one time."""

    tenants: dict[int, Tenant]  # the active ones
    hosts: Mapping[int, list[str]]
    paths: Mapping[int, set[str]]  # the patterns of the rules in force
    open_paths: Mapping[int, set[str]]  # those of the rules that allow any origin
    exclusive_paths: Mapping[int, set[str]]  # those of the exclusive rules
    scopes: Mapping[int, set[str]]
    snapshot: Snapshot

    def policy(self, key: int) -> TenantPolicy | None:
        """Return the policy of a tenant, or None if it allows nobody."""
        return self.snapshot.policy(self.tenants[key].slug) if key in self.tenants else None

    def entrances(self, key: int) -> list[str]:
        """Return the entrances of an active tenant: its hosts, or its slug after a slash."""
        tenant = self.tenants[key]
        if finds_by_host() and not tenant.is_platform:
            return self.hosts[key]
        return [f"/{tenant.slug}"]

    def owner(self, entrance: str) -> str | None:
        """Return the slug of the tenant that answers at an entrance, or None."""
        slug = entrance.removeprefix("/")
        index = self.snapshot.index
        packed = index.hosts.get(entrance) if slug == entrance else index.slugs.get(slug)
        return None if packed is None else packed[packing.SLUG]

    def policy_at(self, entrance: str) -> TenantPolicy | None:
        """Return the policy that answers at an entrance."""
        slug = self.owner(entrance)
        return None if slug is None else self.snapshot.policy(slug)

    def packed_rules(self, key: int) -> str | None:
        """Return a text that is the same for tenants with the same rules, and None for no policy."""
        packed = self.snapshot.index.records.get(key)
        return None if packed is None else packed[packing.RULES_BLOB]

    def known_paths(self, key: int) -> set[str]:
        """Return the patterns of the rules that decide for a tenant, inherited ones included."""
        return self._with_platform(self.paths, key)

    def known_scopes(self, key: int) -> set[str]:
        """Return the scopes of the entries that decide for a tenant, inherited ones included."""
        return self._with_platform(self.scopes, key)

    def known_open_paths(self, key: int) -> set[str]:
        """Return those of the patterns whose rules allow any origin."""
        return self._with_platform(self.open_paths, key)

    def known_exclusive_paths(self, key: int) -> set[str]:
        """Return those of the patterns whose rules are exclusive."""
        return self._with_platform(self.exclusive_paths, key)

    def _with_platform(self, paths: Mapping[int, set[str]], key: int) -> set[str]:
        return paths.get(key, set()) | paths.get(self.snapshot.index.platform or 0, set())


def states(
    change: ProposedChange,
    tenants: Collection[Tenant],
    patterns: Collection[str] = (),
    *,
    with_wildcards: bool = False,
) -> tuple[PolicyState, PolicyState]:
    """Return stored tenants before and after a change.

    They have only the origin entries with one of the patterns, and with `with_wildcards` every
    wildcard.
    """
    held = {"tenant__in": [row.pk for row in tenants]}
    wanted = Q(pattern__in=patterns)
    if with_wildcards:
        wanted |= Q(pattern__contains="*")
    queries = [
        stored(TenantHost).filter(**held),
        stored(PathRule).filter(**held),
        stored(Origin).filter(wanted, **held),
    ]
    read = [_stored_rows(change, rows) for rows in queries]
    before = [[row for row, _stays in rows] for rows in read]
    hosts, rules, origins = (
        [row for row, stays in rows if stays] + _written(change, query.model)
        for query, rows in zip(queries, read, strict=True)
    )
    origins = [
        (key, row)
        for key, row in origins
        if row.pattern in patterns or (with_wildcards and "*" in row.pattern)
    ]
    return (
        state_of(group_rows(tenants, *before)),
        state_of(group_rows(_later(change, tenants), hosts, rules, origins)),
    )


def _later(change: ProposedChange, tenants: Collection[Tenant]) -> list[Tenant]:
    """Return tenants as a change leaves them, with those that it adds."""
    upserts = change.upserts_of(Tenant)
    gone = {row.pk for row in upserts}
    if Tenant in change.deletes:
        gone |= set(change.deletes[Tenant].order_by().values_list("pk", flat=True))
    return [*(row for row in tenants if row.pk not in gone), *upserts]


def _stored_rows(change: ProposedChange, rows: "QuerySet[Model]") -> list[tuple[OwnedRow, bool]]:
    """Return stored rows from one query, each with whether a change leaves it alone."""
    if not change.touches(rows.model):
        return [(row, True) for row in owned_rows(rows)]
    staying = change.untouched(stored(rows.model)).filter(pk=OuterRef("pk"))
    return list(marked_rows(rows, Exists(staying)))


def _written(change: ProposedChange, model: type[Any]) -> list[OwnedRow]:
    return [*map(owned_row, change.upserts_of(model))]


def state_of(some: Iterable[TenantRows]) -> PolicyState:
    """Return the state of these tenants together."""
    held = {one.tenant.pk: one for one in some if one.tenant.pk and one.tenant.is_active}
    enabled = {key: [row for row in one.rules if row.enabled] for key, one in held.items()}
    return PolicyState(
        {key: one.tenant for key, one in held.items()},
        {key: [row.host for row in one.hosts] for key, one in held.items()},
        {key: {row.path for row in enabled[key]} for key in held},
        {key: {row.path for row in enabled[key] if row.any_origin} for key in held},
        {key: {row.path for row in enabled[key] if row.exclusive} for key in held},
        {key: {row.scope for row in one.origins} - {""} for key, one in held.items()},
        Snapshot(0, 0, {key: _packed(one) for key, one in held.items()}),
    )


def _packed(held: TenantRows) -> Packed:
    # An unsound rule denies once it is compiled, as when the loader reads it.
    rules = packing.join_rules(
        packing.pack_rule(rule_text(row)) for row in held.rules if row.enabled
    )
    return packing.pack(
        held.tenant.slug,
        packing.pack_rules_blob(rules, inherits=held.tenant.inherits_platform),
        packing.LINE.join(row.host for row in held.hosts),
        "",
        packing.pack_allowances(_allowances(held.origins)),
    )


def _allowances(rows: Iterable[OriginRow]) -> Iterable[tuple[str, Allowance]]:
    for row in rows:
        text = origin_text(row)
        if row.enabled and not check_origin(text):
            yield (
                text.pattern,
                Allowance(text.credentials, text.scope, text.valid_from, text.valid_until),
            )
