"""The members of all tenants: who may see or edit which tenant."""

from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.audit_files.screen import AuditedAdmin
from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.admin.inlines import obstacle_column, search_address
from corsadmin.admin.member_forms import TenantMemberForm
from corsadmin.admin.user_field import user_search
from corsadmin.models import TenantMember


@admin.register(TenantMember)
class TenantMemberAdmin(AuditedAdmin):
    form = TenantMemberForm
    first_step = _(
        "No tenant has a member yet. A member can view the policy of one tenant, and an editor can "
        "also change it."
    )
    settled = ("tenant", "user")
    related = ("tenant", "user")
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("tenant",)
    fields = ("tenant", "user", "role")
    list_display = ("user", "tenant", "role", "obstacle", "modified")
    list_filter = (TenantFilter, "role", "created")
    search_fields = (f"user__{get_user_model().USERNAME_FIELD}", "tenant__slug", "tenant__name")
    search_help_text = _("Searches users and tenants.")

    obstacle = obstacle_column

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(user_search)
        return [path("users/", view, name="corsadmin_tenantmember_users"), *super().get_urls()]

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.user_search = search_address(request, self.admin_site.name)
        return form

    def one_change(self) -> AbstractContextManager[object]:
        return transaction.atomic()  # memberships are not part of a policy, so the counter stays
