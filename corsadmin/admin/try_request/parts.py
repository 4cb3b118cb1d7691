"""The rows that a call needs changed: those the user may write, and whom to ask for the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.permissions import tenant_of
from corsadmin.admin.risks.acceptance import missing_permission, whom_to_ask
from corsadmin.diagnose.explain import Explanation, Mending, RemedyKind
from corsadmin.diagnose.explain.draft import row_key
from corsadmin.diagnose.verdict import CallOutcome, Verdict
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, Access
from corsadmin.proposed_change.change import ChangedRow

_ASK_FOR_HOSTS: Final = gettext_lazy(
    "Ask somebody who may add hosts. Members of a tenant may not, because a host decides to which "
    "tenant traffic belongs."
)
_ASK_TO_LIFT: Final = gettext_lazy(
    "Ask somebody who may lift emergencies, which needs the permission corsadmin.emergency."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One row after all changes, the `fields` that change, and the sentences that say how.

    `ask` says whom to ask, blank if the user may write the row.
    """

    row: ChangedRow
    fields: tuple[str, ...]
    sentences: list[str]
    ask: str


def parts_of(access: Access, mending: Mending) -> list[Part]:
    """Return the rows that a call needs changed, in the order of the steps."""
    return [
        Part(
            row=row,
            fields=mending.fields_of(row),
            sentences=mending.sentences_of(row),
            ask=_whom_to_ask(access, row),
        )
        for row in mending.rows
    ]


def changes_with_asks(access: Access, found: Explanation) -> Iterator[tuple[str, str]]:
    """Yield what must change for a call, and whom to ask if the user may not change it."""
    asks = {row_key(part.row): part.ask for part in parts_of(access, found.mending)}
    for remedy in found.mending.remedies:
        ask = "" if remedy.row is None else asks[row_key(remedy.row)]
        if remedy.kind is RemedyKind.EMERGENCY and not _may_lift(access, remedy.lifted):
            ask = str(_ASK_TO_LIFT)
        if remedy.kind is RemedyKind.HOST and not access.may("add", TenantHost):
            ask = str(_ASK_FOR_HOSTS)
        yield remedy.sentence, ask
    for sentence in found.presets:
        yield sentence, ""


def can_make(access: Access, verdict: Verdict) -> bool:
    """Report whether the user may make any change that a blocked call needs."""
    found = verdict.explanation
    if found is None or verdict.outcome is not CallOutcome.BLOCKED:
        return False
    if needs_tenant(found.mending):
        return access.may("add", TenantHost) or access.may("add", Origin)
    return any(not part.ask for part in parts_of(access, found.mending))


def needs_tenant(mending: Mending) -> bool:
    """Report whether the user must first choose the tenant for an unknown host."""
    return any(one.kind is RemedyKind.HOST and one.row is None for one in mending.remedies)


def _may_lift(access: Access, slug: str) -> bool:
    return access.may_switch(Tenant.objects.filter(slug=slug).first())


def _whom_to_ask(access: Access, row: Any) -> str:
    action = "add" if row.pk is None else "change"
    tenant = tenant_of(row)
    if access.may(action, type(row), tenant):
        return _whom_to_ask_for_risk(access, row)
    if isinstance(row, TenantHost):
        return str(_ASK_FOR_HOSTS)
    if tenant is not None and tenant.is_platform:
        return _("Ask somebody who may change the platform's policy.")
    return _("Ask an editor of %(tenant)s, or an administrator of this site.") % {"tenant": tenant}


def _whom_to_ask_for_risk(access: Access, row: Any) -> str:
    if not missing_permission(access, row):
        return ""
    if isinstance(row, PathRule):
        return whom_to_ask(access, ALLOW_ANY_ORIGIN)
    return whom_to_ask(access, ACCEPT_RISK)
