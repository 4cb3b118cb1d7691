"""The fields in which two versions of a row differ, and the display name of a row."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey
from django.utils.html import format_html

from corsadmin.admin.addresses import address
from corsadmin.admin.history.versions import visible_versions
from corsadmin.admin.words import field_text
from corsadmin.models import Origin, TenantMember
from corsadmin.models.access import Access, AnyRow
from corsadmin.models.fields import AnyField
from corsadmin.models.policy_rows import name_entry
from corsadmin.models.rows import RowVersion

# `by`, who switched an emergency on, is the same as the user of the change.
HIDDEN_FIELDS: Final = frozenset({"id", "created", "modified", "generation", "tenant", "by"})


class FieldChange(NamedTuple):
    """One field that changed. A blank text stands for a missing value.

    A safe string is a link to the row that the field refers to.
    """

    label: str
    before: str
    after: str


Names: TypeAlias = Mapping[int, str]  # names of origin entries by key, or links to them
NAMELESS: Final[Names] = MappingProxyType({})


def history_fields(kind: type[AnyRow]) -> list[AnyField]:
    """Return the fields of a model that the history shows."""
    return [field for field in kind._meta.concrete_fields if field.name not in HIDDEN_FIELDS]


def differences(
    kind: type[AnyRow], before: object, after: object, names: Names = NAMELESS
) -> list[FieldChange]:
    """Return the fields in which two versions of a row differ. None stands for a missing row.

    `names` are the names of origin entries that the versions refer to; others appear by key.
    """
    found = []
    for field in history_fields(kind):
        was = None if before is None else getattr(before, field.attname)
        now = None if after is None else getattr(after, field.attname)
        if was == now:
            continue  # most fields are equal, and converting them to text would slow long pages
        if isinstance(field, ForeignKey):
            old, new = (_named(field, *one, names) for one in ((before, was), (after, now)))
        else:
            old, new = field_text(was), field_text(now)
        if old != new:
            found.append(FieldChange(str(field.verbose_name), old, new))
    return found


def _named(field: Any, row: Any, key: int | None, names: Names) -> str:
    """Return the display name of the row that a foreign key refers to."""
    if key is None:
        return ""
    if field.remote_field.model is Origin:
        return names.get(key) or f"#{key}"
    is_read = field.is_cached(row) and field.get_cached_value(row) is not None
    return str(field.get_cached_value(row)) if is_read else f"#{key}"


def origin_names(access: Access, rows: Iterable[object], site: str = "") -> dict[int, str]:
    """Return the names of origins that rows or versions refer to, if the user may see them.

    Deleted origins are included. With the name of an admin site, each name links to its history.
    """
    keys = {getattr(row, "replaces_id", None) for row in rows} - {None}
    if not keys:
        return {}
    versions = visible_versions(access, Origin).filter(id__in=keys).order_by("history_id")
    found = versions.values_list("id", "pattern", "scope")
    return {key: _link(site, key, name_entry(pattern, scope)) for key, pattern, scope in found}


def _link(site: str, key: int, name: str) -> str:
    page = address(site, "origin_history", key) if site else ""
    return format_html('<a href="{}">{}</a>', page, name) if page else name


def name_of(row: AnyRow) -> str:
    """Return the display name of a row, even of a member whose user was deleted."""
    try:
        return str(row)
    except ObjectDoesNotExist:
        assert isinstance(row, TenantMember)  # the only row named after another row
        return f"#{row.user_id} ({row.get_role_display()})"


def row_of(kind: type[AnyRow], version: RowVersion) -> AnyRow:
    """Return a version's row for display. It has no tenant."""
    fields = history_fields(kind)
    row = kind(**{field.attname: getattr(version, field.attname) for field in fields})
    for field in fields:
        # Reuse a user that was read with the version, even one who was deleted.
        if isinstance(field, ForeignKey) and field.is_cached(version):
            field.set_cached_value(row, field.get_cached_value(version))
    return row
