"""Sidebar filters that name no tenant but the user's own, however many there are."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.keys import is_key
from corsadmin.models import PLAIN_HTTP, WILDCARD
from corsadmin.models.access import access

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


MAX_LISTED_TENANTS: Final = 20  # tenants named in the sidebar; with more, only the chosen one
SOON: Final = timedelta(days=14)


class TenantFilter(admin.SimpleListFilter):
    """The tenant, by its number: what the links on a tenant's page choose.

    It names those tenants alone that the user may look at.
    """

    title = _("tenant")
    parameter_name = "tenant"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        tenants = access(request).tenants_for("view", model_admin.model).values_list("pk", "slug")
        found = list(tenants[: MAX_LISTED_TENANTS + 1])
        if len(found) > MAX_LISTED_TENANTS:
            chosen = request.GET.get(self.parameter_name, "")
            found = list(tenants.filter(pk=chosen)) if is_key(chosen) else []
        return [(str(key), slug) for key, slug in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        key = self.value()
        if key is None:
            return queryset
        return queryset.filter(tenant=key) if is_key(key) else queryset.none()


def in_state(state: str) -> Q:
    """Return the condition for origin entries that are now in a state."""
    now = timezone.now()
    ended = Q(valid_until__lte=now)
    not_yet = Q(valid_from__gt=now)
    return {
        "current": Q(enabled=True) & ~ended & ~not_yet,
        "ending": Q(enabled=True, valid_until__gt=now, valid_until__lte=now + SOON),
        "ended": ended,
        "not-yet": not_yet,
        "disabled": Q(enabled=False),
    }[state]


class StateFilter(admin.SimpleListFilter):
    """Whether an origin entry is in force now."""

    title = _("state")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Iterable[tuple[str, "_StrPromise"]]:
        return [
            ("current", _("In force")),
            ("ending", _("Ending within 14 days")),
            ("ended", _("Ended")),
            ("not-yet", _("Not yet valid")),
            ("disabled", _("Disabled")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        state = self.value()
        if state is None:
            return queryset
        known = {str(key) for key, _title in self.lookup_choices}
        return queryset.filter(in_state(state)) if state in known else queryset.none()


class RiskFilter(admin.SimpleListFilter):
    """What makes an origin entry worth a second look."""

    title = _("risk")
    parameter_name = "risk"
    conditions: Final = {
        "accepted": Q(risk_accepted=True),
        "http": PLAIN_HTTP,
        "wildcard": WILDCARD,
        "credentials": Q(credentials=True),
    }

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Iterable[tuple[str, "_StrPromise"]]:
        return [
            ("accepted", _("Risk accepted")),
            ("http", _("Plain http")),
            ("wildcard", _("Wildcard")),
            ("credentials", _("With credentials")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        risk = self.value()
        if risk is None:
            return queryset
        condition = self.conditions.get(risk)
        return queryset.filter(condition) if condition is not None else queryset.none()
