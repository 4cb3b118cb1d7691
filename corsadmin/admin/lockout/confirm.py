"""Ask before a change takes away a tenant's last origin, or that of the very page it is made on."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from corsadmin.admin.lockout.proposed_change import Edit
from corsadmin.admin.lockout.question import CONFIRM, LockoutError, Loss, losses, told
from corsadmin.admin.rendering import render
from corsadmin.models import Tenant
from corsadmin.models.access import access


def page_origin(request: HttpRequest) -> str:
    """Return the origin of the admin's pages, as their reader's browser has it."""
    return request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"


def lost_by(request: HttpRequest, edit: Edit) -> list[Loss]:
    """Return what tenants lose by an edit. Of tenants that the user does not see none is named."""
    seen = access(request).keys("view", Tenant)
    return [
        loss
        if seen is None or loss.tenant in seen
        else loss._replace(tenant=0, slug=_("other tenants"))
        for loss in losses(edit, page_origin(request))
    ]


def unconfirmed(request: HttpRequest, edit: Edit) -> list[Loss]:
    """Return what tenants lose, unless the user was asked and has said yes."""
    return [] if CONFIRM in request.POST else lost_by(request, edit)


def ask_first(request: HttpRequest, edit: Edit) -> None:
    """Raise LockoutError where tenants lose by an edit that nobody has confirmed."""
    lost = unconfirmed(request, edit)
    if lost:
        raise LockoutError(lost)


def ask(modeladmin: Any, request: HttpRequest, lost: list[Loss]) -> TemplateResponse:
    """Answer with the question; a yes sends the same form once more."""
    context = {"losses": told(lost), "posted": posted(request)}
    return render(modeladmin, request, "ask", _("Are you sure?"), context)


def posted(request: HttpRequest, without: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return the names and values of a sent form, to be sent again."""
    left_out = {"csrfmiddlewaretoken", CONFIRM, *without}
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in left_out
        for value in values
    ]


def ask_again(request: HttpRequest, names: tuple[str, ...]) -> None:
    """Make a sent form one without these names, so that Django shows its question again."""
    given: Any = request.POST.copy()
    for name in names:
        given.pop(name, None)
    request.POST = given if names else QueryDict()
