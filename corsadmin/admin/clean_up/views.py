"""The clean-up pages: all tenants with unused origins, and the proposals for one tenant."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from corsadmin.admin.changelist.actions import disable
from corsadmin.admin.clean_up.evidence import obstacles
from corsadmin.admin.clean_up.proposals import (
    described_entries,
    described_rules,
    unused_entries,
    unused_rules,
)
from corsadmin.admin.clean_up.table import TenantLine, file_of
from corsadmin.admin.keys import is_key
from corsadmin.admin.last_seen.conditions import PERIODS
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.returning import page_address, page_without
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import CALLERS, access

USUAL_DAYS: Final = 90
PER_PAGE: Final = 50
MAX_TENANTS: Final = 1_000  # tenants with unused origins that the pages list
MAX_RULES: Final = 50
MAX_FILE_ROWS: Final = 10_000
KINDS: Final[dict[str, Any]] = {
    "origin": (Origin, unused_entries),
    "pathrule": (PathRule, unused_rules),
}


def clean_up_page(request: HttpRequest) -> dict[str, object] | HttpResponse:
    """Return the tenants with unused origins, limited to those whose callers the user sees."""
    days = _days(request)
    unused = unused_entries(days)
    tenants = Tenant.objects.filter(Exists(unused.filter(tenant=OuterRef("pk")))).order_by("slug")
    keys = access(request).seen(*CALLERS)
    if keys is not None:
        tenants = tenants.filter(pk__in=keys)
        unused = unused.filter(tenant__in=keys)
    found = list(tenants[: MAX_TENANTS + 1])
    if "csv" in request.GET:
        return _file(_lines(found[:MAX_TENANTS], days), days)
    page = Paginator(found[:MAX_TENANTS], PER_PAGE).get_page(request.GET.get("p"))
    return {
        **_paged(request, days, page),
        "is_cut": len(found) > MAX_TENANTS,
        "tenants": _lines(list(page), days),
    }


def clean_up_of_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, object] | HttpResponse:
    """Return what could be disabled for a tenant, or the response to disabling some of it."""
    days = _days(request)
    against = obstacles([tenant], days).get(tenant.pk, "")
    if request.method == "POST":
        return _disable(modeladmin, request, tenant, 0 if against else days)
    if "csv" in request.GET:
        return _file(_lines([tenant], days), days)
    entries = unused_entries(days).filter(tenant=tenant)
    rows = entries.select_related("seen", "tenant").order_by("pattern", "scope")
    page = Paginator(Origin.objects.none() if against else rows, PER_PAGE).get_page(
        request.GET.get("p")
    )
    rules = unused_rules(days).filter(tenant=tenant).order_by("path")[:MAX_RULES]
    may, site = access(request), modeladmin.admin_site
    return {
        **_paged(request, days, page),
        "tenant": tenant,
        "obstacle": against,
        "entries": [
            (one, page_address(site.name, one.entry, request.get_full_path()))
            for one in described_entries(list(page))
        ],
        "rules": [
            (one, page_address(site.name, one.rule, request.get_full_path()))
            for one in described_rules([] if against else rules)
        ],
        "may_disable": may.may("change", Origin, tenant) and may.may("change", PathRule, tenant),
    }


def _days(request: HttpRequest) -> int:
    given = request.GET.get("days", "")
    return int(given) if given in map(str, PERIODS) else USUAL_DAYS


def _paged(request: HttpRequest, days: int, page: Any) -> dict[str, object]:
    return {
        "days": days,
        "periods": PERIODS,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "address": page_without(request, "p"),
    }


def _lines(tenants: Sequence[Tenant], days: int) -> list[TenantLine]:
    """Return each tenant with its number of unused origins, and why nothing is proposed."""
    rows = unused_entries(days).filter(tenant__in=tenants).order_by().values("tenant")
    counts = dict(rows.annotate(number=Count("pk")).values_list("tenant", "number"))
    against = obstacles(tenants, days)
    return [(one, counts.get(one.pk, 0), against.get(one.pk, "")) for one in tenants]


def _file(lines: Sequence[TenantLine], days: int) -> HttpResponse:
    """Answer with a file of tenants and their proposals."""
    keys = [tenant.pk for tenant, _number, obstacle in lines if not obstacle]
    entries = unused_entries(days).filter(tenant__in=keys).select_related("seen", "tenant")
    rules = unused_rules(days).filter(tenant__in=keys).select_related("tenant")
    return file_of(
        lines,
        described_entries(list(entries.order_by("tenant__slug", "pattern")[:MAX_FILE_ROWS])),
        described_rules(rules.order_by("tenant__slug", "path")[:MAX_FILE_ROWS]),
    )


def _disable(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant, days: int
) -> HttpResponse:
    """Disable the rows that the form names, after the usual confirmation."""
    model, unused = KINDS.get(request.POST.get("disable", ""), KINDS["origin"])
    site: Any = modeladmin.admin_site
    if not access(request).may("change", model, tenant) or not site.is_registered(model):
        raise PermissionDenied
    keys = [key for key in request.POST.getlist(f"chosen_{model._meta.model_name}") if is_key(key)]
    proposed = unused(days).filter(tenant=tenant, pk__in=keys) if days else model.objects.none()
    rows = model.objects.filter(pk__in=list(proposed.values_list("pk", flat=True)))
    if not rows.exists():
        modeladmin.message_user(request, _("Select the rows first."), messages.WARNING)
        return HttpResponseRedirect(request.get_full_path())
    with modeladmin.acting(request):
        question = disable(site.get_model_admin(model), request, rows)
    return question or HttpResponseRedirect(request.get_full_path())
