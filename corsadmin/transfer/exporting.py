"""Read the stored policies tenant by tenant, in an order that is the same on every database."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Model, QuerySet

from corsadmin.models import Tenant
from corsadmin.models.database import alias_for_writing, one_state
from corsadmin.models.tenant_rows import MAX_TENANTS, TenantRows, read_tenant_rows


def read_tenants(
    slugs: Collection[str] | None = None, *, using: str | None = None
) -> Iterator[TenantRows]:
    """Yield the tenants with these slugs, or all tenants, sorted by slug, as of one moment."""
    alias = using or alias_for_writing()
    slugs = None if slugs is None else frozenset(slugs)
    with one_state(alias):
        # Python sorts, because databases order texts differently.
        known = sorted(_rows(Tenant, alias).values_list("slug", "pk"))
        keys = [key for slug, key in known if slugs is None or slug in slugs]
        yield from read_tenant_rows(_tenants(alias, keys), alias)


def unknown_slugs(slugs: Collection[str], *, using: str | None = None) -> list[str]:
    """Return those slugs that name no tenant."""
    alias = using or alias_for_writing()
    known = set(_rows(Tenant, alias).filter(slug__in=slugs).values_list("slug", flat=True))
    return sorted(set(slugs) - known)


def _tenants(alias: str, keys: list[int]) -> Iterator[Tenant]:
    """Yield the tenants with these keys, which are sorted by the tenants' slugs."""
    for start in range(0, len(keys), MAX_TENANTS):
        rows = _rows(Tenant, alias).filter(pk__in=keys[start : start + MAX_TENANTS])
        yield from sorted(rows, key=lambda tenant: tenant.slug)


def _rows(model: type[Model], alias: str) -> "QuerySet[Any]":
    return QuerySet(model, using=alias).order_by()
