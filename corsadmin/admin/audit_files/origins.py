"""The list of origins for auditors: ready-made questions, files, and the tenants for a question."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.admin.audit_files.screen import AuditedAdmin
from corsadmin.admin.audit_files.tenants import tenants_page
from corsadmin.admin.rendering import render
from corsadmin.models import Sighting
from corsadmin.models.access import access

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# The questions that auditors ask most, as filters of the list. The last one reveals rows of
# another model, which the user must be allowed to view.
QUESTIONS: Final[tuple[tuple["_StrPromise", dict[str, str], type[Model] | None], ...]] = (
    (_("Wildcard with credentials"), {"risk": "wildcard,credentials"}, None),
    (_("Plain http with credentials"), {"risk": "http,credentials"}, None),
    (_("Risk accepted"), {"risk": "accepted"}, None),
    (_("No end"), {"risk": "no-end"}, None),
    (_("No reason given"), {"risk": "no-reason"}, None),
    (_("Not used for 90 days"), {"seen": "90"}, Sighting),
)
_ASKED: Final = ("risk", "seen", "accepted_by")


class AuditedOriginAdmin(AuditedAdmin):
    """The list of origins, with questions that keep the list's other filters."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.tenants_view)
        return [path("tenants/", view, name="corsadmin_origin_tenants"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        found = {} if IS_POPUP_VAR in request.GET else self._questions(request)
        return super().changelist_view(request, {**found, **(extra_context or {})})

    def tenants_view(self, request: HttpRequest) -> HttpResponse:
        """List the tenants of the origins that the list shows for the same query."""
        if not self.has_view_permission(request) or not self.may_read(request, "tenant"):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return self.incorrect_query()
        found = tenants_page(request, self.admin_site.name, changelist.queryset)
        found |= {"asked": _asked(changelist)}
        return render(self, request, "origin_tenants", _("Tenants with these origins"), found)

    def _questions(self, request: HttpRequest) -> dict[str, object]:
        given = {name: text for name, text in request.GET.items() if name not in {*_ASKED, "p"}}
        may, asked = access(request), {name: request.GET.get(name) for name in _ASKED}
        questions = []
        for title, filters, tells_of in QUESTIONS:
            if tells_of is None or may.sees_beside(tells_of, self.model):
                is_asked = asked == {**dict.fromkeys(_ASKED), **filters}
                query = given if is_asked else {**given, **filters}
                questions.append((title, f"?{urlencode(query)}", is_asked))
        page = address(self.admin_site.name, "origin_tenants")
        tenants = f"{page}?{request.GET.urlencode()}" if self.may_read(request, "tenant") else ""
        return {"questions": questions, "tenants_page": tenants}


def _asked(changelist: ChangeList) -> list[str]:
    """Return a list's search text and filters, in words."""
    chosen = [
        str(choice["display"])
        for spec in changelist.filter_specs
        # The first choice of each filter is “All”.
        for choice in list(spec.choices(changelist))[1:]
        if choice["selected"]
    ]
    return [*([changelist.query] if changelist.query else []), *chosen]
