"""Titles of pages, which name the tenant that a page is about."""

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from corsadmin.admin.permissions import tenant_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.models import Tenant


def title_with_tenant(title: str | Promise, tenant: object) -> str:
    """Return the title of a page about a tenant."""
    return f"{title} · {tenant}"


def title_of_row(title: str | Promise, row: object) -> str:
    """Return the title of a page about a row, which names its tenant."""
    owner = tenant_of(row)
    is_known = owner is not None and bool(owner.slug)
    return title_with_tenant(title, owner) if is_known else str(title)


def title_of_rows(
    modeladmin: PolicyModelAdmin, request: HttpRequest, title: str | Promise, rows: QuerySet[Model]
) -> str:
    """Return the title of a page about some rows, which names the tenant if they have only one.

    The title does not name a tenant that the user may not see.
    """
    model: type[Model] = rows.model
    if not modeladmin.may_read(request, "tenant"):
        return str(title)
    column = "slug" if model is Tenant else "tenant__slug"
    slugs = list(rows.order_by().values_list(column, flat=True).distinct()[:2])
    return title_with_tenant(title, slugs[0]) if len(slugs) == 1 else str(title)
