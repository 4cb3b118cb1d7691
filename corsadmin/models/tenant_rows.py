"""Read tenants with their hosts, rules and origins. No other module reads all of them together.

Rows are plain values, not model instances, which take three times as long and would query the
database again for columns that were not read.
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
MAX_UNCOUNTED_TENANTS: Final = 2  # read at once whatever they hold, to save the query that counts

ALL: Final = Q()
ENABLED: Final = Q(enabled=True)
NONE: Final = Q(pk__in=())  # Django skips this query

OwnedRow = tuple[int, Any]  # a row, after the key of its tenant
_ROW_TYPES: Final[dict[type[Model], Any]] = {
    TenantHost: HostRow,
    PathRule: RuleRow,
    Origin: OriginRow,
}


@dataclass(frozen=True, slots=True)
class TenantRows:
    """A tenant and its rows."""

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
    """Yield the rows of each tenant, in the order of `tenants`, each list sorted by its key.

    The conditions choose the rows. However many tenants there are, only a bounded part of them is
    in memory at once. Python sorts, because databases disagree about the order of texts.
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


def owned_rows(rows: QuerySet[Model]) -> Iterator[OwnedRow]:
    """Yield the stored hosts, rules or origins of a query, each after the key of its tenant."""
    row_type = _ROW_TYPES[rows.model]
    for owner, *values in rows.values_list("tenant", *row_type._fields):
        yield owner, row_type._make(values)


def marked_rows(rows: QuerySet[Model], mark: Exists) -> Iterator[tuple[OwnedRow, bool]]:
    """Yield what owned_rows() does, each row with whether it meets a condition."""
    row_type = _ROW_TYPES[rows.model]
    found = rows.annotate(mark=mark).values_list("tenant", *row_type._fields, "mark")
    for owner, *values, is_met in found:
        yield (owner, row_type._make(values)), bool(is_met)


def owned_row(row: TenantHost | PathRule | Origin) -> OwnedRow:
    """Return what owned_rows() does for one row, which need not be stored."""
    row_type = _ROW_TYPES[type(row)]
    return row.tenant_id, row_type._make(getattr(row, name) for name in row_type._fields)


def group_rows(
    tenants: Iterable[Tenant],
    hosts: Iterable[OwnedRow],
    rules: Iterable[OwnedRow],
    origins: Iterable[OwnedRow],
) -> Iterator[TenantRows]:
    """Yield each tenant with its rows, each list sorted by its key."""
    found = [_by_owner(rows) for rows in (hosts, rules, origins)]
    for tenant in tenants:
        own_hosts, own_rules, own_origins = (rows.get(tenant.pk, []) for rows in found)
        # As texts: SQLite may hold bytes too.
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
    """Yield tenants in batches small enough to be in memory with their origins."""
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
