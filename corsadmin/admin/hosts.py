"""The hosts of all tenants."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.base import PolicyAdmin
from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.admin.model_forms import TenantHostPageForm
from corsadmin.models import TenantHost


@admin.register(TenantHost)
class TenantHostAdmin(PolicyAdmin):
    form = TenantHostPageForm
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("tenant",)
    fields = ("tenant", "host")
    ordering = ("-pk",)
    list_display = ("host", "tenant", "modified")
    list_filter = (TenantFilter, "modified")
    search_fields = ("host", "tenant__slug", "tenant__name")
    search_help_text = _("Searches hosts and tenants.")
