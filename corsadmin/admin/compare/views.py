"""The page that compares two tenants, and the action that opens it."""

from typing import Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.admin.compare.forms import ALL, CompareForm
from corsadmin.admin.compare.lines import PairLines
from corsadmin.admin.compare.reading import compare_tenants
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.returning import page_without
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import POLICY, Access, access

PER_PAGE: Final = 100  # pairs of rows
MAX_SUGGESTED: Final = 100  # tenants
BOTH: Final = 2


@admin.action(description=_("Compare the selected %(verbose_name_plural)s"), permissions=["view"])
def compare_selected(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Tenant]
) -> HttpResponseRedirect | None:
    """Redirect to the page that compares two tenants."""
    slugs = list(queryset.order_by("slug").values_list("slug", flat=True)[: BOTH + 1])
    if len(slugs) != BOTH:
        modeladmin.message_user(request, str(_("Select exactly two tenants.")), messages.ERROR)
        return None
    query = urlencode({"left": slugs[0], "right": slugs[1]})
    return HttpResponseRedirect(f"{address(modeladmin.admin_site.name, 'tenant_compare')}?{query}")


def compare_page(modeladmin: PolicyModelAdmin, request: HttpRequest) -> dict[str, object]:
    """Return the page's context: the form, and the comparison once two tenants are chosen."""
    may, site = access(request), modeladmin.admin_site.name
    is_asked = {"left", "right"} <= request.GET.keys()
    form = CompareForm(request.GET if is_asked else None, initial=request.GET.dict(), access=may)
    page: dict[str, object] = {"form": form, "slugs": _suggested(may)}
    if not form.is_valid():
        return page
    left, right = form.pair
    found = compare_tenants(left, right)
    chosen = [
        (model, pair)
        for model, pairs in ((PathRule, found.rules), (Origin, found.origins))
        for pair in pairs
        if form.shows_all or not pair.is_alike
    ]
    shown = Paginator(chosen, PER_PAGE).get_page(request.GET.get("p"))
    lines = PairLines(may, site, request.get_full_path(), form)
    return {
        **page,
        "pair": form.pair,
        "compared": found,
        "counts": [
            (model._meta.verbose_name_plural, len(pairs), sum(one.is_alike for one in pairs))
            for model, pairs in ((PathRule, found.rules), (Origin, found.origins))
        ],
        "settings": [one for one in found.settings if form.shows_all or not one.is_alike],
        "lines": list(lines.of(list(shown))),
        "copies": [(*some, lines.policy_page(*some)) for some in ((left, right), (right, left))],
        "page": shown,
        "pages": shown.paginator.get_elided_page_range(shown.number),
        "address": page_without(request, "p"),
        "shows_all": form.shows_all,
        "differences_only": page_without(request, "p", "show"),
        "everything": f"{page_without(request, 'p', 'show')}&{urlencode({'show': ALL})}",
    }


def compare_address(site: str, tenant: Tenant) -> str:
    """Return the address of the page with one tenant filled in."""
    return f"{address(site, 'tenant_compare')}?{urlencode({'left': tenant.slug})}"


def _suggested(may: Access) -> list[tuple[str, str]]:
    keys = may.seen(*POLICY)
    tenants = Tenant.objects.all() if keys is None else Tenant.objects.filter(pk__in=keys)
    return list(tenants.values_list("slug", "name")[:MAX_SUGGESTED])
