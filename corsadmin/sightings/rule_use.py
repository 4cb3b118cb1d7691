"""Write when path rules were used and what allowed preflights requested, about once a day each."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from corsadmin.engine import PLATFORM
from corsadmin.models import RuleNames
from corsadmin.models.fields import row_digest
from corsadmin.models.policies import MAX_PATH_LENGTH
from corsadmin.sightings.batch import MAX_NAMES, Names, SightingBatch
from corsadmin.sightings.bounded import bounded_transaction, in_slices, read_bounded
from corsadmin.sightings.lookups import OfTenant, find_own_rules, is_storable
from corsadmin.sightings.names import NameLists, add_names, name_lists
from corsadmin.sightings.upserts import Upsert, latest

_UPSERT: Final = Upsert(
    RuleNames,
    ("digest", "tenant", "rule", "first_day", "last_day", "methods", "request_headers"),
    {"last_day": latest},
)


def write_rules(
    batch: SightingBatch, tenants: Mapping[str, int], day: date, alias: str
) -> Iterator[int]:
    """Write which rules were used on a day; yield the number of rows of each transaction.

    A rule that a tenant inherits counts for the tenant and for the platform.
    """
    asked = _asked(batch, tenants)
    inherited = asked.keys() - find_own_rules(asked.keys(), alias)
    if PLATFORM in tenants:
        for tenant, rule in sorted(inherited):
            _ask(asked, (tenants[PLATFORM], rule), asked[tenant, rule])
    rows = [
        (row_digest(*owner), *owner, day, day, *name_lists(names)) for owner, names in asked.items()
    ]
    rows.sort(key=lambda row: row[0])
    for some in in_slices(rows):
        stored = _stored(some, alias)
        new = [row for row in some if _says_more(row, stored.get(row[0]))]
        if new:
            with bounded_transaction(alias):
                _UPSERT.write(alias, new)
                add_names(_UPSERT, alias, new)
            yield len(new)


def _asked(batch: SightingBatch, tenants: Mapping[str, int]) -> dict[OfTenant, Names]:
    """Return every rule that was used, with the names that were requested."""
    found: dict[OfTenant, Names] = {}
    seen = [(one.tenant, one.rule, Names()) for one in batch.callers]
    seen += [(one.tenant, one.rule, Names()) for one in batch.allowed]
    seen += [(*owner, names) for owner, names in batch.names.items()]
    for slug, rule, names in seen:
        if rule and slug in tenants and is_storable(rule, MAX_PATH_LENGTH):
            _ask(found, (tenants[slug], rule), names)
    return found


def _ask(found: dict[OfTenant, Names], owner: OfTenant, names: Names) -> None:
    known = found.setdefault(owner, Names())
    known.methods |= names.methods
    known.headers |= names.headers


def _stored(rows: Any, alias: str) -> dict[object, tuple[date, NameLists]]:
    found = RuleNames.objects.using(alias).filter(pk__in=[row[0] for row in rows])
    columns = ("pk", "last_day", "methods", "request_headers")
    return {key: (day, names) for key, day, *names in read_bounded(found.values_list(*columns))}


def _says_more(row: Any, stored: tuple[date, NameLists] | None) -> bool:
    """Report whether a row has a later day, or names for which the stored one has room."""
    if stored is None:
        return True
    *_key, day, methods, headers = row
    last_day, names = stored
    return last_day < day or any(
        len(known) < MAX_NAMES and not set(known).issuperset(asked)
        for known, asked in zip(names, (methods, headers), strict=True)
    )
