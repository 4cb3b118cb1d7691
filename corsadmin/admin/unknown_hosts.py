"""The hosts that callers asked for but no tenant has, and links to give them to a tenant."""

from typing import Final

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from corsadmin.admin.addresses import address
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.returning import form_address
from corsadmin.messages import printable
from corsadmin.models import TenantHost, UnknownHost
from corsadmin.models.access import access

MAX_HOSTS: Final = 200


def sees_unknown_hosts(request: HttpRequest) -> bool:
    """Report whether the user may see the hosts of all tenants, and unknown hosts."""
    return access(request).seen(TenantHost, UnknownHost) is None


def unknown_hosts_page(modeladmin: PolicyModelAdmin, request: HttpRequest) -> dict[str, object]:
    """Return the unknown hosts, the busiest first, each with the form that gives it to a tenant."""
    owned = TenantHost.objects.filter(host=OuterRef("host"))
    found = UnknownHost.objects.filter(~Exists(owned)).order_by("-hours", "-calls", "host")
    page = address(modeladmin.admin_site.name, "tenanthost_add")
    may_give = page and access(request).everywhere("add", TenantHost)
    return {
        "hosts": [
            (
                printable(one.host),
                one,
                form_address(page, {"host": one.host}, request.path) if may_give else "",
            )
            for one in found[:MAX_HOSTS]
        ],
    }
