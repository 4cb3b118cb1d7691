"""Find the label wildcards of a file that would be too many for a tenant."""

from collections import defaultdict
from collections.abc import Iterator

from corsadmin.engine.wildcards import LabelLengths, label_lengths
from corsadmin.models.validation import too_many_lengths
from corsadmin.transfer.plan.staging import Stage, StagedFault, temporary
from corsadmin.transfer.records.diagnostics import fault_of
from corsadmin.transfer.records.record_types import ORIGIN, TENANT


def excess_lengths(stage: Stage, *, prune: bool) -> Iterator[StagedFault]:
    """Yield a fault for each staged label wildcard beyond the lengths that a tenant may have.

    With `prune`, the file lists all entries of its tenants, so stored ones do not count.
    """
    name = stage.name
    staged = (
        f"SELECT s.number, s.place, s.tenant, s.pattern FROM {name(temporary('staged', ORIGIN))} s"
        " WHERE s.pattern LIKE '%*%' ORDER BY s.number"
    )
    counted = {
        tenant for _, _, tenant, pattern in stage.many_rows(staged) if label_lengths(pattern)
    }
    held = {} if prune else _held(stage, counted)
    lengths = {tenant: LabelLengths(held.get(tenant, ())) for tenant in counted}
    for number, place, tenant, pattern in stage.many_rows(staged) if counted else ():
        if tenant in counted and not lengths[tenant].take(pattern):
            found = fault_of(too_many_lengths(pattern), f"{place}.pattern", ("pattern", None))
            yield StagedFault(ORIGIN, number, found.of(tenant))


def _held(stage: Stage, counted: set[str]) -> dict[str, list[str]]:
    """Return one stored label wildcard of each pair of lengths, by tenant."""
    name = stage.name
    rows = stage.many_rows(
        f"SELECT t.slug, o.pattern FROM {name(ORIGIN.table)} o"
        f" JOIN {name(TENANT.table)} t ON t.id = o.tenant_id"
        f" WHERE o.pattern LIKE '%*%' AND t.slug IN"
        f" (SELECT s.tenant FROM {name(temporary('staged', ORIGIN))} s WHERE s.pattern LIKE '%*%')"
    )
    found: dict[str, dict[object, str]] = defaultdict(dict)
    for slug, pattern in rows:
        lengths = label_lengths(pattern)
        if slug in counted and lengths is not None:
            found[slug][lengths] = pattern
    return {slug: [*patterns.values()] for slug, patterns in found.items()}
