"""The rows that decide one call, in memory, as a change that has not been saved would leave them."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from corsadmin.diagnose.explain.context import Case
from corsadmin.engine import PLATFORM, Snapshot
from corsadmin.engine.emergencies import Stop
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.tenant_rows import TenantRows, owned_row
from corsadmin.proposed_change.change import ChangedRow, owner
from corsadmin.proposed_change.losses import patterns_covering
from corsadmin.proposed_change.state import state_of

_Row = TypeVar("_Row", TenantHost, PathRule, Origin)
# The fields that identify a row among a tenant's rows of a model.
_KEYS: Final[dict[type[Model], tuple[str, ...]]] = {
    TenantHost: ("host",),
    PathRule: ("path",),
    Origin: ("pattern", "scope"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A tenant, the platform, and those of their rows that affect a call.

    Immutable: `put` and `lift` return another draft. Only the tenant's own rows are ever changed.
    """

    tenant: Tenant
    platform: Tenant | None
    stops: Mapping[str, Stop]  # the emergencies of both, by slug
    hosts: tuple[TenantHost, ...]
    rules: tuple[PathRule, ...]
    origins: tuple[Origin, ...]

    @property
    def owners(self) -> tuple[Tenant, ...]:
        """Return the tenant and the platform, each once."""
        found = {row.pk: row for row in (self.platform, self.tenant) if row is not None}
        return tuple(found.values())

    def snapshot(self) -> Snapshot:
        """Return a snapshot compiled from the rows."""
        made = state_of(
            TenantRows(
                row,
                [owned_row(host)[1] for host in _of(self.hosts, row)],
                [owned_row(rule)[1] for rule in _of(self.rules, row)],
                [owned_row(entry)[1] for entry in _of(self.origins, row)],
            )
            for row in self.owners
        ).snapshot
        return Snapshot(made.generation, made.rebuild, made.index, stops=self.stops)

    def own_rules(self) -> list[PathRule]:
        """Return the tenant's path rules, disabled ones too."""
        return _of(self.rules, self.tenant)

    def own_origins(self) -> list[Origin]:
        """Return the tenant's entries that cover the page, disabled ones too, exact ones first."""
        return sorted(_of(self.origins, self.tenant), key=lambda row: "*" in row.pattern)

    def platform_rules(self) -> list[PathRule]:
        """Return the path rules that the tenant inherits, disabled ones too."""
        is_heir = self.tenant.inherits_platform and not self.tenant.is_platform
        return _of(self.rules, self.platform) if is_heir and self.platform is not None else []

    def lift(self, slug: str) -> "Draft":
        """Return the draft without the emergency of the tenant or of the platform."""
        return replace(self, stops={key: one for key, one in self.stops.items() if key != slug})

    def put(self, row: ChangedRow) -> "Draft":
        """Return the draft with a changed or added row of the tenant, or the changed tenant itself."""
        if isinstance(row, Tenant):
            is_platform = self.platform is not None and self.platform.pk == row.pk
            return replace(self, tenant=row, platform=row if is_platform else self.platform)
        if isinstance(row, TenantHost):
            return replace(self, hosts=_with(self.hosts, row))
        if isinstance(row, PathRule):
            return replace(self, rules=_with(self.rules, row))
        return replace(self, origins=_with(self.origins, row))


def changed_row(row: Any, **values: object) -> Any:
    """Return a copy of a row with some values of its fields changed."""
    made = copy(row)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def row_key(row: ChangedRow) -> tuple[object, ...]:
    """Return a key that identifies a row, whether it is stored or not."""
    if row.pk:
        return type(row), row.pk
    return type(row), owner(row), *(getattr(row, name) for name in _KEYS[type(row)])


def read_draft(
    tenant: Tenant, case: Case, origins: Iterable[str], stops: Mapping[str, Stop]
) -> Draft:
    """Return the draft of a tenant for a call, with the entries that cover one of these origins.

    `stops` are the emergencies that are switched on, by slug.
    """
    patterns = {pattern for origin in origins for pattern in patterns_covering(origin)}
    if case.tenant == tenant:
        heritage = case.owners
    else:
        heritage = [*Tenant.objects.using(case.using).filter(slug=PLATFORM)]
    platform = next((row for row in heritage if row.is_platform), None)
    owners = {tenant.pk, *(() if platform is None else (platform.pk,))}

    def held(model: type[_Row]) -> QuerySet[_Row]:
        rows: QuerySet[_Row] = QuerySet(model, using=case.using)
        return rows.filter(tenant__in=owners).order_by("pk")

    return Draft(
        tenant=tenant,
        platform=platform,
        stops={slug: stops[slug] for slug in (tenant.slug, PLATFORM) if slug in stops},
        hosts=tuple(held(TenantHost).filter(host=case.host)),
        rules=tuple(held(PathRule)),
        origins=tuple(held(Origin).filter(pattern__in=patterns)),
    )


def _of(rows: Iterable[_Row], tenant: Tenant) -> list[_Row]:
    return [row for row in rows if row.tenant_id == tenant.pk]


def _with(rows: tuple[_Row, ...], row: _Row) -> tuple[_Row, ...]:
    key = row_key(row)
    kept: list[_Row] = [one for one in rows if row_key(one) != key]
    return tuple(chain(kept, (row,)))
