"""What Django's deletion page shows for tenants whose rows cannot all be named."""

from collections.abc import Iterable
from typing import Final

from django.contrib.admin import AdminSite
from django.db.models import Model, Sum
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.row_counts import counted
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from corsadmin.models.access import access

MAX_NAMED_ROWS: Final = 200  # rows that the page names one by one
_UNSEEN: Final = gettext_lazy("all of them (you do not have permission to view them)")
HELD: Final[tuple[type[Model], ...]] = (Origin, TenantHost, PathRule, TenantMember)


def summary(
    admin_site: AdminSite, request: HttpRequest, tenants: Iterable[Tenant]
) -> tuple[list[object], dict[str, int], set[str], list[object]] | None:
    """Return what ModelAdmin.get_deleted_objects returns, with numbers instead of names.

    Return None if the rows are few enough to be named and the user may view all of them. For a kind
    that the user may not view, reveal neither names nor numbers.
    """
    tenants = list(tenants)
    seen = {model for model in HELD if all(access(request).sees(row, model) for row in tenants)}
    counts = _counts(tenants)
    if sum(counts.values()) <= MAX_NAMED_ROWS and len(seen) == len(HELD):
        return None
    named: list[object] = [_link(admin_site.name, tenant) for tenant in tenants]
    named.append(
        [
            f"{capfirst(_plural(model))}: {counts[model] if model in seen else _UNSEEN}"
            for model in HELD
        ]
    )
    gone: list[type[Model]] = [Tenant, *(model for model in HELD if counts[model])]
    lacking = {
        str(model._meta.verbose_name)
        for model in gone
        if not all(_may_delete(admin_site, request, model, row) for row in tenants)
    }
    numbers = {_plural(model): counts[model] for model in HELD if model in seen and counts[model]}
    return named, {_plural(Tenant): len(tenants), **numbers}, lacking, []


def _counts(tenants: Iterable[Tenant]) -> dict[type[Model], int]:
    """Return how many rows of each model the tenants have in total."""
    rows = Tenant.objects.filter(pk__in=[row.pk for row in tenants])
    numbers = rows.aggregate(**{str(model._meta.model_name): Sum(counted(model)) for model in HELD})
    return {model: numbers[str(model._meta.model_name)] or 0 for model in HELD}


def _link(site: str, tenant: Tenant) -> str:
    page = address(site, "tenant_change", tenant.pk)
    name = capfirst(str(Tenant._meta.verbose_name))
    return format_html('{}: <a href="{}">{}</a>', name, page, tenant)


def _plural(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)


def _may_delete(
    admin_site: AdminSite, request: HttpRequest, model: type[Model], tenant: Tenant
) -> bool:
    if not admin_site.is_registered(model):
        return access(request).may("delete", model, tenant)
    return bool(admin_site.get_model_admin(model).has_delete_permission(request, tenant))
