"""Who may see and touch which tenant."""

from contextlib import AbstractContextManager
from typing import ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.base import PolicyAdmin
from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.admin.model_forms import TenantMemberForm
from corsadmin.models import TenantMember


@admin.register(TenantMember)
class TenantMemberAdmin(PolicyAdmin):
    form = TenantMemberForm
    settled = ("tenant", "user")
    related = ("tenant", "user")
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("tenant",)
    # Works on sites that keep their users out of the admin.
    raw_id_fields = ("user",)
    fields = ("tenant", "user", "role")
    list_display = ("user", "tenant", "role", "modified")
    list_filter = (TenantFilter, "role", "created")
    search_fields = (f"user__{get_user_model().USERNAME_FIELD}", "tenant__slug", "tenant__name")
    search_help_text = _("Searches users and tenants.")

    def one_change(self) -> AbstractContextManager[object]:
        return transaction.atomic()  # who may edit a policy is no part of it
