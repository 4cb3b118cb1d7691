"""Who may accept the risk of a row, and that they say why."""

from typing import Final

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, Access, Row
from corsadmin.proposed_change.risk_acceptance import dangers

CODE: Final = "reason-missing"
SAY_WHY: Final = gettext_lazy("This accepts a risk: say why. The reason is kept in the history.")

MAY_NOT_OPEN: Final = gettext_lazy("You have no permission to change what is open to any origin.")


def missing_permission(access: Access, row: Model) -> str:
    """Return what forbids a user to put a row in force, blank when nothing does.

    What somebody accepted was one row: others must not make it another one, or live again.
    """
    if isinstance(row, PathRule) and row.any_origin and not access.has(ALLOW_ANY_ORIGIN):
        return str(MAY_NOT_OPEN)
    if isinstance(row, Origin) and row.risk_accepted and not access.has(ACCEPT_RISK):
        problems = dangers(row)
        if problems:
            return " ".join(
                [describe(problems[0]), _("You have no permission to accept this risk.")]
            )
    return ""


def stored_row(row: Row) -> Row | None:
    """Return a row as it is in the database, None when it is not there."""
    if row.pk is None:
        return None
    return type(row)._base_manager.filter(pk=row.pk).first()
