"""Read what was seen of tenants in the last days, if sightings are kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from corsadmin.conf import config
from corsadmin.engine import PLATFORM, Reason
from corsadmin.models import EntrySeen, Origin, RuleNames, Sighting
from corsadmin.models.database import alias_for_writing
from corsadmin.sightings.patience import impatient
from corsadmin.sightings.recently import DAYS, Recently, SeenCaller, SeenEntry, SeenRule

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from corsadmin.models import Tenant

Seen = TypeVar("Seen")

_ENTRY: Final = ("entry__tenant_id", "entry__pattern")
MAX_SEEN: Final = 5_000  # sightings, uses of entries, or uses of rules read at once


class CallerRow(NamedTuple):
    """The columns read of a sighting. As instances, a thousand would slow a save by 10 ms."""

    tenant_id: int
    rule: str
    origin: str
    reason: str
    calls: int
    preflights: int
    first_seen: datetime
    last_seen: datetime
    methods: list[str]
    request_headers: list[str]


class RuleUseRow(NamedTuple):
    """The columns read of the use of a path rule."""

    tenant_id: int
    rule: str
    last_day: date
    methods: list[str]
    request_headers: list[str]


def read_recently(
    tenants: Collection[int], entries: "QuerySet[Origin]", alias: str
) -> dict[int, Recently]:
    """Return what was seen of the tenants with these keys and the use of entries, by tenant.

    Empty if sightings are switched off, or if the database does not answer at once.
    """
    if not config().sightings:
        return {}
    try:
        with impatient(alias):
            callers = _rows(_sightings(alias).filter(tenant__in=tenants), CallerRow)
            rules = _rows(_used_rules(alias).filter(tenant__in=tenants), RuleUseRow)
            uses = list(_uses(alias).filter(entry__in=entries.order_by())[: MAX_SEEN + 1])
    except DatabaseError:
        return {}
    is_cut = max(len(callers), len(rules), len(uses)) > MAX_SEEN
    callers_of = _grouped((row.tenant_id, _caller(row)) for row in callers[:MAX_SEEN])
    rules_of = _grouped((row.tenant_id, _rule(row)) for row in rules[:MAX_SEEN])
    entries_of = _grouped((row.entry.tenant_id, _entry(row)) for row in uses[:MAX_SEEN])
    return {
        key: Recently(tuple(callers_of[key]), tuple(entries_of[key]), tuple(rules_of[key]), is_cut)
        for key in {*callers_of, *rules_of, *entries_of}
    }


def read_one(tenant: "Tenant") -> Recently:
    """Return what was seen of one tenant, and the use of the entries that it inherits."""
    alias = alias_for_writing()
    wanted = Q(tenant=tenant.pk)
    if tenant.inherits_platform:
        wanted |= Q(tenant__slug=PLATFORM)
    found = read_recently([tenant.pk], Origin.objects.using(alias).filter(wanted), alias)
    own = found.pop(tenant.pk, Recently())
    return own.sharing(*found.values())


def busy_tenants(tenants: "QuerySet[Tenant]", most: int) -> list[int]:
    """Return the keys of at most `most` tenants that were seen."""
    keys = tenants.order_by().values("pk")
    if not config().sightings:
        return []
    try:
        with impatient(tenants.db):
            found = {
                key
                for rows in (_sightings(tenants.db), _used_rules(tenants.db))
                for key in rows.filter(tenant__in=keys)
                .values_list("tenant", flat=True)
                .distinct()[:most]
            }
    except DatabaseError:
        return []
    return sorted(found)[:most]


def _rows(rows: "QuerySet[Any]", row_type: Any) -> list[Any]:
    """Return rows as plain values, one more than MAX_SEEN to show that there are more."""
    return [row_type(*row) for row in rows.values_list(*row_type._fields)[: MAX_SEEN + 1]]


def _sightings(alias: str) -> "QuerySet[Sighting]":
    return Sighting.objects.using(alias).filter(
        last_seen__gte=timezone.now() - timedelta(days=DAYS)
    )


def _used_rules(alias: str) -> "QuerySet[RuleNames]":
    return RuleNames.objects.using(alias).filter(last_day__gte=_first_day())


def _uses(alias: str) -> "QuerySet[EntrySeen]":
    return (
        EntrySeen.objects.using(alias)
        .filter(last_day__gte=_first_day())
        .select_related("entry")
        .only("first_day", "last_day", "calls", "earlier", *_ENTRY)
    )


def _first_day() -> date:
    return (datetime.now(UTC) - timedelta(days=DAYS)).date()


def _caller(row: CallerRow) -> SeenCaller:
    is_allowed = row.reason == Reason.ALLOWED
    attempts = row.calls + (0 if is_allowed else row.preflights)
    # Without time zones, last_seen may lie before first_seen: in autumn an hour comes twice.
    days = max(1, (row.last_seen - row.first_seen).days + 1)
    return SeenCaller(
        row.rule,
        row.origin,
        is_allowed,
        max(1, round(attempts / days)),
        _aware(row.last_seen),
        row.calls > 0,
        tuple(row.methods),
        tuple(row.request_headers),
    )


def _entry(row: EntrySeen) -> SeenEntry:
    entry = row.entry
    return SeenEntry(
        entry.pattern,
        max(1, round(row.calls_a_day)),
        _beginning(row.last_day),
    )


def _rule(row: RuleUseRow) -> SeenRule:
    return SeenRule(
        row.rule, _beginning(row.last_day), tuple(row.methods), tuple(row.request_headers)
    )


def _aware(moment: datetime) -> datetime:
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _grouped(found: Iterable[tuple[int, Seen]]) -> defaultdict[int, list[Seen]]:
    groups = defaultdict[int, list[Seen]](list)
    for key, one in found:
        groups[key].append(one)
    return groups
