"""The rows that an undo or a restore writes, each judged like any other change; and writing them."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.collisions import hide_owner
from corsadmin.admin.history.differences import FieldChange, name_of
from corsadmin.admin.risks.acceptance import missing_permission
from corsadmin.models import Emergency, Tenant, TenantMember
from corsadmin.models.access import Access, AnyRow
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk

WORDS: Final = {
    "add": gettext_lazy("comes back"),
    "change": gettext_lazy("changes"),
    "delete": gettext_lazy("is removed"),
}
EMERGENCY_WORDS: Final = {
    "add": gettext_lazy("is switched on again"),
    "change": WORDS["change"],
    "delete": gettext_lazy("is lifted"),
}
NOT_ALLOWED: Final = gettext_lazy("You do not have permission to do this.")
# A tenant is restored before its rows, and deleted last, since deleting it deletes its rows.
_ORDER: Final = {
    (True, "add"): 0, (True, "change"): 1,
    (False, "delete"): 2, (False, "change"): 3, (False, "add"): 4,
    (True, "delete"): 5,
}  # fmt: skip


class RowStep(NamedTuple):
    """One row to write. `forbidden` says why this user may not write it, blank if they may.

    `old` is the stored row, or None. `tenant` names the row's tenant on a page about several tenants,
    blank if the user may not see it.
    """

    action: str
    kind: type[AnyRow]
    row: AnyRow
    old: AnyRow | None
    differences: list[FieldChange]
    forbidden: str
    tenant: str = ""

    @property
    def word(self) -> Promise:
        return (EMERGENCY_WORDS if self.kind is Emergency else WORDS)[self.action]

    @property
    def title(self) -> str:
        return f"{self.kind._meta.verbose_name} {name_of(self.row)}"


def forbidden_step(
    access: Access, action: str, owners: Iterable[Tenant], old: AnyRow | None, row: AnyRow
) -> str:
    """Return why a user may not write a row of some tenants, blank if they may."""
    renamed = isinstance(row, Tenant) and isinstance(old, Tenant) and old.slug != row.slug
    if not all(access.may(action, type(row), owner) for owner in owners) or (
        # "Already taken" would reveal other tenants' slugs to a member.
        renamed and not access.everywhere("change", Tenant)
    ):
        return str(NOT_ALLOWED)
    if action == "delete":
        return ""
    if isinstance(row, TenantMember):
        return "" if _has_user(row) else _("This user no longer exists.")
    return missing_permission(access, row)


def steps_accept_risk(steps: Iterable[RowStep]) -> bool:
    """Report whether steps accept a risk, so that they need a reason."""
    return any(
        accepts_risk(step.old, step.row) for step in allowed(steps) if step.action != "delete"
    )


def change_by(steps: Iterable[RowStep], *, only_tenant: int | None = None) -> ProposedChange:
    """Return the change that carrying out the steps makes."""
    some = allowed(steps)
    return ProposedChange.from_rows(
        [step.row for step in some if step.action != "delete"],
        deletes=[step.row for step in some if step.action == "delete"],
        only_tenant=only_tenant,
    )


def write_steps(access: Access, steps: Iterable[RowStep]) -> None:
    """Carry out the steps that are not forbidden, inside an open change.

    Raise ValidationError if a former row would not be valid today.
    """
    for step in sorted(allowed(steps), key=lambda step: _ORDER[step.kind is Tenant, step.action]):
        _write(access, step)


def allowed(steps: Iterable[RowStep]) -> list[RowStep]:
    """Return the steps that are not forbidden."""
    return [step for step in steps if not step.forbidden]


def _write(access: Access, step: RowStep) -> None:
    if step.action == "delete":
        step.row.delete()
        return
    try:
        step.row.full_clean()
    except ValidationError as error:
        hide_owner(access, step.row, error)
        raise ValidationError([f"{step.title}: {text}" for text in error.messages]) from error
    step.row.save(force_insert=step.action == "add")


def _has_user(row: TenantMember) -> bool:
    users = get_user_model()._default_manager
    return bool(users.filter(pk=row.user_id).exists())
