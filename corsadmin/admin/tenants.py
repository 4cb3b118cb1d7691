"""The tenants. The page of a tenant is the hub of its policy."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.admin.call_fields import METHODS
from corsadmin.admin.changelist.actions import delete_selected, disable, enable, export
from corsadmin.admin.changelist.delete_summary import summary
from corsadmin.admin.changelist.pasted import pasted_address
from corsadmin.admin.columns import yes_or_no
from corsadmin.admin.compare.views import compare_address, compare_selected
from corsadmin.admin.copy_rows.policy_page import (
    copy_address,
    copy_policy_from,
    copy_policy_to,
    may_copy_policies,
)
from corsadmin.admin.dashboard.of_tenant import pictures_of
from corsadmin.admin.dashboard.review import MAX_ORIGINS, findings_of
from corsadmin.admin.effective import effective, read_with_platform
from corsadmin.admin.inlines import INLINES, PolicyInline
from corsadmin.admin.last_seen.columns import last_day_of_row, last_seen_column
from corsadmin.admin.last_seen.conditions import with_last_day
from corsadmin.admin.last_seen.filters import LastSeenFilter
from corsadmin.admin.model_forms import TenantForm
from corsadmin.admin.permissions import may_import, may_set_up_customers
from corsadmin.admin.returning import form_address
from corsadmin.admin.row_counts import counted
from corsadmin.admin.tenant_pages import TenantPages
from corsadmin.admin.try_request.views import trial_form
from corsadmin.admin.unknown_hosts import sees_unknown_hosts
from corsadmin.models import Origin, PathRule, Sighting, Tenant, TenantHost, TenantMember
from corsadmin.models.access import CALLERS, POLICY, PROBE_SERVERS, Access, access


@admin.register(Tenant)
class TenantAdmin(TenantPages):
    form = TenantForm
    first_step = _("Add a tenant, which is a customer or a site with its own origins.")
    tenant_field = "pk"
    switch = "is_active"
    settled = ()
    related = ()
    actions = (
        *(delete_selected, enable, disable, export),
        *(compare_selected, copy_policy_from, copy_policy_to),
    )
    list_display = (
        "title",
        "name",
        "is_active",
        "inherits",
        "host_count",
        "origin_count",
        "rule_count",
        "last_seen",
        "modified",
    )
    counts: ClassVar = {
        "host_count": TenantHost,
        "origin_count": Origin,
        "rule_count": PathRule,
        "last_seen": Sighting,
    }
    list_filter = ("is_active", "inherits_platform", LastSeenFilter, "modified")
    search_fields = ("slug", "name", "hosts__host")
    search_help_text = _(
        "Searches slugs, names and hosts. You can also paste the URL of a call to find its tenant."
    )
    fieldsets = (
        (
            None,
            {"fields": (("slug", "name"), ("is_active", "inherits_platform"), "note")},
        ),
    )

    @admin.display(description=_("tenant"), ordering="slug")
    def title(self, tenant: Tenant) -> str | SafeString:
        if not tenant.is_platform:
            return tenant.slug
        badge = _("every tenant inherits it")
        return format_html('{} <span class="corsadmin-badge">{}</span>', tenant.slug, badge)

    last_seen = last_seen_column(last_day_of_row)
    inherits = yes_or_no("inherits_platform", _("inherits"))

    @admin.display(description=_("hosts"))
    def host_count(self, tenant: Any) -> str | SafeString:
        return self._counted_link(TenantHost, tenant, tenant.host_count)

    @admin.display(description=_("origins"))
    def origin_count(self, tenant: Any) -> str | SafeString:
        return self._counted_link(Origin, tenant, tenant.origin_count)

    @admin.display(description=_("path rules"))
    def rule_count(self, tenant: Any) -> str | SafeString:
        return self._counted_link(PathRule, tenant, tenant.rule_count)

    def _counted_link(self, model: type[Model], tenant: Tenant, number: int) -> str | SafeString:
        page = _page(self.admin_site.name, model, "changelist", tenant)
        return format_html('<a href="{}">{}</a>', page, number) if page else str(number)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows: QuerySet[Model] = super().get_queryset(request)
        annotated: QuerySet[Model] = rows.annotate(
            host_count=counted(TenantHost),
            origin_count=counted(Origin),
            rule_count=counted(PathRule),
            member_count=counted(TenantMember),
        )
        return with_last_day(annotated)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        pasted = pasted_address(search_term)
        if pasted is not None and self.may_read(request, "hosts__host"):
            found = queryset.filter(pasted.tenants())
            if found.exists():
                return found, False
            search_term = pasted.host
        return super().get_search_results(request, queryset, search_term)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, Tenant) and obj.is_platform:
            return False
        return super().has_delete_permission(request, obj)

    def has_copy_permission(self, request: HttpRequest) -> bool:
        """Report whether the actions that copy policies are offered."""
        return may_copy_policies(access(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return summary(self.admin_site, request, objs) or super().get_deleted_objects(objs, request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        if not isinstance(obj, Tenant):
            return fields
        # "Already taken" would reveal other tenants' slugs to a member.
        if obj.is_platform or not access(request).everywhere("change", Tenant):
            fields = (*fields, "slug")
        return (*fields, "inherits_platform") if obj.is_platform else fields

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [inline for inline in INLINES if obj is None or self._is_shown(request, inline, obj)]

    def save_model(self, request: HttpRequest, obj: object, form: Any, change: bool) -> None:
        # save_related() saves the tenant together with its rows, as one change. An old version is
        # restored without rows.
        if form.restoring:
            super().save_model(request, obj, form, change)

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        if "_paste" in request.POST:
            return HttpResponseRedirect(address(self.admin_site.name, "tenant_paste", obj.pk))
        return super().response_post_save_add(request, obj)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: list[BaseInlineFormSet],
        change: bool,
    ) -> None:
        changed = {rows.model for rows in formsets if rows.has_changed()}
        # Members are not part of the policy, so its counter stays.
        if not change or form.has_changed() or changed - {TenantMember}:
            with self.one_change():
                form.check_version()
                super().save_model(request, form.instance, form, change)
                super().save_related(request, form, formsets, change)
        else:
            with transaction.atomic(router.db_for_write(TenantMember)):
                super().save_related(request, form, formsets, change)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        may = access(request)
        context = {
            "may_see_deleted": may.everywhere("view", Tenant),
            "may_set_up": may_set_up_customers(may),
            "may_import": may_import(may),
            "may_try": may.sees(None, *POLICY),
            "may_see_inbox": may.sees(None, *CALLERS),
            "may_see_unknown_hosts": sees_unknown_hosts(request),
            "may_ask": may.has(PROBE_SERVERS),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        tenant = kwargs.get("obj")
        if tenant is not None:
            may, site = access(request), self.admin_site.name
            sees_all = all(may.may("view", kind, tenant) for kind in (PathRule, Origin))
            held = read_with_platform(tenant, with_origins=tenant.origin_count <= MAX_ORIGINS)
            context |= {
                "long_lists": self._long_lists(request, tenant),
                "additions": _additions(self.admin_site.name, may, tenant, request.get_full_path()),
                "may_add_origins": may.may("add", Origin, tenant),
                "may_see_inbox": may.sees(tenant, *CALLERS),
                "may_switch": may.may_switch(tenant),
                "compare": compare_address(site, tenant) if may.sees(tenant, *POLICY) else "",
                "copy": copy_address(site, source=tenant.slug) if may_copy_policies(may) else "",
                "trial": trial_form(held[-1]) if may.sees(tenant, *POLICY) else None,
                "methods": METHODS,
                "policy": effective(held) if sees_all else None,
                "review": findings_of(may, held, tenant.origin_count, self.admin_site.name),
                **pictures_of(may, tenant),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _long_lists(self, request: HttpRequest, tenant: Tenant) -> list[dict[str, object]]:
        return [
            {
                "title": inline.model._meta.verbose_name_plural,
                "count": _count(inline, tenant),
                "url": _page(self.admin_site.name, inline.model, "changelist", tenant),
                "add_url": _form(
                    self.admin_site.name, inline.model, tenant, request.get_full_path()
                ),
            }
            for inline in INLINES
            if access(request).sees(tenant, inline.model)
            and not self._is_shown(request, inline, tenant)
        ]

    def _is_shown(self, request: HttpRequest, inline: type[PolicyInline], tenant: Tenant) -> bool:
        if request.method == "POST":
            # Rows that the page showed when it was opened must be processed when it is sent.
            return f"{inline.model._meta.get_field('tenant').related_query_name()}-TOTAL_FORMS" in (
                request.POST
            )
        return _count(inline, tenant) <= inline.limit


def _count(inline: type[PolicyInline], tenant: Tenant) -> int:
    names = {
        TenantHost: "host_count",
        Origin: "origin_count",
        PathRule: "rule_count",
        TenantMember: "member_count",
    }
    return int(getattr(tenant, names[inline.model]))


def _page(site: str, model: type[Model], view: str, tenant: Tenant) -> str:
    """Return the address of a page for one tenant's rows, blank if the site has none."""
    page = address(site, f"{model._meta.model_name}_{view}")
    return page and f"{page}?tenant={tenant.pk}"


def _form(site: str, model: type[Model], tenant: Tenant, back: str) -> str:
    """Return the address of the form for a tenant's new row, which leads back after a save."""
    page = address(site, f"{model._meta.model_name}_add")
    return page and form_address(page, {"tenant": tenant.pk}, back)


def _additions(site: str, may: Access, tenant: Tenant, back: str) -> list[tuple[str, str]]:
    """Return the pages that add rows of each kind to a tenant, for browsers without JavaScript."""
    found = [
        (str(inline.model._meta.verbose_name), _form(site, inline.model, tenant, back))
        for inline in INLINES
        if may.may("add", inline.model, tenant)
    ]
    return [(name, page) for name, page in found if page]
