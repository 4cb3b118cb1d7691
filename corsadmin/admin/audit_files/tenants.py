"""The tenants that have the origins of a filtered list, each with how many."""

from collections import Counter
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from corsadmin.admin.addresses import address
from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.admin.returning import page_without
from corsadmin.models import Origin, Tenant

MAX_COUNTED_ORIGINS: Final = 100_000  # the latest; more would keep the page waiting
MAX_COUNTED_TENANTS: Final = 1_000
PER_PAGE: Final = 50


class CountedTenant(NamedTuple):
    """A tenant with how many of the origins it has, and the list of those."""

    tenant: Tenant
    number: int
    page: str


def tenants_page(request: HttpRequest, site: str, origins: QuerySet[Origin]) -> dict[str, object]:
    """Return the tenants of some origins, those with the most first."""
    latest = origins.order_by("-pk").values_list("tenant_id", flat=True)
    owners = list(latest[: MAX_COUNTED_ORIGINS + 1])
    # Sorted by their keys first: databases return the same rows in different orders.
    counted = Counter(sorted(owners[:MAX_COUNTED_ORIGINS])).most_common(MAX_COUNTED_TENANTS + 1)
    page = Paginator(counted[:MAX_COUNTED_TENANTS], PER_PAGE).get_page(request.GET.get("p"))
    tenants = Tenant.objects.in_bulk([key for key, _number in page])
    origin_list = address(site, "origin_changelist")
    dropped = {"p", TenantFilter.parameter_name, TenantFilter.text_name}
    query = [(name, text) for name, text in request.GET.items() if name not in dropped]
    return {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "address": page_without(request, "p"),
        "back": f"{origin_list}?{urlencode(query)}",
        "tenants": [
            CountedTenant(
                tenants[key], number, f"{origin_list}?{urlencode([*query, ('tenant', key)])}"
            )
            for key, number in page
            if key in tenants  # another request may have deleted it
        ],
        "origins": len(owners),
        "is_cut": len(counted) > MAX_COUNTED_TENANTS,
        "most": MAX_COUNTED_ORIGINS if len(owners) > MAX_COUNTED_ORIGINS else None,
    }
