"""Read the history tables: the visible versions, the one before each, and the keys of a time range.

The tables have no index on the date, which would slow down imports. Since keys grow with time, a
binary search over the keys finds a moment.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connections
from django.db.models import OuterRef, Subquery

from corsadmin.models import Emergency, Origin, PathRule, Tenant, TenantHost, TenantMember
from corsadmin.models.access import Access, AnyRow
from corsadmin.models.database import alias_for_writing
from corsadmin.models.rows import RowVersion, RowVersions

Kind = type[AnyRow]
KINDS: Final[tuple[Kind, ...]] = (Tenant, TenantHost, Origin, PathRule)
# Add new kinds at the end: URLs refer to a kind by its position.
ALL_KINDS: Final[tuple[Kind, ...]] = (*KINDS, TenantMember, Emergency)
# The clocks of two machines may differ, so a later key may have an earlier moment.
MAX_SKEW: Final = timedelta(hours=1)

# If the first row at or above the middle key is at the moment or later, the search continues in the
# lower half, otherwise in the upper half. Each step costs one look-up by primary key.
_FIRST_KEY: Final = """(
WITH RECURSIVE search(low, high) AS (
  SELECT COALESCE(MIN(history_id), 1), COALESCE(MAX(history_id), 0) + 1 FROM {table}
  UNION ALL
  SELECT CASE WHEN {found} < {moment} THEN {middle} + 1 ELSE low END,
         CASE WHEN {found} < {moment} THEN high ELSE {middle} END
  FROM search WHERE low < high
) SELECT low FROM search WHERE low >= high)"""
_MIDDLE: Final = "(low + ((high - low) >> 1))"
_FOUND: Final = (
    "(SELECT v.history_date FROM {table} v WHERE v.history_id >= {middle}"
    " ORDER BY v.history_id LIMIT 1)"
)
_AFTER_LAST: Final = "(SELECT COALESCE(MAX(history_id), 0) + 1 FROM {table})"


class KeyRange(NamedTuple):
    """A range of version keys that includes `first` and excludes `end`."""

    first: int
    end: int


def owner_field(kind: Kind) -> str:
    """Return the column of a version that has the key of its row's tenant."""
    return "id" if kind is Tenant else "tenant_id"


def visible_versions(access: Access, kind: Kind) -> RowVersions:
    """Return the versions of a model that a user may see, unordered."""
    keys = access.keys("view", kind)
    versions: RowVersions = kind.history.order_by()
    return versions if keys is None else versions.filter(**{f"{owner_field(kind)}__in": keys})


def versions_of(kind: Kind, key: int) -> RowVersions:
    """Return the history of a tenant's rows of one model."""
    versions: RowVersions = kind.history.filter(**{owner_field(kind): key})
    return versions


def previous_versions(versions: RowVersions, some: Collection[RowVersion]) -> dict[int, RowVersion]:
    """Return, by key, the version before each of some versions, searching among `versions`.

    A version without an earlier one is left out.
    """
    if not some:
        return {}
    earlier = versions.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    last = Subquery(earlier.order_by("-history_id").values("history_id")[:1])
    wanted = versions.filter(pk__in=[version.pk for version in some]).annotate(before=last)
    found: dict[int, dict[int, RowVersion]] = {}
    for version in versions.filter(pk__in=wanted.values("before")):
        found.setdefault(version.id, {})[version.pk] = version
    before = {}
    for version in some:
        keys = [key for key in found.get(version.id, ()) if key < version.pk]
        if keys:
            before[version.pk] = found[version.id][max(keys)]
    return before


def key_ranges(
    kinds: Iterable[Kind], since: datetime | None, until: datetime | None
) -> dict[Kind, KeyRange]:
    """Return key ranges that contain all versions from `since` until before `until`.

    The ranges may include versions up to an hour away. None means the start or end of the history.
    """
    connection = connections[alias_for_writing()]
    wanted = tuple(kinds)
    terms, moments = [], []
    for kind in wanted:
        table = connection.ops.quote_name(kind.history.model._meta.db_table)
        found = _FOUND.format(table=table, middle=_MIDDLE)
        search = _FIRST_KEY.format(table=table, middle=_MIDDLE, found=found, moment="%s")
        terms += ["0" if since is None else search]
        terms += [_AFTER_LAST.format(table=table) if until is None else search]
        moments += [] if since is None else [since - MAX_SKEW] * 2
        moments += [] if until is None else [until + MAX_SKEW] * 2
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(terms), [adapt(moment) for moment in moments])
        keys = cursor.fetchone()
    return {
        kind: KeyRange(keys[2 * place], keys[2 * place + 1]) for place, kind in enumerate(wanted)
    }
