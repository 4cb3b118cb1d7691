"""Report after a copy how many rows were written, and name those that were not."""

from collections.abc import Collection, Iterable
from itertools import groupby
from operator import attrgetter
from typing import Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from corsadmin.admin.copy_rows.planning import KEPT, NEW, OVERWRITTEN, REFUSED, RowCopy
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.telling import COPIED, REPLACED, tell_count

MAX_NAMED_ROWS: Final = 40


def tell_copied(
    modeladmin: PolicyModelAdmin, request: HttpRequest, copies: Collection[RowCopy]
) -> None:
    """Show how many rows were added and overwritten, and name those kept or refused."""
    for state, verb in ((NEW, COPIED), (OVERWRITTEN, REPLACED)):
        count = sum(copy.state == state for copy in copies)
        if count:
            tell_count(modeladmin, request, verb, count)
    for state, text in (
        (KEPT, _("Existing values kept: %(rows)s.")),
        (REFUSED, _("Not copied: %(rows)s.")),
    ):
        left = [copy for copy in copies if copy.state == state]
        if left:
            said = text % {"rows": _names(left)}
            modeladmin.message_user(request, said, messages.WARNING)


def _names(copies: Iterable[RowCopy]) -> str:
    """Return the names of rows by tenant, shortened if there are many."""
    all_rows = list(copies)
    named = all_rows[:MAX_NAMED_ROWS]
    text = "; ".join(
        f"{tenant}: {', '.join(copy.name for copy in group)}"
        for tenant, group in groupby(named, attrgetter("tenant"))
    )
    more = len(all_rows) - len(named)
    return _("%(rows)s and %(count)d more") % {"rows": text, "count": more} if more else text
