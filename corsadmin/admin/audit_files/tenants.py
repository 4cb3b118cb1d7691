"""The tenants of the origins in a filtered list, each with its number of origins."""

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

MAX_COUNTED_ORIGINS: Final = 100_000  # the latest ones; counting more would delay the page
MAX_COUNTED_TENANTS: Final = 1_000
PER_PAGE: Final = 50


class CountedTenant(NamedTuple):
    """A tenant, how many of the origins it has, and the address of their list."""

    tenant: Tenant
    number: int
    page: str


def tenants_page(request: HttpRequest, site: str, origins: QuerySet[Origin]) -> dict[str, object]:
    """Return the tenants of some origins, beginning with those that have the most."""
    latest = origins.order_by("-pk").values_list("tenant_id", flat=True)
    owners = list(latest[: MAX_COUNTED_ORIGINS + 1])
    # Sorted, so that tenants with equal counts come in the same order on every database.
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
