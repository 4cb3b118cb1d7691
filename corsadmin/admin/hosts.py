"""The hosts of all tenants."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.base import PolicyAdmin
from corsadmin.admin.breakable import breakable
from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.admin.changelist.pasted import pasted_address
from corsadmin.admin.model_forms import TenantHostPageForm
from corsadmin.models import TenantHost


@admin.register(TenantHost)
class TenantHostAdmin(PolicyAdmin):
    form = TenantHostPageForm
    first_step = _(
        "No tenant has a host yet. The host of a request decides which tenant the request "
        "belongs to."
    )
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("tenant",)
    fields = ("tenant", "host")
    ordering = ("-pk",)
    list_display = ("host_in_parts", "tenant", "modified")
    list_filter = (TenantFilter, "modified")
    search_fields = ("host", "tenant__slug", "tenant__name")
    search_help_text = _("Searches hosts and tenants. You can also paste the URL of a call.")

    @admin.display(description=_("host"), ordering="host")
    def host_in_parts(self, row: TenantHost) -> SafeString:
        return breakable(row.host)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        pasted = pasted_address(search_term)
        if pasted is not None:
            found = queryset.filter(host=pasted.host)
            if found.exists():
                return found, False
            search_term = pasted.host
        return super().get_search_results(request, queryset, search_term)
