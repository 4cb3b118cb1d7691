"""Carry out a plan: one transaction, one move of the counter, a history row for each row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models

from corsadmin.models import generation
from corsadmin.models.access import Access
from corsadmin.models.change_reason import IMPORTED, reason_with
from corsadmin.models.counter import current_generation, is_past, read_counter
from corsadmin.models.fields import AnyField
from corsadmin.transfer.plan.callers import unexplained_impact
from corsadmin.transfer.plan.permissions import unexplained
from corsadmin.transfer.plan.staging import Stage, temporary
from corsadmin.transfer.plan.steps import Plan
from corsadmin.transfer.records.diagnostics import TransferError, fault
from corsadmin.transfer.records.record_types import TENANT, Kind, table_of

_UPDATE: Final = (
    "UPDATE {table} SET {values} FROM {differs} d WHERE d.row_id = {table}.id AND d.state = '~'"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who makes a change and why, for the history; `user` is a primary key or None.

    With `must_say_why`, a reason is required for a plan that accepts a risk, widens a policy, or
    breaks or lets in callers of the last days. `access` is what the user may see, None for everything.
    """

    reason: str = ""
    user: object = None
    must_say_why: bool = False
    access: Access | None = None


def apply_plan(
    plan: Plan, signature: Signature, *, remade: Callable[[Plan], None] | None = None
) -> int:
    """Carry out a plan, all of it or nothing, and return the generation that it makes.

    On PostgreSQL, the change is committed with the stage, when the planning context ends. If the
    policies have changed since the plan was made, a new plan is made, passed to `remade` and carried
    out; without `remade` it is refused. Raises TransferError if the plan is refused, has become
    impossible, or lacks its reason.
    """
    if plan.is_empty:
        return plan.generation
    try:
        return _carry_out(plan, signature, remade)
    except _NothingLeftError:
        return plan.generation


class _NothingLeftError(Exception):
    """Somebody else has made the same changes already, so the move of the counter is rolled back."""


def _carry_out(plan: Plan, signature: Signature, remade: Callable[[Plan], None] | None) -> int:
    stage = plan.stage
    with generation.change(stage.alias) as change:
        value, _rebuild = current_generation(stage.alias)
        # Every other writer now waits for the counter's row. The counter is one further than the
        # plan saw, or equal if the plan was made inside the same change.
        if value not in (plan.generation, plan.generation + 1):
            _make_anew(plan, value - 1, remade)
        _check_reason(plan, signature)
        writer = _Writer(plan, signature, change.moment)
        writer.touch_losers(change)
        for kind in stage.kinds:
            if kind is not TENANT:
                writer.remove(kind)
        for kind in stage.kinds:
            writer.write(kind)
        writer.touch_winners(change)
        plan.move = read_counter(stage.alias)
    return value


def applied_as(plan: Plan) -> int | None:
    """Return the generation that a plan made, even if applying it ended with an error, or None.

    The database may commit a transaction although the connection breaks before it can confirm. May
    raise DatabaseError.
    """
    if plan.move is None:
        return None
    connection = plan.stage.connection
    if not connection.in_atomic_block:
        # This connection may be the one that broke.
        connection.close()
    return plan.move.value if is_past(plan.stage.alias, plan.move) else None


def _check_reason(plan: Plan, signature: Signature) -> None:
    if signature.must_say_why and not signature.reason.strip():
        faults = unexplained(plan) or unexplained_impact(plan, signature.access)
        if faults:
            raise TransferError(faults)


def _make_anew(plan: Plan, found: int, remade: Callable[[Plan], None] | None) -> None:
    # A flushed database has lost its counter, so a new counter does not prove a change.
    has_moved = plan.has_counter
    if has_moved and remade is None:
        raise TransferError([fault("", "changed-meanwhile", found)])
    plan.make()
    if plan.faults:
        raise TransferError(plan.faults)
    if has_moved and remade is not None:
        # The generation before this change moved the counter.
        plan.generation = found
        remade(plan)
        if plan.is_empty:
            raise _NothingLeftError


