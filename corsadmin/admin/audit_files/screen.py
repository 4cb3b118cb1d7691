"""Lists whose filtered rows can be downloaded as a file."""

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.audit_files.streaming import stream_file
from corsadmin.admin.base import PolicyAdmin
from corsadmin.admin.words import local
from corsadmin.models.access import access
from corsadmin.transfer.audit.registry import AUDIT_FORMATS, audit_file_name
from corsadmin.transfer.audit.table import AuditTable
from corsadmin.transfer.audit.workbook import MAX_AUDIT_ROWS


class AuditedAdmin(PolicyAdmin):
    """A screen whose list offers its rows as files for auditors."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.audit_view)
        name = f"corsadmin_{self.opts.model_name}_audit"
        return [path("export/<str:name>/", view, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        files = [] if IS_POPUP_VAR in request.GET else self._files(request)
        return super().changelist_view(request, {"audit_files": files, **(extra_context or {})})

    def audit_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Answer with a file of the rows that the list shows for the same query."""
        audit_format = AUDIT_FORMATS.get(name)
        if not self.has_view_permission(request):
            raise PermissionDenied
        if audit_format is None:
            raise Http404
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return self.incorrect_query()
        if audit_format.is_too_small(rows):
            return self._refuse(request, name)
        table = AuditTable(rows, access(request))
        file_name = audit_file_name(self.model, name, local(timezone.now()).date())
        pieces = audit_format.write(table.heading, table)
        return stream_file(request, pieces, file_name, audit_format.content_type)

    def incorrect_query(self) -> HttpResponseRedirect:
        """Answer an invalid query as the list itself does."""
        return HttpResponseRedirect(f"{self._list_page()}?{ERROR_FLAG}=1")

    def _refuse(self, request: HttpRequest, name: str) -> HttpResponseRedirect:
        """Redirect to the list, with a message that says what to do instead."""
        most = number_format(MAX_AUDIT_ROWS, use_l10n=True, force_grouping=True)
        said = format_html(
            '{} <a href="{}">{}</a>',
            _("The list has more than %(most)s rows: too many for the %(format)s format.")
            % {"most": most, "format": name.upper()},
            dict(self._files(request))["CSV"],
            _("Export as CSV, which has no limit."),
        )
        self.message_user(request, said, messages.ERROR)
        return HttpResponseRedirect(f"{self._list_page()}?{request.GET.urlencode()}")

    def _files(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return each format and the address of its file, for the query of a list."""
        page, query = f"{self.opts.model_name}_audit", request.GET.urlencode()
        site = self.admin_site.name
        return [(name.upper(), f"{address(site, page, name)}?{query}") for name in AUDIT_FORMATS]

    def _list_page(self) -> str:
        return address(self.admin_site.name, f"{self.opts.model_name}_changelist")
