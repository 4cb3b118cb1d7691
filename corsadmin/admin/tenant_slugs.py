"""The slugs of the tenants of a few rows, asked for by the query that picks them among very many."""

from typing import Final

from django.db.models import OuterRef, Subquery

from corsadmin.models import Tenant

# A join would read all tenants to name the few. None where the tenant is gone.
TENANT_SLUG: Final = Subquery(
    Tenant.objects.filter(pk=OuterRef("tenant")).order_by().values("slug")
)
