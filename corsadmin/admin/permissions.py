"""Permissions by tenant for the admin, on pages and in their inlines."""

from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.options import BaseModelAdmin
from django.db.models import Model, QuerySet
from django.forms import HiddenInput
from django.http import HttpRequest

from corsadmin.admin.key_widgets import RowSelect
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import Access, access
from corsadmin.tenants import is_single

if TYPE_CHECKING:
    from django.db.models import ForeignKey
    from django.forms import ModelChoiceField


# The rows that a new customer consists of.
_OF_CUSTOMERS: Final[tuple[type[Model], ...]] = (Tenant, TenantHost, Origin, PathRule)


def may_set_up_customers(may: Access) -> bool:
    """Report whether a user may add all rows of a new customer.

    Nobody may if the site has one policy for all, since no request would belong to a new tenant.
    """
    return not is_single() and all(may.everywhere("add", model) for model in _OF_CUSTOMERS)


def may_import(may: Access) -> bool:
    """Report whether a user may write any rows of a file. The import checks each row on its own."""
    return may.may("add", Origin) or may.may("change", Origin)


def tenant_of(row: Any) -> Tenant | None:
    """Return the tenant that a row belongs to, or the row itself if it is a tenant."""
    if row is None or isinstance(row, Tenant):
        return row
    try:
        tenant: Tenant = row.tenant
    except Tenant.DoesNotExist:
        # The row is an old version, and its tenant was deleted. Only users who see all may see it.
        tenant = Tenant(pk=row.tenant_id)
    return tenant


class TenantPermissions(BaseModelAdmin):
    """Permissions by tenant. An object may be a row or, in an inline, its tenant."""

    # The path from a row to its tenant.
    tenant_field = "tenant"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return access(request).limit(super().get_queryset(request), field=self.tenant_field)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access(request).may("view", self.model, tenant_of(obj))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access(request).may("add", self.model, tenant_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access(request).may("change", self.model, tenant_of(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return access(request).may("delete", self.model, tenant_of(obj))

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: object
    ) -> "ModelChoiceField[Model] | None":
        # Django asks for a field for the user of a member too, though the form declares its own.
        if db_field.related_model is Tenant:
            kwargs["queryset"] = tenants = access(request).tenants_for("add", self.model)
            only = list(tenants[:2])
            if len(only) == 1:
                # With only one tenant, there is nothing to choose. The title names the tenant.
                kwargs |= {"widget": HiddenInput(), "initial": only[0].pk}
            elif db_field.name in self.get_autocomplete_fields(request):
                kwargs["widget"] = RowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
