"""Undo one change: what the undo writes, what has changed since, and what it leaves unchanged."""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise

from corsadmin.admin.history.changed_since import changed_since
from corsadmin.admin.history.differences import FieldChange, differences, origin_names
from corsadmin.admin.history.reading import users_and_reasons
from corsadmin.admin.history.steps import NOT_ALLOWED, RowStep, forbidden_step
from corsadmin.admin.history.undo_plan import (
    AS_IT_WAS,
    FULL,
    GONE,
    GONE_ALREADY,
    HOMELESS,
    OVER,
    PLATFORM_STAYS,
    STOPPED,
    THERE_AGAIN,
    UNKNOWN,
    UndoNote,
    UndoPlan,
)
from corsadmin.admin.history.versions import ALL_KINDS, Kind
from corsadmin.admin.history.written_rows import (
    WrittenRow,
    columns_of,
    differ,
    rows_written_at,
)
from corsadmin.models import Emergency, Origin, PathRule, Tenant, TenantHost, TenantMember
from corsadmin.models.access import CANNOT_BE_ADDED, Access, AnyRow
from corsadmin.proposed_change import owner

MAX_UNDONE_ROWS: Final = 1_000
# The columns that are unique together, the most selective one first.
_KEYS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Tenant: ("slug",),
    TenantHost: ("host",),
    PathRule: ("path", "tenant_id"),
    Origin: ("pattern", "tenant_id", "scope"),
    TenantMember: ("user_id", "tenant_id"),
    Emergency: ("tenant_id",),
}


def plan_undo(access: Access, moment: datetime, *, overwrites: bool = False) -> UndoPlan:
    """Return the plan for undoing the change of a moment, limited to rows that the user may see.

    A row that was changed again stays unchanged, unless the plan `overwrites` later changes.
    """
    written = rows_written_at(access, moment, MAX_UNDONE_ROWS)
    if written is None:
        return UndoPlan(is_known=True, is_too_long=True)
    return _Planner(access, written, overwrites=overwrites).plan()


