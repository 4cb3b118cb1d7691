"""The rows of a tenant that other programs can express."""

from collections.abc import Iterator

from corsadmin.convert.conversion import Remark
from corsadmin.engine.entries import check_origin
from corsadmin.engine.paths import specificity
from corsadmin.engine.rules import admits
from corsadmin.engine.wildcards import kept_lengths, label_lengths
from corsadmin.models.policy_rows import OriginRow, RuleRow, origin_text, rule_text
from corsadmin.models.tenant_rows import TenantRows


def enabled_rules(held: TenantRows, remarks: list[Remark]) -> list[RuleRow]:
    """Return the enabled path rules of a tenant, the most specific first; remark on closed ones."""
    rules = [rule for rule in held.rules if rule.enabled]
    for rule in rules:
        if not takes_plain_origins(rule):
            why = "it admits only origins with a scope, which cannot be expressed, so it is closed there."
            remarks.append(Remark(f"path {rule.path}: exclusive", why))
    return sorted(rules, key=lambda rule: specificity(rule.path))


def takes_plain_origins(rule: RuleRow) -> bool:
    """Report whether a rule admits entries without a scope."""
    return admits(rule_text(rule), "")


def usable_origins(held: TenantRows, remarks: list[Remark]) -> Iterator[OriginRow]:
    """Yield the enabled origin entries that allow something; remark on those that deny."""
    enabled = [origin for origin in held.origins if origin.enabled]
    sound = {origin for origin in enabled if not check_origin(origin_text(origin))}
    lengths = {origin.pattern: label_lengths(origin.pattern) for origin in sound}
    usable = {None, *kept_lengths(filter(None, lengths.values()))}
    for origin in enabled:
        if origin in sound and lengths[origin.pattern] in usable:
            yield origin
        else:
            why = "it is not valid as stored, so it denies."
            remarks.append(Remark(f"origin {origin.pattern}", why))


def plain_origins(held: TenantRows, remarks: list[Remark]) -> Iterator[OriginRow]:
    """Yield the usable origin entries without a scope or dates; remark on the others."""
    for origin in usable_origins(held, remarks):
        if origin.scope or origin.valid_from or origin.valid_until:
            why = "its scope or dates cannot be expressed."
            remarks.append(Remark(f"origin {origin.pattern}", why))
        else:
            yield origin
