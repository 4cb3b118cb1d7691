"""Ask before a change removes a tenant's last origin, or the origin of the admin page in use."""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from corsadmin.admin.lockout.question import CONFIRM
from corsadmin.admin.lockout.verdict import ChangeVerdict, Confirmation
from corsadmin.admin.optimistic_lock.form import REASON
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.rendering import render
from corsadmin.admin.titles import title_of_rows
from corsadmin.engine import PLATFORM
from corsadmin.models import Tenant
from corsadmin.models.access import access
from corsadmin.models.rows import PolicyRow
from corsadmin.proposed_change import ProposedChange, owner
from corsadmin.proposed_change.consequences import (
    Consequences,
    find_consequences,
)


def page_origin(request: HttpRequest) -> str:
    """Return the origin of the admin page, as the user's browser sees it."""
    return request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"


def judge(
    request: HttpRequest, change: ProposedChange, *, of: Model | None = None
) -> ChangeVerdict:
    """Return the verdict on a change that the request's user is about to make."""
    return verdict_for(request, find_consequences(change, page_origin(request)), of=of)


def verdict_for(
    request: HttpRequest, found: Consequences, *, of: Model | None = None
) -> ChangeVerdict:
    """Return the verdict on a change's consequences, given the confirmation in the request."""
    return ChangeVerdict.on(access(request), found, Confirmation.sent(request.POST), of=of)


def without_questioned(
    request: HttpRequest, rows: list[PolicyRow], refused: list[str]
) -> list[PolicyRow]:
    """Return the rows that can be written although others need a reason or a permission.

    Rows need one if they widen a policy, or change the answers to callers of the last days. The
    reasons for leaving rows out are added to `refused`.
    """
    found = find_consequences(ProposedChange.from_rows(rows), None)
    verdict = verdict_for(request, found)
    questioned: set[int] = set()
    if verdict.widening.is_refused:
        refused += verdict.widening.refusals
        questioned |= {widening.tenant for widening in found.widenings}
    if verdict.impact.is_unexplained:
        refused += verdict.impact.refusals
        questioned |= {one.tenant for one in found.impact.tenants}
    if not questioned:
        return rows
    # The change that affects a tenant may be one of the platform's rows.
    questioned |= {*Tenant.objects.filter(slug=PLATFORM).values_list("pk", flat=True)}
    return [row for row in rows if owner(row) not in questioned]


def confirmation_page(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    verdict: ChangeVerdict,
    rows: QuerySet[Model],
) -> TemplateResponse:
    """Answer with the question about some rows. Confirming it sends the same form again."""
    context = {**verdict.context(), "posted": posted(request, (REASON,))}
    title = title_of_rows(modeladmin, request, _("Are you sure?"), rows)
    return render(modeladmin, request, "ask", title, context)


def posted(request: HttpRequest, without: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return the names and values of a submitted form, to be sent again."""
    left_out = {"csrfmiddlewaretoken", CONFIRM, *without}
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in left_out
        for value in values
    ]


def withdraw_answer(request: HttpRequest, names: tuple[str, ...]) -> None:
    """Remove these names from a submitted form, or all without names, so that Django asks again."""
    given: Any = request.POST.copy()
    for name in names:
        given.pop(name, None)
    request.POST = given if names else QueryDict()
