"""The plan: what a file would add, change and remove, before anything is written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet

from corsadmin.models import Generation
from corsadmin.models.counter import ROW, Counter, current_generation
from corsadmin.transfer.plan.diff import compare_rows, find_removed, named_tenants
from corsadmin.transfer.plan.label_lengths import excess_lengths
from corsadmin.transfer.plan.staging import Stage, StagedFault, temporary
from corsadmin.transfer.records.check import Record, check_row
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import HOST, KINDS, ORIGIN, TENANT, Kind, Row

if TYPE_CHECKING:
    from corsadmin.proposed_change.seen_impact import ChangeImpact
    from corsadmin.proposed_change.widening import Widening

ADD: Final = "+"
CHANGE: Final = "~"
REMOVE: Final = "-"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of one kind a plan adds, changes, removes and leaves unchanged."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One row of a plan. `sign` is ADD, CHANGE or REMOVE; `tenant` is a slug.

    `fields` maps the fields that change to (before, after); for a new row, those that differ from
    the default. `row` is the whole row as it will be, or as it was if it is removed.
    """

    sign: str
    kind: Kind
    tenant: str
    title: str
    fields: Mapping[str, tuple[Any, Any]]
    row: Mapping[str, Any]


class Plan:
    """What a staged file would do to the database at one generation."""

    def __init__(self, stage: Stage, *, prune: bool = False) -> None:
        self.stage = stage
        self.prune = prune
        self.found: list[StagedFault] = []
        # The counter after the plan was carried out, None before.
        self.move: Counter | None = None
        # The widenings and the impact, None until they are computed.
        self.widened: list[Widening] | None = None
        self.impact: ChangeImpact | None = None
        self.make()

    def make(self) -> None:
        """Compare the staged rows with the current state of the database."""
        # Read the counter before the rows: a commit in between then shows as a later generation.
        counter: QuerySet[Generation] = QuerySet(Generation, using=self.stage.alias)
        self.has_counter = counter.filter(pk=ROW).exists()
        self.generation, _rebuild = current_generation(self.stage.alias)
        self.widened = self.impact = None
        compare_rows(self.stage)
        find_removed(self.stage, prune=self.prune)
        self.found = [*self._unknown_tenants(), *self._taken_hosts(), *self._unsound()]
        self.found += excess_lengths(self.stage, prune=self.prune)
        self.counts = {kind: self._count(kind) for kind in self.stage.kinds}

    @property
    def faults(self) -> list[Fault]:
        """Return the faults that keep the plan from being carried out."""
        return [found.fault for found in self.found]

    @property
    def is_empty(self) -> bool:
        """Report whether the database is already as the file says."""
        return not any(
            counts.added or counts.changed or counts.removed for counts in self.counts.values()
        )

    def steps(
        self, kinds: tuple[Kind, ...] = KINDS, tenants: Collection[str] | None = None
    ) -> Iterator[PlanStep]:
        """Yield the steps in the order of writing, removals first.

        `kinds` and `tenants` limit them; a query must be able to name all the tenants.
        """
        kinds = tuple(kind for kind in self.stage.kinds if kind in kinds)
        for kind in kinds:
            if kind is not TENANT:
                yield from self._removals(kind, tenants)
        for kind in kinds:
            yield from self._writes(kind, tenants)

    def _removals(self, kind: Kind, tenants: Collection[str] | None) -> Iterator[PlanStep]:
        names = ", ".join(self.stage.name(name) for name in kind.names)
        order = ", ".join(self.stage.name(name) for name in kind.key)
        table = self.stage.name(temporary("removed", kind))
        found = self.stage.many_rows(
            f"SELECT d.tenant, {names} FROM {table} d{_within(tenants)} ORDER BY d.tenant, {order}",
            tuple(tenants) if tenants else None,
        )
        for tenant, *row in found:
            yield PlanStep(
                REMOVE, kind, tenant, kind.title(tuple(row)), {}, self._named(kind, tuple(row))
            )

    def _writes(self, kind: Kind, tenants: Collection[str] | None) -> Iterator[PlanStep]:
        name = self.stage.name
        names = kind.names
        new = ", ".join(f"d.{name(column)}" for column in names)
        old = ", ".join(f"o.{name(column)}" for column in names)
        owner = f"LEFT JOIN {name(TENANT.table)} t ON t.id = o.tenant_id" if kind is HOST else ""
        found = self.stage.many_rows(
            f"SELECT d.state, d.tenant, {'t.slug' if kind is HOST else 'NULL'}, {new}, {old}"
            f" FROM {name(temporary('differs', kind))} d"
            f" LEFT JOIN {name(kind.table)} o ON o.id = d.row_id {owner}{_within(tenants)}"
            " ORDER BY d.number",
            tuple(tenants) if tenants else None,
        )
        for state, tenant, before, *values in found:
            row = tuple(values[: len(names)])
            whole = self._named(kind, row)
            if state == ADD:
                fields = self._content(kind, whole)
            elif kind is HOST:
                fields = {"tenant": (before, tenant)}
            else:
                fields = self._changes(kind, whole, tuple(values[len(names) :]))
            yield PlanStep(state, kind, tenant, kind.title(row), fields, whole)

    def _named(self, kind: Kind, row: Row) -> dict[str, Any]:
        return dict(zip(kind.names, self.stage.row(kind, row), strict=True))

    def _content(self, kind: Kind, row: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
        return {
            column.name: (None, row[column.name])
            for column in kind.columns
            if column.name not in kind.key and row[column.name] != column.field.get_default()
        }

    def _changes(
        self, kind: Kind, new: Mapping[str, object], old: Row
    ) -> dict[str, tuple[object, object]]:
        before = self._named(kind, old)
        return {name: (before[name], after) for name, after in new.items() if before[name] != after}

    def _count(self, kind: Kind) -> Counts:
        stage = self.stage
        table = stage.name(temporary("differs", kind))
        states: dict[str, int] = dict(
            stage.rows(f"SELECT state, COUNT(*) FROM {table} GROUP BY state")
        )
        added, changed = states.get(ADD, 0), states.get(CHANGE, 0)
        removed = 0
        if kind is not TENANT:
            table = stage.name(temporary("removed", kind))
            ((removed,),) = stage.rows(f"SELECT COUNT(*) FROM {table}")
        return Counts(added, changed, removed, stage.counts[kind] - added - changed)

    def _unknown_tenants(self) -> Iterator[StagedFault]:
        if TENANT in self.stage.kinds:
            return
        name = self.stage.name
        rows = self.stage.rows(
            f"SELECT s.number, s.place, s.tenant FROM {name(temporary('staged', ORIGIN))} s"
            f" LEFT JOIN {name(TENANT.table)} t ON t.slug = s.tenant"
            " WHERE t.id IS NULL ORDER BY s.number"
        )
        for number, place, slug in rows:
            yield StagedFault(ORIGIN, number, fault(place, "tenant-unknown", slug))

    def _taken_hosts(self) -> Iterator[StagedFault]:
        if HOST not in self.stage.kinds:
            return
        name = self.stage.name
        rows = self.stage.rows(
            f"SELECT d.number, d.place, d.tenant, t.slug FROM {name(temporary('differs', HOST))} d"
            f" JOIN {name(HOST.table)} o ON o.id = d.row_id"
            f" JOIN {name(TENANT.table)} t ON t.id = o.tenant_id"
            f" WHERE NOT EXISTS (SELECT 1 FROM ({named_tenants(self.stage)}) n"
            " WHERE n.tenant = t.slug) ORDER BY d.number"
        )
        for number, place, tenant, slug in rows:
            yield StagedFault(HOST, number, fault(place, "host-taken", slug).of(tenant))

    def _unsound(self) -> Iterator[StagedFault]:
        """Yield the faults of the rows that the file names in part, merged with the stored values."""
        joint = "." if TENANT in self.stage.kinds else ", "
        for kind in self.stage.kinds:
            names = ", ".join(self.stage.name(name) for name in kind.names)
            found = self.stage.many_rows(
                f"SELECT number, place, tenant, missing, {names}"
                f" FROM {self.stage.name(temporary('differs', kind))}"
                f" WHERE in_doubt OR (missing <> 0 AND state = '{CHANGE}') ORDER BY number"
            )
            for number, place, tenant, missing, *stored in found:
                row = self.stage.row(kind, stored)
                entry = Record(kind, tenant, place, kind.named(row, missing), joint)
                for wrong in check_row(entry, row):
                    # No `at`: the entry alone cannot be mended, because stored values play a part.
                    yield StagedFault(kind, number, replace(wrong.of(tenant), at=("", None)))


def _within(tenants: Collection[str] | None) -> str:
    """Return the condition that a row (d) belongs to one of these tenants, blank for None."""
    return "" if tenants is None else f" WHERE d.tenant IN ({', '.join(['%s'] * len(tenants))})"
