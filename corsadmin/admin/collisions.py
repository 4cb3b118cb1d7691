"""What is said of a row that cannot be added because another one is in its way."""

from typing import Final

from django.core.exceptions import ValidationError

from corsadmin.models import Tenant, TenantHost
from corsadmin.models.access import CANNOT_BE_ADDED, Access, AnyRow

CODE: Final = "cannot-be-added"
_TAKEN: Final = frozenset({"unique", "unique_together"})


def hide_owner(access: Access, row: AnyRow, error: ValidationError) -> None:
    """Replace each error that tells of another row, unless the user sees that row and its tenant."""
    for name, found in error.error_dict.items():
        if any(one.code in _TAKEN for one in found) and not _sees_other(access, row):
            error.error_dict[name] = [ValidationError(CANNOT_BE_ADDED[type(row)], code=CODE)]


def _sees_other(access: Access, row: AnyRow) -> bool:
    """Report whether the user may look at the stored row in the way, and at its tenant."""
    # A slug and a host belong to one tenant of all; everything else is unique within its tenant.
    if isinstance(row, Tenant):
        owner = Tenant.objects.filter(slug=row.slug).first()
    elif isinstance(row, TenantHost):
        owner = Tenant.objects.filter(hosts__host=row.host).first()
    else:
        owner = row.tenant
    return access.sees(owner, Tenant, type(row))
