"""Sidebar filters that name only tenants the user may view, however many there are."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.changelist.search import few_keys, search_condition
from corsadmin.admin.keys import is_key
from corsadmin.models import Tenant
from corsadmin.models.access import access

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices
    from django.utils.functional import _StrPromise


MAX_LISTED_TENANTS: Final = 20  # tenants named in the sidebar; if there are more, it has a search
SOON: Final = timedelta(days=14)


class TenantFilter(admin.SimpleListFilter):
    """The tenant, by key as in links, and by slug or name if there are many tenants.

    It names only tenants that the user may view.
    """

    title = _("tenant")
    parameter_name = "tenant"
    text_name: Final = "tenant_name"
    max_length: Final = 100

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: "admin.ModelAdmin[Model]",
    ) -> None:
        self.text = params.pop(self.text_name, [""])[-1].strip()[: self.max_length]
        self.is_searched = False
        self.has_more = False
        self.named: Collection[int] | QuerySet[Tenant, int] | None = (
            None  # the keys of the tenants that match the text, None without a text
        )
        super().__init__(request, params, model, model_admin)

    def has_output(self) -> bool:
        return self.is_searched or super().has_output()

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Model]"
    ) -> list[tuple[str, str]]:
        tenants = access(request).tenants_for("view", model_admin.model)
        matching: list[tuple[str, str]] = []
        if self.text:
            named = tenants.filter(_named(tenants, self.text))
            self.named = few_keys(named.order_by().values_list("pk", flat=True))
            matching = _first(named)
            self.has_more = len(matching) > MAX_LISTED_TENANTS
        found = _first(tenants)
        if len(found) <= MAX_LISTED_TENANTS:
            return found  # in Django's template, or the one of a theme
        self.is_searched = True
        self.template = "corsadmin/tenant_filter.html"
        chosen = request.GET.get(self.parameter_name, "")
        if not self.text and is_key(chosen):
            matching = _first(tenants.filter(pk=chosen))
        return matching[:MAX_LISTED_TENANTS]

    def choices(self, changelist: ChangeList) -> "Iterator[_ListFilterChoices]":
        own = [self.parameter_name, self.text_name]
        yield {
            "selected": self.value() is None and self.named is None,
            "query_string": changelist.get_query_string(remove=own),
            "display": gettext("All"),
        }
        for key, slug in self.lookup_choices:
            chosen = {self.parameter_name: key}
            yield {
                "selected": self.value() == key and self.named is None,
                "query_string": changelist.get_query_string(chosen, own),
                "display": slug,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        # The search form also sends the tenant chosen before: the text takes precedence.
        if self.named is not None:
            return queryset.filter(tenant__in=self.named)
        key = self.value()
        if key is None:
            return queryset
        return queryset.filter(tenant=key) if is_key(key) else queryset.none()


def _first(tenants: QuerySet[Tenant]) -> list[tuple[str, str]]:
    """Return the keys and slugs of the tenants to name, and one more if there are more."""
    found = tenants.values_list("pk", "slug")[: MAX_LISTED_TENANTS + 1]
    return [(str(key), slug) for key, slug in found]


def _named(tenants: QuerySet[Tenant], text: str) -> Q:
    """Return the condition for the tenant with this slug, or else for those that contain the text."""
    exact = Q(slug=text.lower())
    if tenants.filter(exact).exists():
        return exact
    return search_condition(tenants, ("slug", "name"), text)


def in_state(state: str) -> Q:
    """Return the condition for origin entries that are in a state now."""
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
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Model]"
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
