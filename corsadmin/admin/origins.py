"""The origin entries of all tenants."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.audit_files.origins import AuditedOriginAdmin
from corsadmin.admin.breakable import breakable
from corsadmin.admin.changelist.actions import (
    OriginActionForm,
    delete_selected,
    disable,
    enable,
    remove_end,
    set_end,
)
from corsadmin.admin.changelist.filters import SOON, StateFilter, TenantFilter
from corsadmin.admin.changelist.risk_filters import AccepterFilter, RiskFilter
from corsadmin.admin.changelist.search import search_condition
from corsadmin.admin.columns import yes_or_no
from corsadmin.admin.copy_rows.views import copy_to_tenants
from corsadmin.admin.history.filters import searched_patterns
from corsadmin.admin.last_seen.columns import last_day_of_entry, last_seen_column
from corsadmin.admin.last_seen.filters import LastSeenFilter
from corsadmin.admin.model_forms import OriginPageForm
from corsadmin.admin.rendering import render
from corsadmin.admin.replace_origin.views import (
    links_of,
    may_replace,
    replace_address,
    replace_page,
)
from corsadmin.admin.words import local, path_text
from corsadmin.models import Origin, Sighting
from corsadmin.models.access import access

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def state(entry: Origin) -> tuple[str, "_StrPromise"]:
    """Return the current state of an entry, as a CSS class and in words."""
    now = timezone.now()
    if not entry.enabled:
        return "off", _("disabled")
    if entry.valid_until is not None and entry.valid_until <= now:
        return "off", _("ended")
    if entry.valid_from is not None and entry.valid_from > now:
        return "off", _("not yet valid")
    if entry.valid_until is not None and entry.valid_until <= now + SOON:
        return "soon", _("ending soon")
    return "on", _("in force")


@admin.register(Origin)
class OriginAdmin(AuditedOriginAdmin):
    form = OriginPageForm
    first_step = _("No origin is listed yet, so no other website can read responses.")
    switch = "enabled"
    action_form = OriginActionForm
    actions = (delete_selected, enable, disable, set_end, remove_end, copy_to_tenants)
    # The latest first: for a million rows, no other order is fast.
    ordering = ("-pk",)
    # The columns with an index. The others have filters instead.
    sortable_by = ("pattern_in_parts", "tenant", "modified")
    related = ("tenant", "seen")
    counts: ClassVar = {"last_seen": Sighting}
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("tenant",)
    readonly_fields = ("made_by",)
    list_display = (
        "pattern_in_parts",
        "tenant",
        "scope_in_words",
        "with_credentials",
        "state",
        "last_seen",
        "modified",
    )
    list_filter = (
        TenantFilter,
        StateFilter,
        RiskFilter,
        AccepterFilter,
        LastSeenFilter,
        "modified",
    )
    search_fields = ("pattern", "note", "tenant__slug", "tenant__name")
    search_help_text = _(
        "Searches origins, notes and tenants. A whole origin or URL also finds the wildcards "
        "that cover it."
    )
    fieldsets = (
        (None, {"fields": ("tenant", ("pattern", "enabled"), "credentials", "note", "made_by")}),
        (
            _("Where and when it is valid"),
            {
                "fields": ("scope", ("valid_from", "valid_until")),
                "description": _(
                    "After an origin ends, browsers that still remember a preflight may keep "
                    "sending requests for up to the max age of the path rule."
                ),
            },
        ),
        (_("Risk"), {"fields": ("risk_accepted",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replace_view)
        own = path("<path:object_id>/replace/", view, name="corsadmin_origin_replace")
        return [own, *super().get_urls()]

    def replace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace an origin with another one."""
        found = replace_page(self, request, object_id)
        if isinstance(found, HttpResponse):
            return found
        return render(self, request, "replace", str(found["title"]), found)

    def get_list_display(self, request: HttpRequest) -> Sequence[object]:
        names = super().get_list_display(request)
        may, site, back = access(request), self.admin_site.name, request.get_full_path()
        # A popup is for selecting a row. A link would lead away from it.
        if (
            not may.may("change", Origin)
            or not may.may("add", Origin)
            or IS_POPUP_VAR in request.GET
        ):
            return names

        @admin.display(description=_("replace"))
        def replace(entry: Origin) -> str | SafeString:
            page = replace_address(site, entry, back) if may_replace(may, entry) else ""
            label = format_html('<span class="visually-hidden"> {}</span>', entry)
            return page and format_html('<a href="{}">{}{}</a>', page, _("Replace"), label)

        return [*names, replace]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        entry = kwargs.get("obj")
        if entry is not None:
            site, may = self.admin_site.name, access(request)
            context["links"] = links_of(site, entry)
            if may_replace(may, entry):
                context["replace_address"] = replace_address(site, entry, request.get_full_path())
        return super().render_change_form(request, context, *args, **kwargs)

    last_seen = last_seen_column(last_day_of_entry)
    with_credentials = yes_or_no("credentials", _("credentials"))

    @admin.display(description=_("origin"), ordering="pattern")
    def pattern_in_parts(self, entry: Origin) -> SafeString:
        return breakable(str(entry.pattern))

    @admin.display(description=_("scope"), empty_value="")
    def scope_in_words(self, entry: Origin) -> SafeString:
        return breakable(path_text(entry.scope))

    @admin.display(description=_("state"), ordering="valid_until")
    def state(self, entry: Origin) -> SafeString:
        word, text = state(entry)
        end = "" if entry.valid_until is None else date_format(local(entry.valid_until))
        return format_html(
            '<span class="corsadmin-state corsadmin-{}">{}</span>'
            ' <span class="corsadmin-end">{}</span>',
            word,
            text,
            end,
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        patterns = searched_patterns(search_term.strip())
        if not patterns:
            return super().get_search_results(request, queryset, search_term)
        found = queryset.filter(pattern__in=patterns)
        # A pasted origin that is found by its patterns needs no search for text.
        if "://" in search_term and found.exists():
            return found, False
        names = self.get_search_fields(request)
        condition = search_condition(queryset, names, search_term)
        return queryset.filter(condition | Q(pattern__in=patterns)), False
