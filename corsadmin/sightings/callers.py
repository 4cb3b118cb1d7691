"""Write who called under which rule: a row per tenant, rule, origin and reason."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corsadmin.engine.origins import MAX_ORIGIN_LENGTH
from corsadmin.models import Sighting
from corsadmin.models.fields import row_digest
from corsadmin.models.policies import MAX_PATH_LENGTH
from corsadmin.models.sightings import MAX_REASON_LENGTH
from corsadmin.sightings.batch import Caller, CallerSeen
from corsadmin.sightings.bounded import bounded_transaction, in_slices
from corsadmin.sightings.lookups import is_storable
from corsadmin.sightings.moments import hour_moment, hour_number, moment
from corsadmin.sightings.names import add_names, name_lists
from corsadmin.sightings.upserts import (
    Upsert,
    added,
    earliest,
    latest,
    next_hour,
    overwritten,
)

_COLUMNS: Final = (
    "digest",
    "tenant",
    "rule",
    "origin",
    "reason",
    "is_kin",
    "hours",
    "calls",
    "preflights",
    "first_seen",
    "last_seen",
    "methods",
    "request_headers",
)


# Expressions that use the stored last_seen come before last_seen: see Upsert.
_EXPRESSIONS: Final = {
    "hours": next_hour,
    "is_kin": overwritten,
    "calls": added,
    "preflights": added,
    "first_seen": earliest,
    "last_seen": latest,
}


def write_callers(
    callers: Mapping[Caller, CallerSeen], tenants: Mapping[str, int], alias: str
) -> Iterator[int]:
    """Write the callers of existing tenants; yield the number of rows of each transaction."""
    hours: defaultdict[int, list[list[Any]]] = defaultdict(list)
    for caller, seen in callers.items():
        tenant = tenants.get(caller.tenant)
        if tenant is not None and _fits(caller):
            hours[hour_number(seen.last)].append(_row(tenant, caller, seen))
    for hour, rows in sorted(hours.items()):
        upsert = Upsert(Sighting, _COLUMNS, _EXPRESSIONS, (hour_moment(hour),))
        for some in in_slices(sorted(rows, key=lambda row: row[0])):
            with bounded_transaction(alias):
                upsert.write(alias, some)
                add_names(upsert, alias, some)
            yield len(some)


def _fits(caller: Caller) -> bool:
    return (
        is_storable(caller.rule, MAX_PATH_LENGTH)
        and is_storable(caller.origin, MAX_ORIGIN_LENGTH)
        and is_storable(caller.reason, MAX_REASON_LENGTH)
    )


def _row(tenant: int, caller: Caller, seen: CallerSeen) -> list[object]:
    plain = [caller.rule, caller.origin, str(caller.reason)]
    counts = [seen.is_kin, 1, seen.calls, seen.preflights]
    moments = [moment(seen.first), moment(seen.last)]
    return [row_digest(tenant, *plain), tenant, *plain, *counts, *moments, *name_lists(seen)]
