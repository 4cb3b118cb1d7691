"""Who may accept the risk of a row, and that they say why."""

from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.engine.entries import check_origin
from corsadmin.engine.problems import Problem
from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, Access
from corsadmin.models.policy_rows import origin_text

CODE: Final = "reason-missing"
SAY_WHY: Final = gettext_lazy("This accepts a risk: say why. The reason is kept in the history.")

MAY_NOT_OPEN: Final = gettext_lazy("You have no permission to change what is open to any origin.")


def missing_permission(access: Access, row: Any) -> str:
    """Return what forbids a user to put a row in force, blank when nothing does.

    What somebody accepted was one row: others must not make it another one, or live again.
    """
    if isinstance(row, PathRule) and row.any_origin and not access.has(ALLOW_ANY_ORIGIN):
        return str(MAY_NOT_OPEN)
    if isinstance(row, Origin) and row.risk_accepted and not access.has(ACCEPT_RISK):
        problems = _dangers(row)
        if problems:
            return " ".join(
                [describe(problems[0]), _("You have no permission to accept this risk.")]
            )
    return ""


def accepts_risk(before: Any, after: Any) -> bool:
    """Report whether a row, once written, takes a risk that it did not take before.

    `before` is the stored row, None when there is none. `transfer.rights` asks it in SQL.
    """
    if isinstance(after, Origin):
        return after.risk_accepted and (
            before is None
            or not before.risk_accepted
            or (_takes_effect(before, after, ("pattern", "credentials")) and bool(_dangers(after)))
        )
    if isinstance(after, PathRule):
        return after.any_origin and (
            before is None or not before.any_origin or _takes_effect(before, after, ("path",))
        )
    return False


def stored_row(row: Any) -> Any:
    """Return a row as it is in the database, None when it is not there."""
    if row.pk is None:
        return None
    return type(row)._base_manager.filter(pk=row.pk).first()


def _dangers(row: Origin) -> tuple[Problem, ...]:
    return check_origin(replace(origin_text(row), risk_accepted=False))


def _takes_effect(before: Any, after: Any, fields: tuple[str, ...]) -> bool:
    """Report whether a row is switched on, or becomes another one while it is on."""
    changed = any(getattr(before, name) != getattr(after, name) for name in fields)
    return after.enabled and (changed or not before.enabled)
