"""Find the tenant that somebody names in a form."""

from django.db.models import QuerySet

from corsadmin.models import Tenant


def find_tenant(tenants: QuerySet[Tenant], text: str) -> Tenant | None:
    """Return the tenant with this slug, or else the only one with this name in any case."""
    found = tenants.filter(slug=text).first()
    if found is not None:
        return found
    named = list(tenants.filter(name__iexact=text)[:2])
    return named[0] if len(named) == 1 else None
