"""Pages of rows for view-only users: yes and no as words, and lists of names as they are typed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import BooleanField, JSONField, Model
from django.http import HttpRequest

from corsadmin.admin.words import field_text
from corsadmin.models.fields import AnyField

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class FieldInWords:
    """A field in the form in which Django's admin accepts a function: name, label, value."""

    field: AnyField
    # Otherwise a template would call it without a row.
    do_not_call_in_templates = True

    @property
    def __name__(self) -> str:
        return self.field.name

    @property
    def short_description(self) -> "str | _StrPromise":
        return self.field.verbose_name

    def __str__(self) -> str:
        return self.field.name

    def __call__(self, row: Model) -> str:
        return field_text(getattr(row, self.field.name)) or "-"


class ReadInWords(BaseModelAdmin):
    """A screen or an inline that shows words to view-only users."""

    def is_only_read(self, request: HttpRequest, obj: Model | None) -> bool:
        """Report whether the user may view the rows of a page but not change them."""
        return obj is not None and not self.has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not self.is_only_read(request, obj):
            return fieldsets
        return [
            (title, {**part, "fields": [self._worded(line) for line in part["fields"]]})
            for title, part in fieldsets
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        if not self.is_only_read(request, obj):
            return fields
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        return (*fields, *(field for field in shown if isinstance(field, FieldInWords)))

    def _worded(self, line: Any) -> Any:
        if isinstance(line, list | tuple):
            return tuple(map(self._worded, line))
        # Columns of the screen itself, such as the log-in of a member, are not fields.
        field = {one.name: one for one in self.model._meta.fields}.get(line)
        return FieldInWords(field) if isinstance(field, BooleanField | JSONField) else line
