"""Put a tenant with all it holds back to what it was before some time, after a look at the plan."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import router
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin import generation
from corsadmin.access import Access
from corsadmin.admin.timeline import KINDS, Difference, differences, versions_of
from corsadmin.forms.accepting import missing_permission
from corsadmin.models import Tenant

WORDS = {
    "add": gettext_lazy("comes back"),
    "change": gettext_lazy("changes"),
    "delete": gettext_lazy("goes"),
}


class Move(NamedTuple):
    """One row that must be written; `forbidden` says why this user must not, blank if they may."""

    action: str
    kind: Any
    row: Any
    differences: list[Difference]
    forbidden: str

    @property
    def word(self) -> Any:
        return WORDS[self.action]

    @property
    def title(self) -> str:
        return f"{self.kind._meta.verbose_name} {self.row}"


def plan(access: Access, tenant: Tenant, before: datetime) -> list[Move]:
    """Return what must be written so that a tenant is again what it was before a time."""
    return [move for kind in KINDS for move in _moves(access, kind, tenant, before)]


def digest(moves: list[Move]) -> str:
    """Return a text that differs when the plan does."""
    said = repr([(move.action, move.title, move.differences) for move in moves])
    return sha256(said.encode()).hexdigest()[:16]


def apply(moves: list[Move]) -> None:
    """Carry out a plan as one change, but for what is forbidden.

    Raises ValidationError, and writes nothing, when a row of then would not be accepted today.
    """
    allowed = [move for move in moves if not move.forbidden]
    order = {"delete": 0, "change": 1, "add": 2}
    with generation.change(router.db_for_write(Tenant)):
        # The tenant first: its rows need it.
        for move in sorted(allowed, key=lambda move: (move.kind is not Tenant, order[move.action])):
            if move.action == "delete":
                move.row.delete()
                continue
            try:
                move.row.full_clean()
            except ValidationError as error:
                raise ValidationError(
                    [f"{move.title}: {text}" for text in error.messages]
                ) from error
            move.row.save(force_insert=move.action == "add")


def _moves(access: Access, kind: Any, tenant: Tenant, before: datetime) -> Iterator[Move]:
    then = _state(kind, tenant.pk, before)
    field = "pk" if kind is Tenant else "tenant"
    now = {row.pk: row for row in kind._default_manager.filter(**{field: tenant.pk})}
    for pk in sorted({*then, *now}):
        old, new = now.get(pk), then.get(pk)
        action = _action(kind, old, new)
        if action:
            row = old if new is None else new
            forbidden = _forbidden(access, action, tenant, old, row)
            yield Move(action, kind, row, differences(kind, old, new), forbidden)


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
    return "" if action == "delete" else missing_permission(access, row)


def _state(kind: Any, key: int, before: datetime) -> dict[int, Any]:
    """Return the rows as they were just before a time."""
    found: dict[int, Any] = {}
    earlier = versions_of(kind, key).filter(history_date__lt=before)
    for version in earlier.order_by("history_date", "history_id"):
        if version.history_type == "-":
            found.pop(version.id, None)
        else:
            found[version.id] = version
    return {pk: version.instance for pk, version in found.items()}
