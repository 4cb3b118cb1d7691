"""The inbox pages: of one tenant, and of all tenants that the user may see."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corsadmin.admin.inbox.asked_names import asked_names
from corsadmin.admin.inbox.completeness import as_busy, completeness
from corsadmin.admin.inbox.dismissing import dismiss, dismissed_at, put_back, read_chosen
from corsadmin.admin.inbox.filters import USUAL, InboxFilter
from corsadmin.admin.inbox.lines import asked_with_form, inbox_lines
from corsadmin.admin.inbox.refused import MAX_READ, MAX_READ_OF_ALL, rank_refused
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.returning import page_without
from corsadmin.models import Sighting, Tenant
from corsadmin.models.access import CALLERS, Access, access

if TYPE_CHECKING:
    from django.db.models import QuerySet

PER_PAGE: Final = 50
MAX_NAMED_TENANTS: Final = 20  # tenants that the slug field suggests
UNDO: Final = "undo"


def inbox_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant | None
) -> dict[str, object] | HttpResponseRedirect:
    """Return the context for a tenant's refused origins, or for all visible ones without a tenant."""
    may = access(request)
    if request.method == "POST":
        return _carry_out(modeladmin, request, tenant)
    keys = may.seen(*CALLERS) if tenant is None else frozenset({tenant.pk})
    form = InboxFilter({**USUAL, **request.GET.dict()}, of_one_tenant=tenant is not None)
    if not form.is_valid():
        return {"form": form, "tenant": tenant}
    sightings = _sightings_of(keys)
    found = rank_refused(form.choose(sightings), MAX_READ_OF_ALL if tenant is None else MAX_READ)
    page = Paginator(found.ranked, PER_PAGE).get_page(request.GET.get("p"))
    site, back = modeladmin.admin_site.name, page_without(request, UNDO)
    in_time = sightings.filter(form.in_time)
    return {
        "form": form,
        "tenant": tenant,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "address": page_without(request, UNDO, "p"),
        "is_cut": found.is_cut,
        "lines": list(inbox_lines(site, may, list(page), back)),
        "may_dismiss": may.may("dismiss", Sighting, tenant),
        "may_forget": tenant is not None and may.may("delete", Sighting, tenant),
        "asked": [asked_with_form(site, may, one, back) for one in asked_names(in_time)],
        "complete": completeness(keys, form.since),
        "as_busy": as_busy(found.ranked, page),
        "undo": _undo(may, request.GET.get(UNDO, "")),
        "slugs": [] if tenant else _slugs(may),
    }


def _sightings_of(keys: frozenset[int] | None) -> "QuerySet[Sighting]":
    """Return the sightings of the tenants with these keys, or of all existing ones for None."""
    rows = Sighting.objects
    return rows.filter(tenant__isnull=False) if keys is None else rows.filter(tenant__in=keys)


def _slugs(may: Access) -> list[str]:
    """Return the slugs of some tenants to suggest in the filter's field."""
    tenants = may.tenants_for("view", Sighting)
    return list(tenants.values_list("slug", flat=True)[:MAX_NAMED_TENANTS])


def _undo(may: Access, text: str) -> dict[str, object]:
    """Return how many of the user's latest dismissals can be undone, and their moment."""
    number = dismissed_at(may, text).count() if text else 0
    return {"moment": text, "number": number}


def _carry_out(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant | None
) -> HttpResponseRedirect:
    """Dismiss or put back the origins in the form, and redirect to the page."""
    may = access(request)
    if not may.may("dismiss", Sighting, tenant):
        raise PermissionDenied
    page = page_without(request, UNDO)
    chosen = read_chosen(request.POST.getlist("chosen"))
    if tenant is not None:
        chosen = {one for one in chosen if one[0] == tenant.pk}
    if UNDO in request.POST:
        number = dismissed_at(may, request.POST[UNDO]).delete()[0]
        _tell_back(modeladmin, request, number)
    elif "put_back" in request.POST:
        _tell_back(modeladmin, request, put_back(may, chosen))
    else:
        number, moment = dismiss(may, chosen)
        if number:
            sign = "&" if "?" in page else "?"
            page = f"{page}{sign}{urlencode({UNDO: moment.isoformat()})}"
        else:
            modeladmin.message_user(request, _("Select the origins first."), messages.WARNING)
    return HttpResponseRedirect(page)


def _tell_back(modeladmin: PolicyModelAdmin, request: HttpRequest, number: int) -> None:
    text = ngettext(
        "%(count)d origin is back in the inbox.",
        "%(count)d origins are back in the inbox.",
        number,
    )
    level = messages.SUCCESS if number else messages.WARNING
    modeladmin.message_user(request, text % {"count": number}, level)