class _Writer:
    """Moves rows from the temporary tables into the stored ones."""

    def __init__(self, plan: Plan, signature: Signature, moment: datetime) -> None:
        self._stage = plan.stage
        self._counts = plan.counts
        self._signature = signature
        self._now = moment

    def touch_losers(self, change: generation.Change) -> None:
        """Touch the tenants that lose a row, while the row is still theirs."""
        name = self._stage.name
        queries = []
        for kind in self._stage.kinds:
            if kind is TENANT:
                continue
            table = f"{name(kind.table)} o"
            for found in ("removed", "differs"):
                taken = f"{name(temporary(found, kind))} d"
                queries.append(f"SELECT o.tenant_id FROM {taken} JOIN {table} ON o.id = d.row_id")
        self._touch(change, " UNION ".join(queries))

    def touch_winners(self, change: generation.Change) -> None:
        """Touch the tenants that gained a row, new tenants too, and those that changed themselves."""
        name = self._stage.name
        tenants = f"JOIN {name(TENANT.table)} t ON t.slug = d.tenant"
        queries = (
            f"SELECT t.id FROM {name(temporary('differs', kind))} d {tenants}"
            for kind in self._stage.kinds
        )
        self._touch(change, " UNION ".join(queries))

    def _touch(self, change: generation.Change, touched: str) -> None:
        """Touch the tenants that a query finds; if there are too many, mark all as changed."""
        limit = generation.MAX_STAMPED_TENANTS
        keys = [key for (key,) in self._stage.rows(f"{touched} LIMIT {limit + 1}")]
        if len(keys) <= limit:
            change.touch(*keys)
            return
        change.touch_all()
        name = self._stage.name
        modified = f"UPDATE {name(TENANT.table)} SET {name('modified')} = %s"
        self._stage.run(f"{modified} WHERE id IN ({touched})", (self._moment(),))

    def remove(self, kind: Kind) -> None:
        """Delete the rows that the file lacks."""
        name = self._stage.name
        table, removed = name(kind.table), name(temporary("removed", kind))
        found = f"{table} o JOIN {removed} r ON r.row_id = o.id"
        self._stage.run(*self._history(kind, "'-'", found))
        self._stage.run(f"DELETE FROM {table} WHERE id IN (SELECT row_id FROM {removed})")

    def write(self, kind: Kind) -> None:
        """Change and add the rows of the file."""
        name = self._stage.name
        table, differs = name(kind.table), name(temporary("differs", kind))
        if self._counts[kind].changed:
            self._update(kind, table, differs)
            changed = f"{differs} d JOIN {table} o ON o.id = d.row_id WHERE d.state = '~'"
            self._stage.run(*self._history(kind, "'~'", changed))
        if self._counts[kind].added:
            self._add(kind, table, differs)

    def _add(self, kind: Kind, table: str, differs: str) -> None:
        name = self._stage.name
        tenants = name(TENANT.table)
        fixed = self._fixed(kind)
        own = ["tenant_id"] if kind is not TENANT else []
        columns = ", ".join(name(column) for column in [*kind.names, *own, *fixed])
        values = ", ".join(
            [
                *(f"d.{name(column)}" for column in kind.names),
                *("t.id" for _column in own),
                *("%s" for _column in fixed),
            ]
        )
        joined = f"JOIN {tenants} t ON t.slug = d.tenant" if own else ""
        insert = (
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {differs} d {joined}"
            " WHERE d.state = '+' ORDER BY d.number"
        )
        if self._stage.connection.vendor == "postgresql":
            # One statement, so that the new rows need not be found again.
            history, signed = self._history(kind, "'+'", "made o")
            made = f"WITH made AS ({insert} RETURNING *)"
            self._stage.run(f"{made} {history}", (*fixed.values(), *signed))
            return
        self._stage.run(insert, tuple(fixed.values()))
        key = " AND ".join(f"o.{name(column)} = d.{name(column)}" for column in kind.key)
        if own:
            key += " AND o.tenant_id = t.id"
        found = f"{differs} d {joined} JOIN {table} o ON {key} WHERE d.state = '+'"
        self._stage.run(*self._history(kind, "'+'", found))

    def _update(self, kind: Kind, table: str, differs: str) -> None:
        name = self._stage.name
        tenant = f"(SELECT t.id FROM {name(TENANT.table)} t WHERE t.slug = d.tenant)"
        values = {column: f"d.{name(column)}" for column in kind.names if column not in kind.key}
        if kind is not TENANT:
            values["tenant_id"] = tenant
        values["modified"] = "%s"
        assignments = ", ".join(f"{name(column)} = {value}" for column, value in values.items())
        self._stage.run(
            _UPDATE.format(table=table, differs=differs, values=assignments),
            (self._moment(),),
        )

    def _fixed(self, kind: Kind) -> dict[str, object]:
        """Return the columns that no file carries, with their values in a new row."""
        fixed: dict[str, object] = {}
        for column, field in _stored(kind.model):
            if field.primary_key or field.name == "tenant" or field.name in kind.names:
                continue
            is_moment = isinstance(field, models.DateTimeField)
            fixed[column] = self._moment() if is_moment else field.get_default()
        return fixed

    def _history(self, kind: Kind, state: str, source: str) -> tuple[str, tuple[object, ...]]:
        """Return the statement, and its values, that writes the history of the rows (o) of a source."""
        history = kind.model.history.model  # type: ignore[attr-defined]
        own = {column for column, _field in _stored(kind.model)}
        kept = [column for column, _field in _stored(history) if column in own]
        name = self._stage.name
        columns = ", ".join(name(column) for column in kept)
        values = ", ".join(f"o.{name(column)}" for column in kept)
        sql = (
            f"INSERT INTO {name(table_of(history))} ({columns}, history_type, history_date,"
            " history_change_reason, history_user_id)"
            f" SELECT {values}, {state}, %s, %s, %s FROM {source}"
        )
        # The keys of a project's users may be of a type that the driver does not accept.
        field = history._meta.get_field("history_user")  # noqa: SLF001 (Django's documented name)
        user = field.get_db_prep_value(self._signature.user, self._stage.connection)
        return sql, (self._moment(), reason_with(IMPORTED, self._signature.reason), user)

    def _moment(self) -> Any:
        return _adapted(self._now, self._stage)


def _adapted(moment: datetime, stage: Stage) -> object:
    return stage.connection.ops.adapt_datetimefield_value(moment)


def _stored(model: type[models.Model]) -> Iterator[tuple[str, AnyField]]:
    for field in model._meta.concrete_fields:  # noqa: SLF001 (Django's documented name)
        yield field.attname, field
