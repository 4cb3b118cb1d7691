"""The rows of a tenant that other programs can express."""

from collections.abc import Iterator

from corsadmin.convert.conversion import Remark
from corsadmin.engine.paths import specificity
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.models.tenant_rows import TenantRows


def enabled_rules(held: TenantRows) -> list[RuleRow]:
    """Return the enabled path rules of a tenant, the most specific first."""
    return sorted(
        (rule for rule in held.rules if rule.enabled), key=lambda rule: specificity(rule.path)
    )


def plain_origins(held: TenantRows, remarks: list[Remark]) -> Iterator[OriginRow]:
    """Yield the enabled origin entries without a condition; tell of the others."""
    for origin in held.origins:
        if not origin.enabled:
            continue
        if origin.scope or origin.valid_from or origin.valid_until:
            why = "a scope or a date of its own is not expressed."
            remarks.append(Remark(f"origin {origin.pattern}", why))
        else:
            yield origin
