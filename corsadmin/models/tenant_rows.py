"""Read what tenants hold: the only reader of tenants together with their hosts, rules and origins.

Rows come as plain values and not as model instances, which take three times as long and would ask
the database again for what was not read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import Count, Exists, Model, Q, QuerySet

from corsadmin.models.policies import Origin, PathRule
from corsadmin.models.policy_rows import HostRow, OriginRow, RuleRow
from corsadmin.models.tenants import Tenant, TenantHost

MAX_TENANTS: Final = 500  # read at once
MAX_ORIGINS: Final = 20_000  # read at once, unless one tenant alone has more
MAX_UNCOUNTED_TENANTS: Final = 2  # read at once whatever they hold: counting is a query more

ALL: Final = Q()
ENABLED: Final = Q(enabled=True)
NONE: Final = Q(pk__in=())  # Django knows that this needs no query

OwnedRow = tuple[int, Any]  # a row, after the key of its tenant
_ROW_TYPES: Final[dict[type[Model], Any]] = {
    TenantHost: HostRow,
    PathRule: RuleRow,
    Origin: OriginRow,
}


@dataclass(frozen=True, slots=True)
class TenantRows:
    """A tenant and the rows that it holds."""

    tenant: Tenant
    hosts: Sequence[HostRow] = ()
    rules: Sequence[RuleRow] = ()
    origins: Sequence[OriginRow] = ()


def read_tenant_rows(
    tenants: Iterable[Tenant],
    using: str,
    *,
    hosts: Q = ALL,
    rules: Q = ALL,
    origins: Q = ALL,
) -> Iterator[TenantRows]:
    """Yield what each of some tenants holds, in their order, each list sorted by its key.

    The conditions choose the rows. Of any number of tenants only a bounded part is in memory at
    once. The sorting is Python's, because databases disagree about the order of texts.
    """
    queries: list[QuerySet[Any]] = [
        QuerySet(model, using=using).filter(condition).order_by()
        for model, condition in ((TenantHost, hosts), (PathRule, rules), (Origin, origins))
    ]
    for batch in _batches(tenants, queries[-1]):
        keys = [tenant.pk for tenant in batch]
        yield from group_rows(
            batch, *(owned_rows(rows.filter(tenant__in=keys)) for rows in queries)
        )


def owned_rows(rows: QuerySet[Any]) -> Iterator[OwnedRow]:
    """Yield the stored hosts, rules or origins of a query, each after the key of its tenant."""
    row_type = _ROW_TYPES[rows.model]
    for owner, *values in rows.values_list("tenant", *row_type._fields):
        yield owner, row_type._make(values)


def marked_rows(rows: QuerySet[Any], mark: Exists) -> Iterator[tuple[OwnedRow, bool]]:
    """Yield the same, each with whether a condition is met."""
    row_type = _ROW_TYPES[rows.model]
    found = rows.annotate(mark=mark).values_list("tenant", *row_type._fields, "mark")
    for owner, *values, is_met in found:
        yield (owner, row_type._make(values)), bool(is_met)


def owned_row(row: TenantHost | PathRule | Origin) -> OwnedRow:
    """Return the same of a row that may not be stored."""
    row_type = _ROW_TYPES[type(row)]
    return row.tenant_id, row_type._make(getattr(row, name) for name in row_type._fields)


def group_rows(
    tenants: Iterable[Tenant],
    hosts: Iterable[OwnedRow],
    rules: Iterable[OwnedRow],
    origins: Iterable[OwnedRow],
) -> Iterator[TenantRows]:
    """Yield each of some tenants with its rows, each list sorted by its key."""
    found = [_by_owner(rows) for rows in (hosts, rules, origins)]
    for tenant in tenants:
        own_hosts, own_rules, own_origins = (rows.get(tenant.pk, []) for rows in found)
        # By texts: SQLite may hold bytes beside them.
        own_hosts.sort(key=lambda row: str(row.host))
        own_rules.sort(key=lambda row: str(row.path))
        own_origins.sort(key=lambda row: (str(row.pattern), str(row.scope)))
        yield TenantRows(tenant, own_hosts, own_rules, own_origins)


def _by_owner(rows: Iterable[OwnedRow]) -> dict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for owner, row in rows:
        found[owner].append(row)
    return found


def _batches(tenants: Iterable[Tenant], origins: QuerySet[Origin]) -> Iterator[list[Tenant]]:
    """Yield tenants, as many at once as memory may hold with their origins."""
    waiting = iter(tenants)
    while some := list(islice(waiting, MAX_TENANTS)):
        counts = _count_origins(some, origins) if len(some) > MAX_UNCOUNTED_TENANTS else {}
        batch: list[Tenant] = []
        total = 0
        for tenant in some:
            count = counts.get(tenant.pk, 0)
            if batch and total + count > MAX_ORIGINS:
                yield batch
                batch, total = [], 0
            batch.append(tenant)
            total += count
        yield batch


def _count_origins(tenants: Iterable[Tenant], origins: QuerySet[Origin]) -> dict[int, int]:
    rows = origins.filter(tenant__in=[tenant.pk for tenant in tenants]).values("tenant")
    return dict(rows.annotate(count=Count("pk")).values_list("tenant", "count"))
