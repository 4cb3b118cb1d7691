"""Restore a tenant and all its rows to their state before some time, after showing the plan."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy

from corsadmin.admin.history.differences import differences, history_fields, origin_names
from corsadmin.admin.history.steps import RowStep, forbidden_step
from corsadmin.admin.history.versions import KINDS, versions_of
from corsadmin.models import Emergency, Origin, Tenant, TenantMember
from corsadmin.models.access import CANNOT_BE_ADDED, Access, AnyRow
from corsadmin.models.rows import RowVersion

ELSEWHERE = gettext_lazy("It belongs to another tenant now.")


ThenAndNow: TypeAlias = tuple[dict[int, AnyRow], dict[int, AnyRow]]  # rows by key


def plan_restore(access: Access, tenant: Tenant, before: datetime) -> list[RowStep]:
    """Return the steps that restore a tenant to its state before a time.

    A deleted tenant comes back with the emergency that was on when it was deleted, and with its
    members if the user may add members. The members of an existing tenant stay the same.
    """
    kinds: list[type[AnyRow]] = [*KINDS]
    if brings_members(access, tenant):
        kinds.append(TenantMember)
    moves = [move for kind in kinds for move in _moves(access, kind, tenant, before)]
    stopped = emergency_at_end(tenant)
    if stopped is not None:
        stopped._state.adding, stopped.by = True, access.user
        forbidden = forbidden_step(access, "add", [tenant], None, stopped)
        told = differences(Emergency, None, stopped)
        moves.append(RowStep("add", Emergency, stopped, None, told, forbidden))
    return moves


def emergency_at_end(tenant: Tenant) -> Emergency | None:
    """Return the emergency that was on when a tenant was deleted, unless its end has passed."""
    if not is_gone(tenant):
        return None
    ends: list[RowVersion] = [
        versions_of(kind, tenant.pk).order_by("history_id").last() for kind in (Tenant, Emergency)
    ]
    last, stopped = ends
    if stopped is None or stopped.history_date != last.history_date or stopped.history_type != "-":
        return None
    row: Emergency = stopped.instance
    return None if row.is_over() else row


def brings_members(access: Access, tenant: Tenant) -> bool:
    """Report whether restoring a tenant restores its members too."""
    # The plan names the members, so the user must be allowed to view them.
    return is_gone(tenant) and all(
        access.everywhere(word, TenantMember) for word in ("view", "add")
    )


def is_gone(tenant: Tenant) -> bool:
    """Report whether a tenant was deleted, so that it was made from a version."""
    return tenant._state.adding


def _moves(
    access: Access, kind: type[AnyRow], tenant: Tenant, before: datetime
) -> Iterator[RowStep]:
    then, now = (_origins if kind is Origin else _rows)(kind, tenant.pk, before)
    elsewhere = _stored(kind, then.keys() - now.keys())
    names = origin_names(access, [*then.values(), *now.values()])
    for pk in sorted({*then, *now}):
        old, new = now.get(pk), then.get(pk)
        action = _action(kind, old, new)
        if action:
            row = now[pk] if new is None else new
            # The row may have been the platform then.
            owners = [tenant, row] if isinstance(row, Tenant) else [tenant]
            forbidden = forbidden_step(access, action, owners, old, row)
            if pk in elsewhere and not forbidden:
                seen = access.seen(Tenant, kind)
                is_seen = seen is None or elsewhere[pk] in seen
                forbidden = str(ELSEWHERE if is_seen else CANNOT_BE_ADDED[kind])
            yield RowStep(action, kind, row, old, differences(kind, old, new, names), forbidden)


def _action(kind: type[AnyRow], old: AnyRow | None, new: AnyRow | None) -> str:
    """Return what to do with a row, blank for nothing. The tenant itself is never deleted."""
    if old is None:
        return "add"
    if new is None:
        return "" if kind is Tenant else "delete"
    new._state.adding = False
    return "change" if differences(kind, old, new) else ""


def _stored(kind: Any, keys: Collection[int]) -> dict[int, int]:
    """Return the keys that belong to stored rows, each with its tenant's key."""
    if not keys or kind is Tenant:
        return {}
    return dict(kind._base_manager.filter(pk__in=keys).values_list("pk", "tenant"))


def _rows(kind: type[AnyRow], key: int, before: datetime) -> ThenAndNow:
    """Return the rows of a tenant just before a time and the stored ones, both by key."""
    earlier = versions_of(kind, key).filter(history_date__lt=before)
    versions = earlier.order_by("history_date", "history_id")
    then = _last((row.id, row.history_type, row) for row in versions)
    rows = kind._default_manager.filter(**{"pk" if kind is Tenant else "tenant": key})
    return {pk: row.instance for pk, row in then.items()}, {row.pk: row for row in rows}


def _origins(kind: type[AnyRow], key: int, before: datetime) -> ThenAndNow:
    """Return the same for origins, but because there can be many, only for those that changed."""
    names = [field.attname for field in history_fields(kind)]
    earlier = versions_of(kind, key).filter(history_date__lt=before)
    versions = earlier.order_by("history_date", "history_id")
    found = versions.values_list("id", "history_type", "history_id", *names)
    then = _last((pk, sign, values) for pk, sign, *values in found)
    rows = kind._default_manager.filter(tenant=key).order_by()
    # Read as plain values, from which the rows to show are made without another query.
    columns = [field.attname for field in kind._meta.concrete_fields]
    own, places = columns.index("id"), [columns.index(name) for name in names]
    stored = {values[own]: values for values in rows.values_list(*columns)}
    now = {pk: [values[place] for place in places] for pk, values in stored.items()}
    new = {pk: version for pk, (version, *values) in then.items() if values != now.get(pk)}
    kept = kind.history.in_bulk(list(new.values()))
    gone = [pk for pk in now if pk in new or pk not in then]
    return {pk: kept[version].instance for pk, version in new.items()}, {
        pk: kind.from_db(rows.db, columns, stored[pk]) for pk in gone
    }


def _last(versions: Iterable[tuple[int, str, RowVersion]]) -> dict[int, RowVersion]:
    """Return the last version of each row, leaving out rows that it deletes."""
    found: dict[int, RowVersion] = {}
    for pk, sign, version in versions:
        found[pk] = None if sign == "-" else version
    return {pk: version for pk, version in found.items() if version is not None}
