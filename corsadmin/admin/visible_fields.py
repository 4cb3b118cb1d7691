"""Hide what a screen for one model would reveal about rows of another one."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from corsadmin.admin.permissions import TenantPermissions
from corsadmin.models import Sighting
from corsadmin.models.access import OF_CALLERS, ROWS, access


class VisibleFields(TenantPermissions, SimpleHistoryAdmin):  # type: ignore[misc] # it has no types
    """A screen without the columns, searches and fields that reveal rows the user may not see."""

    # Columns that reveal rows of another model. Names that follow a relation need no entry.
    counts: ClassVar[Mapping[str, type[Model]]] = {}

    def may_read(self, request: HttpRequest, name: str) -> bool:
        """Report whether the user may read a column, a field or the target of a lookup.

        A field of another model is for users who may see that model's rows in every tenant whose
        rows they see here.
        """
        model = self.counts.get(name) or _leads_to(self.model, name)
        if model in OF_CALLERS:
            model = Sighting
        return model not in ROWS or access(request).sees_beside(model, self.model)

    def get_list_display(self, request: HttpRequest) -> Sequence[object]:
        return [name for name in super().get_list_display(request) if self.may_read(request, name)]

    def get_list_filter(self, request: HttpRequest) -> Sequence[object]:
        may = access(request)
        return [
            one
            for one in super().get_list_filter(request)
            if not hasattr(one, "tells_of") or may.sees_beside(one.tells_of, self.model)
        ]

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        return [name for name in super().get_search_fields(request) if self.may_read(request, name)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed and self.may_read(request, lookup)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        # A new row has no tenant yet, and the form offers only tenants that the user may see.
        if obj is None or self.may_read(request, "tenant"):
            return fieldsets
        return [
            (title, {**part, "fields": [name for name in part["fields"] if name != "tenant"]})
            for title, part in fieldsets
        ]


def _leads_to(model: type[Model], path: str) -> object:
    """Return the model to which the first part of a lookup leads, or None for a column."""
    try:
        return model._meta.get_field(path.partition("__")[0]).related_model
    except FieldDoesNotExist:
        return None
