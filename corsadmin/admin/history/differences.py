"""In which fields two versions of a row differ, and how people call a row."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey

from corsadmin.admin.words import field_text
from corsadmin.models import TenantMember
from corsadmin.models.access import AnyRow

if TYPE_CHECKING:
    from django.db.models import Field

HIDDEN_FIELDS: Final = frozenset({"id", "created", "modified", "generation", "tenant"})


class FieldChange(NamedTuple):
    """One field that is another one than before; blank stands for a missing value."""

    label: str
    before: str
    after: str


def history_fields(kind: type[AnyRow]) -> "list[Field[Any, Any]]":
    """Return the fields of a model that people speak of."""
    return [field for field in kind._meta.concrete_fields if field.name not in HIDDEN_FIELDS]


def differences(kind: type[AnyRow], before: object, after: object) -> list[FieldChange]:
    """Return in which fields two versions of a row differ; None stands for a missing row."""
    found = []
    for field in history_fields(kind):
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


def row_of(kind: type[AnyRow], version: Any) -> AnyRow:
    """Return what a version says of its row, to be named; it belongs to no tenant."""
    fields = history_fields(kind)
    row = kind(**{field.attname: getattr(version, field.attname) for field in fields})
    for field in fields:
        # A user who was read with the version is not asked for again, even one who is gone.
        if isinstance(field, ForeignKey) and field.is_cached(version):
            field.set_cached_value(row, field.get_cached_value(version))
    return row
