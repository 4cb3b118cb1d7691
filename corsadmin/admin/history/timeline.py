"""The history of a tenant with all it holds, in one line of events, each undone by one click."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.words import field_text
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from corsadmin.models.access import AnyRow

if TYPE_CHECKING:
    from django.db.models import Field

MAX_VERSIONS: Final = 500  # versions of each model read for one page
MAX_SEARCHED_KEYS: Final = 20_000  # keys read to find them
TOGETHER: Final = timedelta(seconds=2)
KINDS: Final[tuple[type[AnyRow], ...]] = (Tenant, TenantHost, Origin, PathRule)
HIDDEN_FIELDS: Final = frozenset({"id", "created", "modified", "generation", "tenant"})
VERBS: Final = {
    "+": gettext_lazy("added"),
    "~": gettext_lazy("changed"),
    "-": gettext_lazy("deleted"),
}


class FieldChange(NamedTuple):
    """One field that is another one than before; blank is no value."""

    label: str
    before: str
    after: str


class RowChange(NamedTuple):
    """What happened to one row."""

    kind: str
    name: str
    verb: Promise
    differences: list[FieldChange]


class Event(NamedTuple):
    """What somebody did at one time, for one reason."""

    user: str
    reason: str
    since: datetime
    until: datetime
    steps: list[RowChange]


def timeline(key: int, kinds: Iterable[type[AnyRow]]) -> list[Event]:
    """Return what happened to a tenant and its rows of some kinds, the latest first."""
    steps = sorted(
        ((version, step) for kind in kinds for version, step in _steps(kind, key)),
        key=lambda pair: (pair[0].history_date, pair[0].history_id),
        reverse=True,
    )
    events: list[Event] = []
    for version, step in steps:
        user, reason = str(version.history_user or ""), version.history_change_reason or ""
        last = events[-1] if events else None
        if (
            last is None
            or (last.user, last.reason) != (user, reason)
            or last.since - version.history_date > TOGETHER
        ):
            date = version.history_date
            events.append(Event(user, reason, date, date, [step]))
        else:
            events[-1] = last._replace(since=version.history_date)
            last.steps.append(step)
    return events


def versions_of(kind: type[AnyRow], key: int) -> Any:
    """Return the history of a tenant's rows of one model."""
    return kind.history.filter(**{"id" if kind is Tenant else "tenant_id": key})


def timeline_fields(kind: type[AnyRow]) -> "list[Field[Any, Any]]":
    """Return the fields of a model that people speak of."""
    return [field for field in kind._meta.concrete_fields if field.name not in HIDDEN_FIELDS]


def differences(kind: type[AnyRow], before: object, after: object) -> list[FieldChange]:
    """Return in which fields two versions of a row differ; None is no row."""
    found = []
    for field in timeline_fields(kind):
        was = None if before is None else getattr(before, field.attname)
        now = None if after is None else getattr(after, field.attname)
        if was == now:
            continue  # most are, and in words they cost a page of thousands of rows its time
        old, new = field_text(was), field_text(now)
        if old != new:
            found.append(FieldChange(str(field.verbose_name), old, new))
    return found


def name_of(row: AnyRow) -> str:
    """Return how people call a row, even one whose user is gone."""
    try:
        return str(row)
    except ObjectDoesNotExist:
        assert isinstance(row, TenantMember)  # the only row that is called by another one
        return f"#{row.user_id} ({row.get_role_display()})"


def _steps(kind: type[AnyRow], key: int) -> Iterator[tuple[Any, RowChange]]:
    """Yield the latest versions of a tenant's rows of one model with what each changed."""
    versions = versions_of(kind, key).order_by("-history_date", "-history_id")
    # Asked for few rows in the order of time, a database reads the history of all tenants.
    keys = list(versions.values_list("pk", flat=True)[:MAX_SEARCHED_KEYS])[:MAX_VERSIONS]
    rows = list(versions.filter(pk__in=keys).select_related("history_user"))
    rows.sort(key=attrgetter("history_date", "history_id"))
    before: dict[int, Any] = {}
    for version in rows:
        earlier = before.get(version.id)
        before[version.id] = version
        changes: list[FieldChange] = []
        if version.history_type == "~" and earlier is not None:
            changes = differences(kind, earlier, version)
        elif version.history_type == "+":
            changes = [
                found for found in differences(kind, None, version) if found.after != _("no")
            ]
        values = {field.attname: getattr(version, field.attname) for field in timeline_fields(kind)}
        name, verb = name_of(kind(**values)), VERBS[version.history_type]
        yield version, RowChange(str(kind._meta.verbose_name), name, verb, changes)
