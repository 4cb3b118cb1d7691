"""Ask before an action takes away a tenant's last origin, or that of the very page it is made on."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from corsadmin.forms.lockout import CONFIRM, losses_without
from corsadmin.models import Origin, Tenant


def page_origin(request: HttpRequest) -> str:
    """Return the origin of the admin's pages, as their reader's browser has it."""
    return request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"


def lost_with(request: HttpRequest, rows: QuerySet[Any]) -> list[str]:
    """Return what tenants lose when rows go or are switched off."""
    gone = rows
    if rows.model is Tenant:
        active = rows.filter(is_active=True).order_by().values("pk")
        gone = Origin.objects.filter(tenant__in=active)
    elif rows.model is not Origin:
        return []
    return losses_without(gone, page_origin(request))


def unconfirmed(request: HttpRequest, rows: QuerySet[Any]) -> list[str]:
    """Return what tenants lose, unless the user was asked and has said yes."""
    return [] if CONFIRM in request.POST else lost_with(request, rows)


def ask(modeladmin: Any, request: HttpRequest, losses: list[str]) -> TemplateResponse:
    """Answer with the question; a yes sends the same form once more."""
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.opts,
        "title": _("Are you sure?"),
        "losses": losses,
        "posted": posted(request),
    }
    return TemplateResponse(request, "corsadmin/ask.html", context)


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
