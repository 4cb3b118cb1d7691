"""Write the plain counts: traffic by the hour, calls without a sighting, unknown hosts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from corsadmin.models import Traffic, UnknownHost, Unseen
from corsadmin.models.fields import row_digest
from corsadmin.models.sightings import MAX_REASON_LENGTH
from corsadmin.sightings.batch import Calls, HourlyOutcome, Missed
from corsadmin.sightings.bounded import bounded_transaction, in_slices, read_bounded
from corsadmin.sightings.lookups import is_storable
from corsadmin.sightings.moments import hour_moment, hour_number, moment
from corsadmin.sightings.upserts import Upsert, added, latest, next_hour

MAX_HOST_LENGTH: Final = 253
MAX_UNKNOWN_HOSTS: Final = 200

ADD_TRAFFIC: Final = Upsert(
    Traffic,
    ("digest", "tenant", "outcome", "hour", "calls", "preflights"),
    {"calls": added, "preflights": added},
)
_ADD_UNSEEN: Final = Upsert(
    Unseen,
    ("digest", "tenant", "hour", "not_looked_at", "turned_away", "ring_full"),
    {"not_looked_at": added, "turned_away": added, "ring_full": added},
)


def write_traffic(
    traffic: Mapping[HourlyOutcome, Calls], tenants: Mapping[str, int], alias: str
) -> Iterator[int]:
    """Write the outcomes of requests; yield the number of rows of each transaction."""
    rows = [
        traffic_row(tenants.get(one.tenant), str(one.outcome), hour_moment(one.hour), calls)
        for one, calls in traffic.items()
        if (one.tenant in tenants or not one.tenant) and is_storable(one.outcome, MAX_REASON_LENGTH)
    ]
    return _write(ADD_TRAFFIC, rows, alias)


def traffic_row(tenant: int | None, outcome: str, hour: Any, calls: Calls) -> list[Any]:
    """Return a row for ADD_TRAFFIC."""
    key = row_digest(tenant, outcome, hour)
    return [key, tenant, outcome, hour, calls.calls, calls.preflights]


def write_unseen(
    missed: Mapping[tuple[str, int], Missed],
    ring_full: Mapping[int, int],
    tenants: Mapping[str, int],
    alias: str,
) -> Iterator[int]:
    """Write the counts of calls without a sighting; yield the rows of each transaction."""
    counts: dict[tuple[int | None, int], list[int]] = {}
    for (slug, hour), one in missed.items():
        if slug in tenants or not slug:
            counts[tenants.get(slug), hour] = [one.not_looked_at, one.turned_away, 0]
    for hour, times in ring_full.items():
        counts.setdefault((None, hour), [0, 0, 0])[2] = times
    rows = []
    for (tenant, hour), numbers in counts.items():
        begun = hour_moment(hour)
        rows.append([row_digest(tenant, begun), tenant, begun, *numbers])
    return _write(_ADD_UNSEEN, rows, alias)


def write_hosts(hosts: Mapping[str, int], now: float, alias: str) -> Iterator[int]:
    """Write hosts without a tenant, new ones only while there is room; yield the number of rows."""
    asked = {host: calls for host, calls in hosts.items() if is_storable(host, MAX_HOST_LENGTH)}
    if not asked:
        return
    stored = set(read_bounded(UnknownHost.objects.using(alias).values_list("pk", flat=True)))
    new = sorted(asked.keys() - stored, key=lambda host: (-asked[host], host))
    room = max(0, MAX_UNKNOWN_HOSTS - len(stored))
    kept = sorted({*(asked.keys() & stored), *new[:room]})
    upsert = Upsert(
        UnknownHost,
        ("host", "hours", "calls", "first_seen", "last_seen"),
        {"hours": next_hour, "calls": added, "last_seen": latest},
        (hour_moment(hour_number(now)),),
    )
    seen = moment(now)
    yield from _write(upsert, [[host, 1, asked[host], seen, seen] for host in kept], alias)


def _write(upsert: Upsert, rows: Sequence[Sequence[Any]], alias: str) -> Iterator[int]:
    for some in in_slices(sorted(rows, key=lambda row: row[0])):
        with bounded_transaction(alias):
            upsert.write(alias, some)
        yield len(some)
