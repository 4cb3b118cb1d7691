"""What to say when an existing row prevents another one from being added."""

from typing import Final

from django.core.exceptions import ValidationError

from corsadmin.models import Tenant, TenantHost
from corsadmin.models.access import CANNOT_BE_ADDED, Access, AnyRow

CODE: Final = "cannot-be-added"
_TAKEN: Final = frozenset({"unique", "unique_together"})


def hide_owner(access: Access, row: AnyRow, error: ValidationError) -> None:
    """Replace errors that reveal another row, unless the user may see that row and its tenant."""
    for name, found in error.error_dict.items():
        if any(one.code in _TAKEN for one in found) and not _sees_other(access, row):
            error.error_dict[name] = [ValidationError(CANNOT_BE_ADDED[type(row)], code=CODE)]


def _sees_other(access: Access, row: AnyRow) -> bool:
    """Report whether the user may view the existing row and its tenant."""
    # Slugs and hosts are unique across all tenants; everything else is unique within a tenant.
    if isinstance(row, Tenant):
        owner = Tenant.objects.filter(slug=row.slug).first()
    elif isinstance(row, TenantHost):
        owner = Tenant.objects.filter(hosts__host=row.host).first()
    else:
        owner = row.tenant
    return access.sees(owner, Tenant, type(row))
