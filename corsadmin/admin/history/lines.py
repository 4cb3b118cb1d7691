"""Changes as a page shows them: who, when, why, and what became of each row."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.history.change_number import change_number
from corsadmin.admin.history.differences import FieldChange, differences, name_of, row_of
from corsadmin.admin.history.reading import ReadChange, users_and_reasons
from corsadmin.admin.history.versions import (
    Kind,
    owner_field,
    previous_versions,
    visible_versions,
)
from corsadmin.models import Tenant
from corsadmin.models.access import Access

if TYPE_CHECKING:
    from django.db.models import QuerySet

VERBS = {
    "+": gettext_lazy("added"),
    "~": gettext_lazy("changed"),
    "-": gettext_lazy("deleted"),
}


class RowChange(NamedTuple):
    """What a change did to one row; `tenant` is blank where the user may not see its name."""

    kind: str
    name: str
    tenant: str
    verb: Promise
    differences: list[FieldChange]
    history_url: str
    version_url: str


class LoggedChange(NamedTuple):
    """What one change did. `more` is the number of its rows that were read and are not shown."""

    number: str
    moment: Any
    users: Collection[str]
    reasons: Collection[str]
    rows: list[RowChange]
    more: int
    is_cut: bool


def logged_changes(
    access: Access, site: str, found: Iterable[ReadChange], most: int
) -> list[LoggedChange]:
    """Return changes as a page shows them, with at most so many rows of each."""
    read = list(found)
    shown = [pair for change in read for pair in change.versions[:most]]
    before: dict[tuple[Kind, int], Any] = {}
    for kind in dict.fromkeys(kind for kind, _version in shown):
        some = [version for one, version in shown if one is kind and version.history_type == "~"]
        previous = previous_versions(visible_versions(access, kind), some)
        before |= {(kind, key): version for key, version in previous.items()}
    slugs = _slugs(access, shown, before.values())
    return [
        LoggedChange(
            change_number(change.moment),
            change.moment,
            *users_and_reasons(change.versions),
            [
                _row(site, slugs, kind, version, before.get((kind, version.pk)))
                for kind, version in change.versions[:most]
            ],
            max(0, len(change.versions) - most),
            change.is_cut,
        )
        for change in read
    ]


def _row(site: str, slugs: dict[int, str], kind: Kind, version: Any, before: Any) -> RowChange:
    changes: list[FieldChange] = []
    sign = version.history_type
    if sign == "~" and before is not None:
        changes = differences(kind, before, version) + _moved(slugs, kind, before, version)
    elif sign == "+":
        changes = [found for found in differences(kind, None, version) if found.after != _("no")]
    model = kind._meta.model_name
    return RowChange(
        str(kind._meta.verbose_name),
        name_of(row_of(kind, version)),
        "" if kind is Tenant else slugs.get(version.tenant_id, ""),
        VERBS[sign],
        changes,
        address(site, f"{model}_history", version.id),
        address(site, f"{model}_simple_history", version.id, version.pk),
    )


def _moved(slugs: dict[int, str], kind: Kind, before: Any, after: Any) -> list[FieldChange]:
    """Return that a row went to another tenant, to those who see the names of both."""
    if kind is Tenant or before.tenant_id == after.tenant_id:
        return []
    names = [slugs.get(one.tenant_id, "") for one in (before, after)]
    return [FieldChange(str(Tenant._meta.verbose_name), *names)] if all(names) else []


def _slugs(
    access: Access, shown: Iterable[tuple[Kind, Any]], others: Iterable[Any]
) -> dict[int, str]:
    """Return the slugs of the rows' tenants, of deleted ones the last, those that the user may see."""
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
