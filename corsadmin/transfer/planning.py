"""The plan: what a file would add, change and remove, before anything is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from corsadmin import generation
from corsadmin.transfer.comparing import compare, find_removed, named_tenants
from corsadmin.transfer.faults import Fault, fault
from corsadmin.transfer.kinds import HOST, ORIGIN, TENANT, Kind, Row
from corsadmin.transfer.staging import Stage, temporary

if TYPE_CHECKING:
    from django.db.models import Field

ADD: Final = "+"
CHANGE: Final = "~"
REMOVE: Final = "-"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of one kind a plan adds, changes, removes and finds as they should be."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a plan.

    `fields` maps what changes to (before, after); of a new row, what is not the default.
    """

    sign: str
    kind: Kind
    tenant: str
    title: str
    fields: Mapping[str, tuple[Any, Any]]


class Plan:
    """What a staged file would do to the database at one generation."""

    def __init__(self, stage: Stage, *, prune: bool = False) -> None:
        self.stage = stage
        self.prune = prune
        self.faults: list[Fault] = []
        self.make()

    def make(self) -> None:
        """Compare with the database as it is now."""
        # Before the rows: what a writer commits in between is then seen as a later generation.
        self.generation, _rebuild = generation.current(self.stage.alias)
        compare(self.stage)
        find_removed(self.stage, prune=self.prune)
        self.faults = [*self._unknown_tenants(), *self._taken_hosts()]
        self.counts = {kind: self._count(kind) for kind in self.stage.kinds}

    @property
    def is_empty(self) -> bool:
        """Report whether the database is as the file says already."""
        return not any(
            counts.added or counts.changed or counts.removed for counts in self.counts.values()
        )

    def steps(self) -> Iterator[Step]:
        """Yield every row that would be written, removals first, in the order of writing."""
        for kind in self.stage.kinds:
            if kind is not TENANT:
                yield from self._removals(kind)
        for kind in self.stage.kinds:
            yield from self._writes(kind)

    def _removals(self, kind: Kind) -> Iterator[Step]:
        names = ", ".join(self.stage.name(name) for name in kind.names)
        order = ", ".join(self.stage.name(name) for name in kind.key)
        table = self.stage.name(temporary("removed", kind))
        found = self.stage.rows(f"SELECT tenant, {names} FROM {table} ORDER BY tenant, {order}")
        for tenant, *row in found:
            yield Step(REMOVE, kind, tenant, kind.title(tuple(row)), {})

    def _writes(self, kind: Kind) -> Iterator[Step]:
        name = self.stage.name
        names = kind.names
        new = ", ".join(f"d.{name(column)}" for column in names)
        old = ", ".join(f"o.{name(column)}" for column in names)
        owner = f"LEFT JOIN {name(TENANT.table)} t ON t.id = o.tenant_id" if kind is HOST else ""
        found = self.stage.rows(
            f"SELECT d.state, d.tenant, {'t.slug' if kind is HOST else 'NULL'}, {new}, {old}"
            f" FROM {name(temporary('differs', kind))} d"
            f" LEFT JOIN {name(kind.table)} o ON o.id = d.row_id {owner} ORDER BY d.number"
        )
        for state, tenant, before, *values in found:
            row = tuple(values[: len(names)])
            if state == ADD:
                fields = self._content(kind, row)
            elif kind is HOST:
                fields = {"tenant": (before, tenant)}
            else:
                fields = self._changes(kind, row, tuple(values[len(names) :]))
            yield Step(state, kind, tenant, kind.title(row), fields)

    def _content(self, kind: Kind, row: Row) -> dict[str, tuple[Any, Any]]:
        found = {}
        for column, stored in zip(kind.columns, row, strict=True):
            value = self._value(column.field, stored)
            if column.name not in kind.key and value != column.field.get_default():
                found[column.name] = (None, value)
        return found

    def _changes(self, kind: Kind, new: Row, old: Row) -> dict[str, tuple[Any, Any]]:
        found = {}
        for column, after, before in zip(kind.columns, new, old, strict=True):
            pair = self._value(column.field, before), self._value(column.field, after)
            if pair[0] != pair[1]:
                found[column.name] = pair
        return found

    def _value(self, field: "Field[Any, Any]", stored: Any) -> Any:
        """Return a value that came straight from the database as the model would hold it."""
        connection = self.stage.connection
        expression = field.get_col(field.model._meta.db_table)  # noqa: SLF001 (Django's documented name)
        for convert in [
            *connection.ops.get_db_converters(expression),
            *expression.get_db_converters(connection),
        ]:
            stored = convert(stored, expression, connection)
        return stored

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

    def _unknown_tenants(self) -> Iterator[Fault]:
        if TENANT in self.stage.kinds:
            return
        name = self.stage.name
        rows = self.stage.rows(
            f"SELECT s.place, s.tenant FROM {name(temporary('staged', ORIGIN))} s"
            f" LEFT JOIN {name(TENANT.table)} t ON t.slug = s.tenant"
            " WHERE t.id IS NULL ORDER BY s.number"
        )
        for place, slug in rows:
            yield fault(place, "tenant-unknown", slug)

    def _taken_hosts(self) -> Iterator[Fault]:
        if HOST not in self.stage.kinds:
            return
        name = self.stage.name
        rows = self.stage.rows(
            f"SELECT d.place, t.slug FROM {name(temporary('differs', HOST))} d"
            f" JOIN {name(HOST.table)} o ON o.id = d.row_id"
            f" JOIN {name(TENANT.table)} t ON t.id = o.tenant_id"
            f" WHERE t.slug NOT IN ({named_tenants(self.stage)}) ORDER BY d.number"
        )
        for place, slug in rows:
            yield fault(place, "host-taken", slug)
