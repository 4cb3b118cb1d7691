"""Changes for display: who made them, when and why, and what happened to each row."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.history.change_number import change_number
from corsadmin.admin.history.differences import (
    FieldChange,
    differences,
    name_of,
    origin_names,
    row_of,
)
from corsadmin.admin.history.reading import ReadChange, users_and_reasons
from corsadmin.admin.history.versions import (
    Kind,
    owner_field,
    previous_versions,
    visible_versions,
)
from corsadmin.engine import PLATFORM
from corsadmin.models import Emergency, Tenant
from corsadmin.models.access import Access
from corsadmin.models.rows import RowVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

VERBS = {
    "+": gettext_lazy("added"),
    "~": gettext_lazy("changed"),
    "-": gettext_lazy("deleted"),
}
EMERGENCY_VERBS = {
    "+": gettext_lazy("switched on"),
    "~": gettext_lazy("changed"),
    "-": gettext_lazy("lifted"),
}


class RowChange(NamedTuple):
    """What a change did to one row. `tenant` is blank if the user may not see its name.

    `is_tenant` says that the row itself is a tenant.
    """

    kind: str
    name: str
    tenant: str
    verb: Promise
    differences: list[FieldChange]
    history_url: str
    version_url: str
    is_tenant: bool


class LoggedChange(NamedTuple):
    """What one change did. `more` is how many of its rows were read but are not shown."""

    number: str
    moment: datetime
    users: Collection[str]
    reasons: Collection[str]
    rows: list[RowChange]
    more: int
    is_cut: bool


def logged_changes(
    access: Access, site: str, found: Iterable[ReadChange], most: int
) -> list[LoggedChange]:
    """Return changes for display, with at most `most` rows of each."""
    read = list(found)
    shown = [pair for change in read for pair in change.versions[:most]]
    before: dict[tuple[Kind, int], RowVersion] = {}
    for kind in dict.fromkeys(kind for kind, _version in shown):
        some = [version for one, version in shown if one is kind and version.history_type == "~"]
        previous = previous_versions(visible_versions(access, kind), some)
        before |= {(kind, key): version for key, version in previous.items()}
    names = _Names(
        _slugs(access, shown, before.values()),
        origin_names(access, [*(one for _kind, one in shown), *before.values()], site),
    )
    return [
        LoggedChange(
            change_number(change.moment),
            change.moment,
            *users_and_reasons(change.versions),
            [
                _row(site, names, kind, version, before.get((kind, version.pk)))
                for kind, version in change.versions[:most]
            ],
            max(0, len(change.versions) - most),
            change.is_cut,
        )
        for change in read
    ]


class _Names(NamedTuple):
    """Names of the rows that others refer to by key: the slugs of tenants, and origin entries."""

    slugs: dict[int, str]
    origins: dict[int, str]


def _row(
    site: str, names: _Names, kind: Kind, version: RowVersion, before: RowVersion
) -> RowChange:
    changes: list[FieldChange] = []
    sign, name = version.history_type, name_of(row_of(kind, version))
    if sign == "~" and before is not None:
        changes = differences(kind, before, version, names.origins)
        changes += _moved(names.slugs, kind, before, version)
    elif sign == "+":
        added = differences(kind, None, version, names.origins)
        # A new row shows only what its name does not say; an emergency does not repeat its reason.
        said = {_("no"), name}
        if kind is Emergency:
            said |= {version.level, version.history_change_reason}
        changes = [found for found in added if found.after not in said]
    model, slug = kind._meta.model_name, ""
    if kind is Emergency:
        # An emergency whose tenant the user may not see is the platform's.
        slug = names.slugs.get(version.tenant_id, PLATFORM)
    elif kind is not Tenant:
        slug = names.slugs.get(version.tenant_id, "")
    return RowChange(
        str(kind._meta.verbose_name),
        name,
        slug,
        (EMERGENCY_VERBS if kind is Emergency else VERBS)[sign],
        changes,
        address(site, f"{model}_history", version.id),
        address(site, f"{model}_simple_history", version.id, version.pk),
        kind is Tenant,
    )


def _moved(
    slugs: dict[int, str], kind: Kind, before: RowVersion, after: RowVersion
) -> list[FieldChange]:
    """Return the move of a row to another tenant, if the user may see the names of both."""
    if kind is Tenant or before.tenant_id == after.tenant_id:
        return []
    names = [slugs.get(one.tenant_id, "") for one in (before, after)]
    return [FieldChange(str(Tenant._meta.verbose_name), *names)] if all(names) else []


def _slugs(
    access: Access, shown: Iterable[tuple[Kind, RowVersion]], others: Iterable[RowVersion]
) -> dict[int, str]:
    """Return the slugs of the rows' tenants that the user may see, the last one for deleted ones."""
    keys = {version.tenant_id for kind, version in shown if kind is not Tenant}
    keys |= {version.tenant_id for version in others if hasattr(version, "tenant_id")}
    if not keys:
        return {}
    tenants: QuerySet[Tenant] = access.limit(Tenant.objects.filter(pk__in=keys), field="pk")
    found = dict(tenants.order_by().values_list("pk", "slug"))
    gone = keys - found.keys()
    if gone:
        versions = visible_versions(access, Tenant).filter(**{f"{owner_field(Tenant)}__in": gone})
        found |= dict(versions.order_by("history_id").values_list("id", "slug"))
    return found
