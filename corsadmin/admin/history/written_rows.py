"""The rows that one change wrote, in their states before and after it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from corsadmin.admin.history.differences import history_fields, name_of, row_of
from corsadmin.admin.history.versions import (
    ALL_KINDS,
    Kind,
    key_ranges,
    previous_versions,
    visible_versions,
)
from corsadmin.models import Tenant
from corsadmin.models.access import Access, AnyRow
from corsadmin.models.rows import RowVersion, RowVersions


class WrittenRow(NamedTuple):
    """One row that the change wrote. `before` or `after` is None if the row did not exist then."""

    kind: Kind
    key: int
    last: RowVersion  # its last version in the change
    before: AnyRow | None
    after: AnyRow | None
    is_known: bool

    @property
    def fields(self) -> list[str]:
        """The columns whose values the change modified."""
        return [name for name in columns_of(self.kind) if differ(self.before, self.after, name)]

    @property
    def title(self) -> str:
        return f"{self.kind._meta.verbose_name} {name_of(row_of(self.kind, self.last))}"


def rows_written_at(access: Access, moment: datetime, most: int) -> list[WrittenRow] | None:
    """Return the visible rows that the change of a moment wrote, or None if there are too many."""
    found: list[WrittenRow] = []
    for kind, (first, end) in key_ranges(ALL_KINDS, moment, moment).items():
        seen = visible_versions(access, kind)
        versions = seen.filter(history_id__gte=first, history_id__lt=end, history_date=moment)
        some = list(versions.select_related("history_user").order_by("history_id")[: most + 1])
        if len(some) > most:
            return None
        found += _written(kind, some, seen)
    return found if len(found) <= most else None


def _written(kind: Kind, versions: list[RowVersion], seen: RowVersions) -> Iterable[WrittenRow]:
    first: dict[int, RowVersion] = {}
    last: dict[int, RowVersion] = {}
    for version in versions:
        first.setdefault(version.id, version)
        last[version.id] = version
    changed = [version for version in first.values() if version.history_type == "~"]
    previous = previous_versions(seen, changed)
    for key, version in first.items():
        then = version if version.history_type == "-" else previous.get(version.pk)
        end = last[key]
        yield WrittenRow(
            kind,
            key,
            end,
            None if then is None else then.instance,
            None if end.history_type == "-" else end.instance,
            then is not None or version.history_type == "+",
        )


def columns_of(kind: Kind) -> list[str]:
    """Return the columns that an undo writes."""
    own = [found.attname for found in history_fields(kind)]
    return own if kind is Tenant else [*own, "tenant_id"]


def differ(one: object, other: object, name: str) -> bool:
    """Report whether two rows have different values in a column."""
    return bool(getattr(one, name) != getattr(other, name))
