"""Who may accept the risk of a row, and the reason that it needs."""

from typing import Final

from django.db.models import Model
from django.forms.utils import ErrorList
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, Access, Row
from corsadmin.models.permission_holders import holders_of
from corsadmin.proposed_change.risk_acceptance import dangers

CODE: Final = "reason-missing"
SAY_WHY: Final = gettext_lazy("This accepts a risk. Give a reason, which is kept in the history.")

_ASKS: Final = {
    ACCEPT_RISK: gettext_lazy("Ask somebody who may accept the risk of a dangerous origin."),
    ALLOW_ANY_ORIGIN: gettext_lazy("Ask somebody who may open a path to any origin."),
}
MAY_NOT_OPEN: Final = gettext_lazy(
    "You do not have permission to change what is open to any origin."
)


def whom_to_ask(access: Access, permission: str) -> str:
    """Return whom to ask for what only others may do, naming people whom the user may view."""
    names = ", ".join(holders_of(permission, access))
    return " ".join(
        [
            str(_ASKS[permission]),
            *([_("For example: %(names)s.") % {"names": names}] if names else []),
        ]
    )


def ask_beside(access: Access, entry: Origin, errors: ErrorList | None) -> str:
    """Return whom to ask if an error advises to accept the risk, blank if the user may accept it."""
    codes = {problem.code for problem in dangers(entry)} if errors else set()
    is_advised = errors is not None and any(error.code in codes for error in errors.as_data())
    return "" if access.has(ACCEPT_RISK) or not is_advised else whom_to_ask(access, ACCEPT_RISK)


def missing_permission(access: Access, row: Model) -> str:
    """Return why a user may not put a row in force, blank if they may.

    Somebody accepted the risk of one row. Others must not change or re-enable that row.
    """
    if isinstance(row, PathRule) and row.any_origin and not access.has(ALLOW_ANY_ORIGIN):
        return str(MAY_NOT_OPEN)
    if isinstance(row, Origin) and row.risk_accepted and not access.has(ACCEPT_RISK):
        problems = dangers(row)
        if problems:
            return " ".join(
                [
                    describe(problems[0]),
                    _("You do not have permission to accept this risk."),
                    whom_to_ask(access, ACCEPT_RISK),
                ]
            )
    return ""


def stored_row(row: Row) -> Row | None:
    """Return a row as stored in the database, or None if it is not there."""
    if row.pk is None:
        return None
    return type(row)._base_manager.filter(pk=row.pk).first()