class _Planner:
    """Makes the plan from the rows that the change wrote and the rows stored now."""

    def __init__(self, access: Access, written: list[WrittenRow], *, overwrites: bool) -> None:
        self._access, self._written, self._overwrites = access, written, overwrites
        self._steps: list[RowStep] = []
        self._later: list[tuple[WrittenRow, AnyRow]] = []
        self._full: list[UndoNote] = []
        self._notes: list[UndoNote] = []
        self._now = {
            kind: _stored(kind, [one.key for one in written if one.kind is kind])
            for kind in {one.kind for one in written}
        }
        self._tenants = self._owners()
        self._names = origin_names(
            access,
            [
                row
                for one in written
                for row in (one.before, one.after, self._now[one.kind].get(one.key))
            ],
        )

    def plan(self) -> UndoPlan:
        """Return the plan."""
        # Tenants first: their rows can be restored only if they exist.
        for one in sorted(self._written, key=lambda one: one.kind is not Tenant):
            self._add(one, self._now[one.kind].get(one.key))
        self._leave_taken()
        self._leave_full()
        later = [*changed_since(self._access, self._later, self._names)]
        by = users_and_reasons((one.kind, one.last) for one in self._written)
        is_known = bool(self._written)
        return UndoPlan(self._steps, later, self._full, self._notes, *by, is_known=is_known)

    def _owners(self) -> dict[int, Tenant]:
        rows = [
            row
            for one in self._written
            for row in (one.before, self._now[one.kind].get(one.key))
            if row is not None and not isinstance(row, Tenant)
        ]
        return _stored(Tenant, {row.tenant_id for row in rows})  # type: ignore[return-value]

    def _add(self, one: WrittenRow, now: AnyRow | None) -> None:
        """Add the step or the note for one row."""
        if now is not None and not self._sees(one.kind, now):
            self._note(one, NOT_ALLOWED)
        elif not one.is_known:
            self._note(one, UNKNOWN)
        elif one.before is None and one.after is None:
            pass  # the change both added and deleted it
        elif one.before is None:
            self._remove(one, now)
        elif one.after is None:
            self._bring_back(one, one.before, now)
        else:
            self._change_back(one, one.before, now)

    def _sees(self, kind: Kind, now: AnyRow) -> bool:
        """Report whether the user may see a row in its current tenant, which may be another one."""
        keys = self._access.keys("view", kind)
        return keys is None or owner(now) in keys

    def _remove(self, one: WrittenRow, now: AnyRow | None) -> None:
        if now is None:
            self._note(one, GONE_ALREADY)
        elif self._may_write(one, now, columns_of(one.kind)):
            self._step("delete", one.kind, now, now, self._differ(one.kind, now, None))

    def _bring_back(self, one: WrittenRow, before: AnyRow, now: AnyRow | None) -> None:
        if now is not None:
            self._note(one, THERE_AGAIN)
            return
        if isinstance(before, Emergency):
            if before.is_over():
                self._note(one, OVER)
                return
            before.by = self._access.user
        before._state.adding = True
        self._step("add", one.kind, before, None, self._differ(one.kind, None, before))

    def _change_back(self, one: WrittenRow, before: AnyRow, now: AnyRow | None) -> None:
        if now is None:
            self._note(one, GONE)
            return
        names = one.fields
        row = copy(now)
        for name in names:
            setattr(row, name, getattr(before, name))
        if not any(differ(now, row, name) for name in names):
            if names:
                self._note(one, AS_IT_WAS)
        elif self._may_write(one, now, names):
            if isinstance(row, Emergency):
                row.by = self._access.user
            self._step("change", one.kind, row, now, self._differ(one.kind, now, row))

    def _differ(self, kind: Kind, old: AnyRow | None, new: AnyRow | None) -> list[FieldChange]:
        return differences(kind, old, new, self._names)

    def _may_write(self, one: WrittenRow, now: AnyRow, names: Iterable[str]) -> bool:
        """Report whether the columns may be written, and record the row if they changed since."""
        if not any(differ(one.after, now, name) for name in names):
            return True
        self._later.append((one, now))
        return self._overwrites

    def _step(
        self,
        action: str,
        kind: Kind,
        row: AnyRow,
        old: AnyRow | None,
        changes: list[FieldChange],
    ) -> None:
        forbidden = self._forbidden(action, row, old)
        if isinstance(row, Tenant) and action == "add" and not forbidden:
            self._tenants[row.pk] = row
        self._steps.append(
            RowStep(action, kind, row, old, changes, forbidden, self._tenant_of(row))
        )

    def _tenant_of(self, row: AnyRow) -> str:
        """Return the slug of a row's tenant, blank for a tenant itself or without permission."""
        tenant = None if isinstance(row, Tenant) else self._tenants.get(row.tenant_id)
        return tenant.slug if tenant and self._access.sees(tenant, Tenant) else ""

    def _forbidden(self, action: str, row: AnyRow, old: AnyRow | None) -> str:
        if isinstance(row, Tenant):
            # The tenant may be the platform only now, or only then.
            renamed = [one for one in (row, old) if isinstance(one, Tenant)]
            if action == "delete" and row.is_platform:
                return str(PLATFORM_STAYS)
            if action == "add" and self._lacks_emergency(row):
                return str(STOPPED)
            return forbidden_step(self._access, action, renamed, old, row)
        keys = {one.tenant_id for one in (row, old) if one is not None}  # type: ignore[union-attr]
        if not keys <= self._tenants.keys():
            return str(HOMELESS)
        owners = [self._tenants[key] for key in keys]
        return forbidden_step(self._access, action, owners, old, row)

    def _lacks_emergency(self, tenant: Tenant) -> bool:
        """Report whether the restored tenant would lack an emergency that the user may not switch."""
        return not self._access.may("change", Emergency, tenant) and any(
            isinstance(one.before, Emergency)
            and one.before.tenant_id == tenant.pk
            and not one.before.is_over()
            for one in self._written
        )

    def _leave_taken(self) -> None:
        """Leave out rows whose unique values another row has by now."""
        for kind, names in _KEYS.items():
            adds = [one for one in self._steps if one.kind is kind and one.action == "add"]
            if not adds:
                continue
            # A row that the undo deletes or changes frees its values.
            written = [one.row.pk for one in self._steps if one.kind is kind and not one.forbidden]
            rows: Any = kind._base_manager.exclude(pk__in=written)
            values = {getattr(step.row, names[0]) for step in adds}
            taken = set(rows.filter(**{f"{names[0]}__in": values}).values_list(*names))
            for step in adds:
                if tuple(getattr(step.row, name) for name in names) in taken:
                    self._steps.remove(step)
                    self._notes.append(UndoNote(step.title, self._taken(kind), []))

    def _taken(self, kind: Kind) -> str:
        # A slug or a host may belong to another tenant by now, which the user may not see.
        is_seen = kind not in (Tenant, TenantHost) or self._access.everywhere("view", kind)
        return str(THERE_AGAIN if is_seen else CANNOT_BE_ADDED[kind])

    def _leave_full(self) -> None:
        """Leave a tenant that has gained other rows, unless later changes are overwritten."""
        for step in [step for step in self._steps if _goes(step, Tenant)]:
            surplus = [
                kind
                for kind in ALL_KINDS
                if kind is not Tenant
                and _rows_of(kind, step.row)
                .exclude(pk__in=[one.row.pk for one in self._steps if _leaves(one, kind, step.row)])
                .exists()
            ]
            if not surplus:
                continue
            tenant: Any = step.row
            self._full.append(UndoNote(step.title, str(FULL), []))
            may_all = all(self._access.may("delete", kind, tenant) for kind in surplus)
            if not (self._overwrites and may_all):
                self._steps.remove(step)

    def _note(self, one: WrittenRow, text: Promise) -> None:
        self._notes.append(UndoNote(one.title, str(text), []))


def _goes(step: RowStep, kind: Kind) -> bool:
    return step.kind is kind and step.action == "delete" and not step.forbidden


def _leaves(step: RowStep, kind: Kind, tenant: AnyRow) -> bool:
    """Report whether a row no longer belongs to a tenant after a step."""
    if step.kind is not kind or step.forbidden:
        return False
    return step.action == "delete" or owner(step.row) != tenant.pk


def _rows_of(kind: Any, tenant: AnyRow) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind._base_manager.filter(tenant=tenant.pk)
    return rows


def _stored(kind: Kind, keys: Iterable[int]) -> dict[int, AnyRow]:
    rows: Any = kind._base_manager
    return dict(rows.in_bulk([*keys]))
