"""Put a tenant with all it holds back to what it was before some time, after a look at the plan."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.collisions import hide_owner
from corsadmin.admin.history.timeline import (
    KINDS,
    FieldChange,
    differences,
    name_of,
    timeline_fields,
    versions_of,
)
from corsadmin.admin.risks.acceptance import missing_permission
from corsadmin.models import Origin, Tenant, TenantMember
from corsadmin.models.access import CANNOT_BE_ADDED, Access, AnyRow
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk

WORDS = {
    "add": gettext_lazy("comes back"),
    "change": gettext_lazy("changes"),
    "delete": gettext_lazy("is removed"),
}
ELSEWHERE = gettext_lazy("It belongs to another tenant now.")


ThenAndNow: TypeAlias = tuple[dict[int, AnyRow], dict[int, AnyRow]]  # rows by their keys


class RestoreStep(NamedTuple):
    """One row that must be written; `forbidden` says why this user must not, blank if they may.

    `old` is the stored row, None when there is none.
    """

    action: str
    kind: type[AnyRow]
    row: AnyRow
    old: AnyRow | None
    differences: list[FieldChange]
    forbidden: str

    @property
    def word(self) -> Promise:
        return WORDS[self.action]

    @property
    def title(self) -> str:
        return f"{self.kind._meta.verbose_name} {name_of(self.row)}"


def plan_restore(access: Access, tenant: Tenant, before: datetime) -> list[RestoreStep]:
    """Return what must be written so that a tenant is again what it was before a time.

    Its members come back only with a tenant that was deleted, for those who may name members.
    """
    kinds: list[type[AnyRow]] = [*KINDS]
    if brings_members(access, tenant):
        kinds.append(TenantMember)
    return [move for kind in kinds for move in _moves(access, kind, tenant, before)]


def brings_members(access: Access, tenant: Tenant) -> bool:
    """Report whether a tenant that is put back brings its members with it."""
    # The plan names them.
    return is_gone(tenant) and all(
        access.everywhere(word, TenantMember) for word in ("view", "add")
    )


def is_gone(tenant: Tenant) -> bool:
    """Report whether a tenant was deleted: what there is of it is a version."""
    return tenant._state.adding


def restore_accepts_risk(moves: list[RestoreStep]) -> bool:
    """Report whether a plan accepts a risk, so that it needs a reason."""
    return any(
        accepts_risk(move.old, move.row) for move in _allowed(moves) if move.action != "delete"
    )


def change_by(moves: list[RestoreStep], tenant: Tenant) -> ProposedChange:
    """Return what carrying out a plan writes."""
    allowed = _allowed(moves)
    return ProposedChange.from_rows(
        [move.row for move in allowed if move.action != "delete"],
        deletes=[move.row for move in allowed if move.action == "delete"],
        only_tenant=tenant.pk,  # what is another's by now is forbidden
    )


def apply_restore(access: Access, moves: list[RestoreStep]) -> None:
    """Carry out a plan, but for what is forbidden, inside an open change.

    Raises ValidationError when a row of then would not be accepted today.
    """
    order = {"delete": 0, "change": 1, "add": 2}
    # The tenant first: its rows need it.
    for move in sorted(
        _allowed(moves), key=lambda move: (move.kind is not Tenant, order[move.action])
    ):
        _write(access, move)


def _write(access: Access, move: RestoreStep) -> None:
    if move.action == "delete":
        move.row.delete()
        return
    try:
        move.row.full_clean()
    except ValidationError as error:
        hide_owner(access, move.row, error)
        raise ValidationError([f"{move.title}: {text}" for text in error.messages]) from error
    move.row.save(force_insert=move.action == "add")


def _allowed(moves: list[RestoreStep]) -> list[RestoreStep]:
    return [move for move in moves if not move.forbidden]


def _moves(
    access: Access, kind: type[AnyRow], tenant: Tenant, before: datetime
) -> Iterator[RestoreStep]:
    then, now = (_origins if kind is Origin else _rows)(kind, tenant.pk, before)
    elsewhere = _stored(kind, then.keys() - now.keys())
    for pk in sorted({*then, *now}):
        old, new = now.get(pk), then.get(pk)
        action = _action(kind, old, new)
        if action:
            row = now[pk] if new is None else new
            forbidden = _forbidden(access, action, tenant, old, row)
            if pk in elsewhere and not forbidden:
                seen = access.seen(Tenant, kind)
                is_seen = seen is None or elsewhere[pk] in seen
                forbidden = str(ELSEWHERE if is_seen else CANNOT_BE_ADDED[kind])
            yield RestoreStep(action, kind, row, old, differences(kind, old, new), forbidden)


def _action(kind: type[AnyRow], old: AnyRow | None, new: AnyRow | None) -> str:
    """Return what must be done to a row, blank where nothing or where it is the tenant's own end."""
    if old is None:
        return "add"
    if new is None:
        return "" if kind is Tenant else "delete"
    new._state.adding = False
    return "change" if differences(kind, old, new) else ""


