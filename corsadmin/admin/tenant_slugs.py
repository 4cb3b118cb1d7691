"""The slugs of tenants of a few rows, read by the query that picks these rows among very many."""

from typing import Final

from django.db.models import OuterRef, Subquery

from corsadmin.models import Tenant

# A join would read all tenants to name a few. The slug of a deleted tenant is None.
TENANT_SLUG: Final = Subquery(
    Tenant.objects.filter(pk=OuterRef("tenant")).order_by().values("slug")
)
