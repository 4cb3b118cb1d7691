"""The columns of an audit file, and the cells of each row, read in pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet

from corsadmin.models import EntrySeen, Origin, PathRule, RuleNames, Sighting, Tenant, TenantMember
from corsadmin.models.access import Access, AnyRow
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.transfer.audit.cells import audit_cell, origin_risk_cell, rule_risk_cell
from corsadmin.transfer.audit.trail import ACCEPTANCES, Trail, read_trails

PAGE_ROWS: Final = 2_000  # read at once
_SHARED: Final = ("pk", "tenant_id", "tenant__slug", "created", "modified")
_OWN: Final[Mapping[type[AnyRow], Sequence[str]]] = {
    Origin: OriginRow._fields,
    PathRule: RuleRow._fields,
    TenantMember: (f"user__{get_user_model().USERNAME_FIELD}", "role"),
}
_ACCEPTED: Final = ("risk", "risk_accepted_by", "risk_accepted_on")
_CHANGED: Final = ("added", "added_by", "changed", "changed_by", "reason")
_NOBODY: Final = Trail()


class _Row(NamedTuple):
    key: int
    owner: int
    slug: str
    created: object
    modified: Any
    values: Sequence[Any]
    trail: Trail
    last_used: object


class AuditTable:
    """The table of some rows, with what the history and the sightings add, as its reader may see it.

    `rows` are rows that the reader may see, in any order. `access` is what the reader may see, None
    for everything. A column about another model appears only if the reader sees that model's rows
    for all of these.
    """

    def __init__(self, rows: QuerySet[Any], access: Access | None = None) -> None:
        self._rows = rows.order_by("pk")
        self._model: type[AnyRow] = rows.model
        self._names_tenants = _sees(access, Tenant, rows.model)
        self._tells_use = rows.model in _USES and _sees(access, Sighting, rows.model)

    @property
    def heading(self) -> list[str]:
        """Return the names of the columns."""
        own = [name.partition("__")[0] for name in _OWN[self._model]]
        return [
            *(["tenant"] if self._names_tenants else []),
            *own,
            *(_ACCEPTED if self._model in ACCEPTANCES else ()),
            *_CHANGED,
            *(["last_used"] if self._tells_use else []),
        ]

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the cells of each row, in the order in which the rows were added.

        Keeps one page of rows in memory. Rows that are deleted in the meantime may be missing.
        """
        for rows in self._pages():
            yield from map(self._cells, rows)

    def _pages(self) -> Iterator[list[_Row]]:
        columns = (*_SHARED, *_OWN[self._model])
        rows = self._rows
        while found := list(rows.values_list(*columns)[:PAGE_ROWS]):
            yield self._with_trails(found)
            rows = self._rows.filter(pk__gt=found[-1][0])

    def _with_trails(self, found: list[tuple[Any, ...]]) -> list[_Row]:
        using = self._rows.db
        trails = read_trails(self._model, {row[0]: row[1] for row in found}, using)
        uses = _USES[self._model](found, using) if self._tells_use else {}
        size = len(_SHARED)
        return [
            _Row._make((*row[:size], row[size:], trails.get(row[0], _NOBODY), uses.get(row[0])))
            for row in found
        ]

    def _cells(self, row: _Row) -> list[str]:
        trail = row.trail
        cells: list[object] = [row.slug] if self._names_tenants else []
        cells += row.values
        if self._model in ACCEPTANCES:
            cells += [_RISKS[self._model](row.values), trail.accepted_by, trail.accepted_on]
        cells += [row.created, trail.added_by, row.modified, trail.changed_by, trail.reason]
        if self._tells_use:
            cells.append(row.last_used)
        return [audit_cell(value) for value in cells]


def _sees(access: Access | None, model: type[Model], shown: type[Model]) -> bool:
    return access is None or access.sees_beside(model, shown)


def _uses_of_origins(rows: list[tuple[Any, ...]], using: str) -> dict[int, object]:
    seen = EntrySeen.objects.using(using).filter(entry__in=[row[0] for row in rows])
    return dict(seen.values_list("entry_id", "last_day"))


def _uses_of_rules(rows: list[tuple[Any, ...]], using: str) -> dict[int, object]:
    keys = {(row[1], row[len(_SHARED)]): row[0] for row in rows}
    tenants, paths = zip(*keys, strict=True)
    used = RuleNames.objects.using(using).filter(tenant__in=set(tenants), rule__in=set(paths))
    found = used.values_list("tenant_id", "rule", "last_day")
    return {keys[tenant, path]: day for tenant, path, day in found if (tenant, path) in keys}


_USES: Final[Mapping[type[AnyRow], Callable[[list[tuple[Any, ...]], str], dict[int, object]]]] = {
    Origin: _uses_of_origins,
    PathRule: _uses_of_rules,
}
_RISKS: Final[Mapping[type[AnyRow], Callable[[Sequence[object]], str]]] = {
    Origin: lambda values: origin_risk_cell(OriginRow._make(values)),
    PathRule: lambda values: rule_risk_cell(RuleRow._make(values)),
}
