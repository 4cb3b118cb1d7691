"""The path rules of all tenants."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.audit_files.screen import AuditedAdmin
from corsadmin.admin.breakable import breakable
from corsadmin.admin.changelist.actions import delete_selected, disable, enable
from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.admin.columns import badge
from corsadmin.admin.copy_rows.views import copy_to_tenants
from corsadmin.admin.inbox.asked_names import asked_of_rule
from corsadmin.admin.inbox.lines import asked_with_form
from corsadmin.admin.last_seen.columns import last_day_of_row, last_seen_column
from corsadmin.admin.last_seen.conditions import with_last_day
from corsadmin.admin.last_seen.filters import LastSeenFilter
from corsadmin.admin.model_forms import PathRulePageForm
from corsadmin.admin.preset_field import OffersPresets
from corsadmin.admin.rule_additions import additions
from corsadmin.admin.words import path_text
from corsadmin.models import PathRule, Sighting
from corsadmin.models.access import CALLERS, access


@admin.register(PathRule)
class PathRuleAdmin(OffersPresets, AuditedAdmin):
    form = PathRulePageForm
    first_step = _("There is no path rule yet. A path without a rule gets no CORS headers.")
    switch = "enabled"
    actions = (delete_selected, enable, disable, copy_to_tenants)
    ordering = ("-pk",)
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("tenant",)
    list_display = (
        "path_in_words",
        "tenant",
        "enabled",
        "method_names",
        "lets_in",
        "max_age",
        "last_seen",
        "modified",
    )
    counts: ClassVar = {"last_seen": Sighting}
    list_filter = (
        TenantFilter,
        "enabled",
        "exclusive",
        "credentials",
        "any_origin",
        "refuse_unlisted",
        LastSeenFilter,
        "modified",
    )
    search_fields = ("path", "note", "tenant__slug", "tenant__name")
    search_help_text = _("Searches paths, notes and tenants.")
    fieldsets = (
        (None, {"fields": ("tenant", ("path", "enabled"), "note")}),
        (
            _("What pages may send and read"),
            {
                "fields": ("methods", "request_headers", "exposed_headers", "max_age"),
                "description": _(
                    "A browser remembers the response to a preflight for up to max age seconds. "
                    "Anything that you remove here keeps working in that browser until then."
                ),
            },
        ),
        (
            _("Whom it lets in"),
            {"fields": ("exclusive", "credentials", "any_origin", "refuse_unlisted")},
        ),
    )

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.additions = additions(request.GET)
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return with_last_day(super().get_queryset(request))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rule, may = kwargs.get("obj"), access(request)
        # If a link has added names, the page's note already says so.
        if rule and not additions(request.GET) and may.sees(rule.tenant, *CALLERS):
            asked = asked_of_rule(rule, may.seen(*CALLERS))
            if asked is not None:
                context["asked"] = asked_with_form(self.admin_site.name, may, asked, "")
        return super().render_change_form(request, context, *args, **kwargs)

    last_seen = last_seen_column(last_day_of_row)

    @admin.display(description=_("path"), ordering="path")
    def path_in_words(self, rule: PathRule) -> SafeString:
        return breakable(path_text(rule.path))

    @admin.display(description=_("lets in"))
    def lets_in(self, rule: PathRule) -> SafeString:
        who = _("only origins scoped to this path") if rule.exclusive else _("listed origins")
        words = [badge(_("any origin"), risky=True) if rule.any_origin else who]
        words += [_("with cookies")] if rule.credentials else []
        words += [_("403 for others")] if rule.refuse_unlisted else []
        return format_html_join(", ", "{}", ((word,) for word in words))

    @admin.display(description=_("methods"))
    def method_names(self, rule: PathRule) -> str:
        return ", ".join(map(str, rule.methods)) if isinstance(rule.methods, list) else "?"
