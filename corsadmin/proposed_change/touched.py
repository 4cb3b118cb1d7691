"""Read the tenants that a change touches, once, with what decides which of them to compare."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from corsadmin.engine import PLATFORM
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.proposed_change.change import KINDS, ProposedChange, owner, stored
from corsadmin.tenants import finds_by_host

MAX_KEYS: Final = 5_000  # tenants that one query names

Key = TypeVar("Key", int, tuple[int, int])
Pair = tuple[int, int]  # which tenants answer, before a change and after it


@dataclass(frozen=True, slots=True)
class Touched:
    """The stored tenants that a change touches, the platform, and their rows before the change.

    All sets contain keys of tenants. Those about their rows include the platform, touched or not.
    """

    known: dict[int, Tenant]  # every stored tenant that is named here
    keys: frozenset[int]  # the touched ones
    deleted: frozenset[int]
    moved: frozenset[Pair]  # the owners of hosts that go to another tenant
    opening: frozenset[int]  # with a rule in force for any origin
    exclusive: frozenset[int]  # with an exclusive rule in force
    listing: frozenset[int]  # with an origin entry that covers the page
    in_force: frozenset[int]  # with an origin entry in force
    keeping: frozenset[int]  # with one that the change leaves alone

    @property
    def platform(self) -> int | None:
        """The key of the platform, or None."""
        return next((key for key, row in self.known.items() if row.is_platform), None)

    @property
    def touches_platform(self) -> bool:
        """Report whether the platform itself is touched."""
        return self.platform in self.keys


def read_touched(
    change: ProposedChange,
    patterns: Collection[str] | None = None,
    *,
    keys: Collection[int] | None = None,
) -> Touched:
    """Return the stored tenants that a change touches, or those with the given keys.

    `patterns` are those that cover the page; without them, no origin entries are read.
    """
    deletes = change.deletes.get(Tenant)
    deleted = frozenset() if deletes is None else frozenset(_values(deletes, "pk"))
    touched = frozenset(_touched_keys(change) | deleted if keys is None else keys)
    moved, losers = _moved_hosts(change)
    rows = [
        row
        for batch in key_batches(touched, MAX_KEYS)
        for row in _tenants(change, patterns).filter(Q(pk__in=batch) | Q(slug=PLATFORM))
    ]
    known = {row.pk: row for row in [*losers, *rows]}

    def marked(name: str) -> frozenset[int]:
        return frozenset(row.pk for row in rows if getattr(row, name, False))

    return Touched(
        known,
        touched & known.keys(),
        deleted,
        moved,
        *(marked(name) for name in ("opening", "exclusive", "listing", "in_force", "keeping")),
    )


def open_rules() -> QuerySet[PathRule]:
    """Return the stored rules in force that allow any origin."""
    return stored(PathRule).filter(any_origin=True, enabled=True)


def is_in_force(row: Origin, now: datetime) -> bool:
    """Report whether an origin entry is in force."""
    return (
        row.enabled
        and (row.valid_from is None or row.valid_from <= now)
        and (row.valid_until is None or row.valid_until > now)
    )


def key_batches(keys: Collection[Key], size: int) -> Iterator[list[Key]]:
    """Yield keys in order, in batches; at least one batch, which may be empty."""
    ordered = sorted(keys)
    return (ordered[start : start + size] for start in range(0, len(ordered) or 1, size))


def _tenants(change: ProposedChange, patterns: Collection[str] | None) -> QuerySet[Tenant]:
    """Return the stored tenants, each annotated with what kinds of rows it has."""
    exclusive = stored(PathRule).filter(exclusive=True, enabled=True)
    found: dict[str, QuerySet[Model]] = {"opening": open_rules(), "exclusive": exclusive}
    if patterns is not None:
        now = timezone.now()
        entries = stored(Origin)
        in_force = entries.filter(
            Q(valid_from=None) | Q(valid_from__lte=now),
            Q(valid_until=None) | Q(valid_until__gt=now),
            enabled=True,
        )
        found["listing"] = entries.filter(pattern__in=patterns)
        found["in_force"] = in_force
        found["keeping"] = change.untouched(in_force)
    own = {"tenant": OuterRef("pk")}
    marks = {name: Exists(rows.filter(**own)) for name, rows in found.items()}
    tenants: QuerySet[Tenant] = stored(Tenant).annotate(**marks)
    return tenants


def _touched_keys(change: ProposedChange) -> set[int]:
    """Return the tenants that own a written or deleted row, before the change or after it."""
    if change.only_tenant is not None:
        return {change.only_tenant}
    found = {owner(row) for row in change.upserts}
    for model in KINDS:
        if model is Tenant:
            continue
        keys = [row.pk for row in change.upserts_of(model) if row.pk]
        rows = [stored(model).filter(pk__in=keys)] if keys else []
        for each in [*rows, *([change.deletes[model]] if model in change.deletes else [])]:
            found |= set(_values(each, "tenant"))
    return {key for key in found if key is not None}


def _moved_hosts(change: ProposedChange) -> tuple[frozenset[Pair], list[Tenant]]:
    """Return the pairs of tenants between which hosts move, and those that lose one."""
    hosts = {row.pk: row.tenant_id for row in change.upserts_of(TenantHost) if row.pk}
    if not finds_by_host():
        return frozenset(), []
    rows = stored(TenantHost).filter(pk__in=hosts).select_related("tenant")
    moved = [row for row in rows if row.tenant_id != hosts[row.pk]]
    pairs = frozenset((row.tenant_id, hosts[row.pk]) for row in moved)
    return pairs, [row.tenant for row in moved]


def _values(rows: QuerySet[Model], name: str) -> "QuerySet[Model, int]":
    return rows.order_by().values_list(name, flat=True).distinct()
