"""Pages of a tenant's past, and changes to look back at."""

from urllib.parse import urlencode

from django.urls import reverse

from tests.admin.forms import submit


def url(name, tenant, before=None):
    address = reverse(f"admin:corsadmin_tenant_{name}", args=[tenant.pk])
    return f"{address}?{urlencode({'before': before.isoformat()})}" if before else address


def change(client, tenant, changes):
    page = reverse("admin:corsadmin_tenant_change", args=[tenant.pk])

    assert submit(client, page, {**changes, "confirm_lockout": "on"}).status_code == 302