def _forbidden(access: Access, action: str, tenant: Tenant, old: AnyRow | None, row: AnyRow) -> str:
    renamed = isinstance(row, Tenant) and isinstance(old, Tenant) and old.slug != row.slug
    # It may have been the platform then.
    owners = [tenant, row] if isinstance(row, Tenant) else [tenant]
    if not all(access.may(action, type(row), owner) for owner in owners) or (
        # "Already taken" would tell a member what others are called.
        renamed and not access.everywhere("change", Tenant)
    ):
        return _("You have no permission to do this.")
    if action == "delete":
        return ""
    if isinstance(row, TenantMember):
        return "" if _has_user(row) else _("This user no longer exists.")
    return missing_permission(access, row)


def _has_user(row: TenantMember) -> bool:
    users = get_user_model()._default_manager
    return bool(users.filter(pk=row.user_id).exists())


def _stored(kind: Any, keys: Collection[int]) -> dict[int, int]:
    """Return those of some keys that rows of tenants have, each with the tenant's."""
    if not keys or kind is Tenant:
        return {}
    return dict(kind._base_manager.filter(pk__in=keys).values_list("pk", "tenant"))


def _rows(kind: type[AnyRow], key: int, before: datetime) -> ThenAndNow:
    """Return the rows of a tenant just before a time and as they are, by their keys."""
    earlier = versions_of(kind, key).filter(history_date__lt=before)
    versions = earlier.order_by("history_date", "history_id")
    then = _last((row.id, row.history_type, row) for row in versions)
    rows = kind._default_manager.filter(**{"pk" if kind is Tenant else "tenant": key})
    return {pk: row.instance for pk, row in then.items()}, {row.pk: row for row in rows}


def _origins(kind: type[AnyRow], key: int, before: datetime) -> ThenAndNow:
    """Return the same of origins, which are many: only of those that are not what they were."""
    names = [field.attname for field in timeline_fields(kind)]
    earlier = versions_of(kind, key).filter(history_date__lt=before)
    versions = earlier.order_by("history_date", "history_id")
    found = versions.values_list("id", "history_type", "history_id", *names)
    then = _last((pk, sign, values) for pk, sign, *values in found)
    rows = kind._default_manager.filter(tenant=key).order_by()
    now = {pk: values for pk, *values in rows.values_list("pk", *names)}
    new = {pk: version for pk, (version, *values) in then.items() if values != now.get(pk)}
    kept = kind.history.in_bulk(list(new.values()))
    gone = [pk for pk in now if pk in new or pk not in then]
    return {pk: kept[version].instance for pk, version in new.items()}, {**rows.in_bulk(gone)}


def _last(versions: Iterable[tuple[int, str, Any]]) -> dict[int, Any]:
    """Return the last of each row's versions, but for those that are its end."""
    found: dict[int, Any] = {}
    for pk, sign, version in versions:
        found[pk] = None if sign == "-" else version
    return {pk: version for pk, version in found.items() if version is not None}
