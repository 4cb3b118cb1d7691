"""The rows of a tenant that other programs can express."""

from collections.abc import Iterator, Mapping
from typing import Any

from corsadmin.convert.conversion import Remark
from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.records.record_types import ORIGIN


def enabled_origins(tenant: StoredTenant) -> Iterator[Mapping[str, Any]]:
    """Yield the enabled origin entries of a tenant, by field name."""
    for row in tenant.rows[ORIGIN]:
        origin = dict(zip(ORIGIN.names, row, strict=True))
        if origin["enabled"]:
            yield origin


def plain_origins(tenant: StoredTenant, remarks: list[Remark]) -> Iterator[Mapping[str, Any]]:
    """Yield the enabled origin entries without a condition; tell of the others."""
    for origin in enabled_origins(tenant):
        if origin["scope"] or origin["valid_from"] or origin["valid_until"]:
            why = "a scope or a date of its own is not expressed."
            remarks.append(Remark(f"origin {origin['pattern']}", why))
        else:
            yield origin
