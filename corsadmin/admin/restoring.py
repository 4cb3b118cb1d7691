"""Put a tenant with all it holds back to what it was before some time, after a look at the plan."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import router
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin import generation
from corsadmin.access import Access
from corsadmin.admin.timeline import (
    KINDS,
    Difference,
    differences,
    name_of,
    told_fields,
    versions_of,
)
from corsadmin.forms.accepting import accepts_risk, missing_permission
from corsadmin.forms.lockout import is_standing, losses
from corsadmin.models import Origin, Tenant, TenantMember

WORDS = {
    "add": gettext_lazy("comes back"),
    "change": gettext_lazy("changes"),
    "delete": gettext_lazy("goes"),
}
_NONE: Final = ()
MOVED = gettext_lazy("Something has changed meanwhile: look again.")


class Move(NamedTuple):
    """One row that must be written; `forbidden` says why this user must not, blank if they may.

    `old` is the stored row, None when there is none.
    """

    action: str
    kind: Any
    row: Any
    old: Any
    differences: list[Difference]
    forbidden: str

    @property
    def word(self) -> Any:
        return WORDS[self.action]

    @property
    def title(self) -> str:
        return f"{self.kind._meta.verbose_name} {name_of(self.row)}"


def plan(access: Access, tenant: Tenant, before: datetime) -> list[Move]:
    """Return what must be written so that a tenant is again what it was before a time.

    Its members come back only with a tenant that was deleted, for those who may name members.
    """
    kinds: list[Any] = [*KINDS]
    if brings_members(access, tenant):
        kinds.append(TenantMember)
    return [move for kind in kinds for move in _moves(access, kind, tenant, before)]


def brings_members(access: Access, tenant: Tenant) -> bool:
    """Report whether a tenant that is put back brings its members with it."""
    return is_gone(tenant) and access.everywhere("add", TenantMember)


def is_gone(tenant: Tenant) -> bool:
    """Report whether a tenant was deleted."""
    return not Tenant.objects.filter(pk=tenant.pk).exists()


def digest(moves: list[Move]) -> str:
    """Return a text that differs when the plan does."""
    said = repr([(move.action, move.title, move.differences, move.forbidden) for move in moves])
    return sha256(said.encode()).hexdigest()[:16]


def takes_risk(moves: list[Move]) -> bool:
    """Report whether a plan accepts a risk, so that it needs a reason."""
    return any(
        accepts_risk(move.old, move.row) for move in _allowed(moves) if move.action != "delete"
    )


def losses_by(moves: list[Move], tenant: Tenant, page: str) -> list[Any]:
    """Return what the tenant loses when the plan is carried out from a page of this origin."""
    now = timezone.now()
    stored = {row.pk: row for row in Origin.objects.filter(tenant=tenant.pk)}
    after = dict(stored)
    for move in _allowed(moves):
        if move.kind is Origin and move.action == "delete":
            del after[move.row.pk]
        elif move.kind is Origin:
            after[move.row.pk] = move.row
        elif (
            move.kind is Tenant and not move.row.is_active and getattr(move.old, "is_active", False)
        ):
            return losses(_patterns(stored, now), (), page)
    return losses(_patterns(stored, now), _patterns(after, now), page)


def apply(access: Access, tenant: Tenant, before: datetime, shown: str) -> None:
    """Carry out the plan that was `shown`, by its digest, as one change, but for what is forbidden.

    Raises ValidationError, and writes nothing, when it is another one by now, or when a row of
    then would not be accepted today.
    """
    with generation.change(router.db_for_write(Tenant)):
        # Made once more: from here on nobody else writes.
        moves = plan(access, tenant, before)
        if digest(moves) != shown:
            raise ValidationError(MOVED)
        order = {"delete": 0, "change": 1, "add": 2}
        # The tenant first: its rows need it.
        for move in sorted(
            _allowed(moves), key=lambda move: (move.kind is not Tenant, order[move.action])
        ):
            _write(move)


def _write(move: Move) -> None:
    if move.action == "delete":
        move.row.delete()
        return
    try:
        move.row.full_clean()
    except ValidationError as error:
        raise ValidationError([f"{move.title}: {text}" for text in error.messages]) from error
    move.row.save(force_insert=move.action == "add")


def _allowed(moves: list[Move]) -> list[Move]:
    return [move for move in moves if not move.forbidden]


def _patterns(rows: dict[int, Any], now: datetime) -> set[str]:
    return {row.pattern for row in rows.values() if is_standing(row, now)}


def _moves(access: Access, kind: Any, tenant: Tenant, before: datetime) -> Iterator[Move]:
    then, now = _then(kind, tenant.pk, before), _now(kind, tenant.pk)
    # Most rows of a large tenant are what they were: only the others are worth making objects of.
    other = [
        pk for pk in sorted({*then, *now}) if then.get(pk, _NONE)[1:] != now.get(pk, _NONE)[1:]
    ]
    versions = kind.history.in_bulk([then[pk][0] for pk in other if pk in then])
    rows = kind._default_manager.in_bulk([pk for pk in other if pk in now])
    for pk in other:
        old = rows.get(pk)
        new = versions[then[pk][0]].instance if pk in then else None
        action = _action(kind, old, new)
        if action:
            row = old if new is None else new
            forbidden = _forbidden(access, action, tenant, old, row)
            yield Move(action, kind, row, old, differences(kind, old, new), forbidden)


def _action(kind: Any, old: Any, new: Any) -> str:
    """Return what must be done to a row, blank where nothing or where it is the tenant's own end."""
    if old is None:
        return "add"
    if new is None:
        return "" if kind is Tenant else "delete"
    new._state.adding = False
    return "change" if differences(kind, old, new) else ""


def _forbidden(access: Access, action: str, tenant: Tenant, old: Any, row: Any) -> str:
    renamed = isinstance(row, Tenant) and old is not None and old.slug != row.slug
    if not access.may(action, type(row), tenant) or (
        # "Already taken" would tell a member what others are called.
        renamed and not access.everywhere("change", Tenant)
    ):
        return _("You have no permission to do this.")
    if action == "delete":
        return ""
    if action == "add" and type(row)._base_manager.filter(pk=row.pk).exists():
        return _("It belongs to another tenant now.")
    if isinstance(row, TenantMember):
        return "" if _has_user(row) else _("This user no longer exists.")
    return missing_permission(access, row)


def _has_user(row: TenantMember) -> bool:
    users = get_user_model()._default_manager
    return bool(users.filter(pk=row.user_id).exists())


def _now(kind: Any, key: int) -> dict[int, tuple[Any, ...]]:
    """Return key and values of a tenant's rows, by key."""
    rows = kind._default_manager.filter(**{"pk" if kind is Tenant else "tenant": key}).order_by()
    return {values[0]: values for values in rows.values_list("pk", *_told(kind))}


def _then(kind: Any, key: int, before: datetime) -> dict[int, tuple[Any, ...]]:
    """Return the versions of rows just before a time, and their values, by the key of the row."""
    found: dict[int, tuple[Any, ...]] = {}
    earlier = versions_of(kind, key).filter(history_date__lt=before)
    ordered = earlier.order_by("history_date", "history_id")
    for pk, gone, *values in ordered.values_list("id", "history_type", "history_id", *_told(kind)):
        if gone == "-":
            found.pop(pk, None)
        else:
            found[pk] = tuple(values)
    return found


def _told(kind: Any) -> list[str]:
    return [field.attname for field in told_fields(kind)]
