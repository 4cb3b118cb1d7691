"""What is said of a row to which another one is in the way."""

from typing import Any, Final

from django.core.exceptions import ValidationError

from corsadmin.models import Tenant, TenantHost
from corsadmin.models.access import CANNOT_BE_ADDED, Access

CODE: Final = "cannot-be-added"
_TAKEN: Final = frozenset({"unique", "unique_together"})


def hide_owner(access: Access, row: Any, error: ValidationError) -> None:
    """Say of a row that is taken no more than that, unless the user sees the one that takes it."""
    for name, found in error.error_dict.items():
        if any(one.code in _TAKEN for one in found) and not _sees_other(access, row):
            error.error_dict[name] = [ValidationError(CANNOT_BE_ADDED[type(row)], code=CODE)]


def _sees_other(access: Access, row: Any) -> bool:
    """Report whether the user may look at the stored row that has what a new one would have."""
    # A slug and a host are one tenant's, everything else is unique within its own.
    if isinstance(row, Tenant):
        owner = Tenant.objects.filter(slug=row.slug).first()
    elif isinstance(row, TenantHost):
        owner = Tenant.objects.filter(hosts__host=row.host).first()
    else:
        owner = row.tenant
    return access.sees(owner, type(row))
