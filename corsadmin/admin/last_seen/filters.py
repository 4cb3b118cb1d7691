"""The filter by when a row last let somebody in."""

from typing import TYPE_CHECKING, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.last_seen.conditions import (
    PERIODS,
    is_never_used,
    is_still_unused,
    is_unused,
)
from corsadmin.models import Sighting

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class LastSeenFilter(admin.SimpleListFilter):
    """When a row last let somebody in. A row younger than a period does not count as unused."""

    title = _("last seen")
    parameter_name = "seen"
    tells_of: Final = Sighting

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Model]"
    ) -> "list[tuple[str, _StrPromise | str]]":
        over = _("More than %(days)d days ago")
        return [
            *((str(days), over % {"days": days}) for days in PERIODS),
            ("never", _("Never")),
            ("not-yet", _("Not yet: younger than 30 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = self.value()
        if chosen is None:
            return queryset
        condition = _condition(queryset.model, chosen)
        return queryset.none() if condition is None else queryset.filter(condition)


def _condition(model: type[Model], chosen: str) -> Q | None:
    if chosen == "never":
        return is_never_used(model)
    if chosen == "not-yet":
        return is_still_unused(model)
    return is_unused(model, int(chosen)) if chosen in map(str, PERIODS) else None
