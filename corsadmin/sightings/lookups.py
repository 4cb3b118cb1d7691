"""Find the rows that a batch names: tenants by slug, path rules by path, entries by pattern.

Rows deleted in the meantime are not found, which loses only their own counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from corsadmin.engine import PLATFORM
from corsadmin.engine.paths import overlaps
from corsadmin.models.counter import plain_rows
from corsadmin.models.policy_rows import epoch
from corsadmin.models.tenant_rows import ALL
from corsadmin.sightings.batch import HOUR, AllowedBy
from corsadmin.sightings.bounded import in_slices, read_bounded

OfTenant = tuple[int, str]  # the key of a tenant, and a path or pattern


class Candidate(NamedTuple):
    """The columns that decide whether an entry can have let a caller in."""

    key: int
    scope: str
    valid_from: datetime | None
    valid_until: datetime | None

    def can_reach(self, rule: str, now: float) -> bool:
        """Report whether the entry may apply somewhere under a rule at about `now`."""
        start, end = epoch(self.valid_from), epoch(self.valid_until)
        if start is not None and start > now + HOUR:
            return False
        if end is not None and end < now - HOUR:
            return False
        return not self.scope or overlaps(self.scope, rule)


def is_storable(text: str, length: int) -> bool:
    """Report whether every database can store a text in a column of this length."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return len(text) <= length and "\0" not in text


def find_tenants(slugs: Iterable[str], alias: str) -> dict[str, int]:
    """Return the keys of those tenants that exist, and of the platform, by slug."""
    wanted = {slug for slug in {PLATFORM, *slugs} if is_storable(slug, len(slug))}
    found: dict[str, int] = {}
    for some in in_slices(sorted(wanted)):
        rows = plain_rows("Tenant", alias).filter(slug__in=some)
        found.update(read_bounded(rows.values_list("slug", "pk")))
    # The default collation of MySQL also finds slugs that differ in case.
    return {slug: key for slug, key in found.items() if slug in wanted}


def find_own_rules(wanted: Collection[OfTenant], alias: str) -> set[OfTenant]:
    """Return those path rules that are the tenants' own; the rest are the platform's."""
    found = _rows_of("PathRule", "path", wanted, alias)
    return {(tenant, path) for tenant, path in found if (tenant, path) in wanted}


def find_entries(
    allowances: Mapping[AllowedBy, int], platform: int | None, now: float, alias: str
) -> dict[AllowedBy, list[int]]:
    """Return the keys of the entries that can have let callers in, for each allowance.

    `allowances` maps each allowance to the key of its tenant. A decision names an entry by its
    pattern, so this counts all of the tenant's entries with the pattern whose scope can reach the
    rule, or else the platform's. To take an unused entry for used is the harmless mistake.
    """
    named = {one: (key, one.entry) for one, key in allowances.items() if one.entry}
    found = _usable(named, now, alias)
    if platform is not None:
        rest = {one: (platform, one.entry) for one in named if not found[one]}
        found |= _usable(rest, now, alias)
    return found


def _usable(
    named: Mapping[AllowedBy, OfTenant], now: float, alias: str
) -> dict[AllowedBy, list[int]]:
    entries: defaultdict[OfTenant, list[Candidate]] = defaultdict(list)
    columns = ("pk", "scope", "valid_from", "valid_until")
    wanted = set(named.values())
    for tenant, pattern, *values in _rows_of(
        "Origin", "pattern", wanted, alias, *columns, condition=Q(enabled=True)
    ):
        entries[tenant, pattern].append(Candidate(*values))
    return {
        one: [entry.key for entry in entries[owner] if entry.can_reach(one.rule, now)]
        for one, owner in named.items()
    }


def _rows_of(
    model: str,
    text: str,
    wanted: Collection[OfTenant],
    alias: str,
    *columns: str,
    condition: Q = ALL,
) -> Iterator[Any]:
    """Yield the wanted rows, and others that combine the same tenants and texts."""
    storable = sorted(one for one in wanted if is_storable(one[1], len(one[1])))
    for some in in_slices(storable):
        tenants, texts = ({*column} for column in zip(*some, strict=True))
        rows = plain_rows(model, alias).filter(
            condition, **{"tenant__in": tenants, f"{text}__in": texts}
        )
        yield from read_bounded(rows.values_list("tenant_id", text, *columns))
