"""The pages of tenants that Django does not have: their addresses, and who may open them."""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from corsadmin.admin.addresses import address
from corsadmin.admin.ask_server.views import ask_page
from corsadmin.admin.base import PolicyAdmin
from corsadmin.admin.bulk_add.views import paste
from corsadmin.admin.clean_up.views import clean_up_of_page, clean_up_page
from corsadmin.admin.compare.views import compare_page
from corsadmin.admin.copy_rows.policy_page import may_copy_policies, policy_copy_page
from corsadmin.admin.emergency.views import emergency_page
from corsadmin.admin.forget_callers import forget_page, may_forget
from corsadmin.admin.history.pages import history_page, scope_of_tenant
from corsadmin.admin.history.undo_views import undo_page
from corsadmin.admin.history.views import deleted_page, may_restore, past_tenant, restore_page
from corsadmin.admin.import_file.views import import_page
from corsadmin.admin.inbox.views import inbox_page
from corsadmin.admin.make_it_work.views import TITLE, make_it_work
from corsadmin.admin.new_customer.views import new_customer_page
from corsadmin.admin.permissions import may_import, may_set_up_customers
from corsadmin.admin.rendering import render
from corsadmin.admin.titles import title_with_tenant
from corsadmin.admin.try_request.views import trial
from corsadmin.admin.unknown_hosts import sees_unknown_hosts, unknown_hosts_page
from corsadmin.models import Origin, Sighting, Tenant
from corsadmin.models.access import CALLERS, POLICY, PROBE_SERVERS, access

View = Callable[..., HttpResponse]


def _outside_transactions(view: View) -> View:
    """Exempt a view that waits for other servers from Django's ATOMIC_REQUESTS.

    Other processes must see the place that the view takes, and must not wait for its transaction.
    """
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


class TenantPages(PolicyAdmin):
    """The pages of tenants, for users who see any tenant. Each view checks further permissions."""

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[str, View]] = {
            "try": ("try/", self.try_view),
            "probe": ("probe/", self.probe_view),
            "make": ("make-it-work/", self.make_view),
            "new_customer": ("new-customer/", self.new_customer_view),
            "import": ("import/", self.import_view),
            "compare": ("compare/", self.compare_view),
            "copy": ("copy/", self.copy_view),
            "deleted": ("deleted/", self.deleted_view),
            "history_all": ("history/", self.history_all_view),
            "undo": ("history/<str:number>/undo/", self.undo_view),
            "inbox": ("inbox/", self.inbox_view),
            "inbox_of": ("<path:object_id>/inbox/", self.inbox_of_view),
            "forget": ("<path:object_id>/forget-callers/", self.forget_view),
            "clean_up": ("clean-up/", self.clean_up_view),
            "clean_up_of": ("<path:object_id>/clean-up/", self.clean_up_of_view),
            "unknown_hosts": ("unknown-hosts/", self.unknown_hosts_view),
            "emergency": ("<path:object_id>/emergency/", self.emergency_view),
            "paste": ("<path:object_id>/paste/", self.paste_view),
            "timeline": ("<path:object_id>/timeline/", self.timeline_view),
            "restore": ("<path:object_id>/restore/", self.restore_view),
        }
        own = [
            path(
                route,
                self.admin_site.admin_view(self._bounded(view)),
                name=f"corsadmin_tenant_{name}",
            )
            for name, (route, view) in views.items()
        ]
        return [*own, *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a browser would do with a request. Nothing is sent anywhere."""
        if not access(request).sees(None, *POLICY):
            raise PermissionDenied
        return self._page(request, "try", _("Try a request"), trial(self, request))

    @_outside_transactions
    def probe_view(self, request: HttpRequest) -> HttpResponse:
        """Send a live server what a browser would send, if the form was submitted."""
        if not access(request).has(PROBE_SERVERS):
            raise PermissionDenied
        return self._page(request, "ask_server", _("Ask the live server"), ask_page(request))

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Make every change that a blocked call needs, as one change."""
        if not access(request).sees(None, *POLICY):
            raise PermissionDenied
        return self._page(request, "make", TITLE, make_it_work(self, request))

    def new_customer_view(self, request: HttpRequest) -> HttpResponse:
        """Add a tenant with all that it needs, after showing what that allows."""
        if not may_set_up_customers(access(request)):
            raise PermissionDenied
        found = new_customer_page(self, request)
        return self._page(request, "new_customer", _("New customer"), found)

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """List the deleted tenants."""
        if not access(request).everywhere("view", Tenant):
            raise PermissionDenied
        return self._page(request, "deleted", _("Deleted tenants"), deleted_page())

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Import a file, after showing what that writes."""
        if not may_import(access(request)):
            raise PermissionDenied
        return self._page(request, "import", _("Import"), import_page(self, request))

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Show two tenants side by side."""
        if not access(request).sees(None, *POLICY):
            raise PermissionDenied
        return self._page(request, "compare", _("Compare tenants"), compare_page(self, request))

    def copy_view(self, request: HttpRequest) -> HttpResponse:
        """Copy the policy of a tenant to others, after showing what that writes."""
        if not may_copy_policies(access(request)):
            raise PermissionDenied
        return policy_copy_page(self, request)

    def inbox_view(self, request: HttpRequest) -> HttpResponse:
        """Show the refused origins of all tenants."""
        if not access(request).sees(None, *CALLERS):
            raise PermissionDenied
        return self._page(request, "inbox", _("Inbox"), inbox_page(self, request, None))

    def inbox_of_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the refused origins of a tenant."""
        tenant = self.get_object(request, object_id)
        if tenant is None or not access(request).sees(tenant, *CALLERS):
            raise Http404
        title = _("Inbox of %(tenant)s") % {"tenant": tenant}
        return self._page(request, "inbox", title, inbox_page(self, request, tenant))

    def forget_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Delete what was recorded about a tenant's callers, after showing how much that is."""
        tenant, may = self.get_object(request, object_id), access(request)
        if tenant is None or not may.sees(tenant, Tenant, Sighting):
            raise Http404
        if not may_forget(may, tenant):
            raise PermissionDenied
        title = _("Delete what was recorded about %(tenant)s") % {"tenant": tenant}
        return self._page(request, "forget", title, forget_page(self, request, tenant))

    def clean_up_view(self, request: HttpRequest) -> HttpResponse:
        """List the tenants with origins that nobody uses."""
        if not access(request).sees(None, *CALLERS):
            raise PermissionDenied
        return self._page(request, "clean_up", _("Clean up"), clean_up_page(request))

    def clean_up_of_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Propose to disable a tenant's rows that nobody uses."""
        tenant = self.get_object(request, object_id)
        if tenant is None or not access(request).sees(tenant, *CALLERS):
            raise Http404
        title = _("Clean up %(tenant)s") % {"tenant": tenant}
        return self._page(request, "clean_up_of", title, clean_up_of_page(self, request, tenant))

    def unknown_hosts_view(self, request: HttpRequest) -> HttpResponse:
        """List the requested hosts that belong to no tenant."""
        if not sees_unknown_hosts(request):
            raise PermissionDenied
        found = unknown_hosts_page(self, request)
        return self._page(request, "unknown_hosts", _("Unknown hosts"), found)

    def emergency_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Switch the emergency of a tenant on, or lift it."""
        tenant = self.get_object(request, object_id)
        if not isinstance(tenant, Tenant):
            raise Http404
        if not access(request).may_switch(tenant):
            raise PermissionDenied
        title = _("Emergency of %(tenant)s") % {"tenant": tenant}
        return self._page(request, "emergency", title, emergency_page(self, request, tenant))

    def paste_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Add many origins to a tenant."""
        tenant = self.get_object(request, object_id)
        if tenant is None:
            raise Http404
        if not access(request).may("add", Origin, tenant):
            raise PermissionDenied
        return self._page(
            request,
            "paste",
            title_with_tenant(_("Add many origins"), tenant),
            paste(self, request, tenant),
        )

    def timeline_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Redirect to the history, which used to have this address."""
        tenant = past_tenant(self, request, object_id)
        page = address(self.admin_site.name, "tenant_history", tenant.pk)
        return HttpResponsePermanentRedirect(page)

    def history_all_view(self, request: HttpRequest) -> HttpResponse:
        """Show the history of everything that the user may see."""
        return self._page(request, "history", _("History"), history_page(self, request))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: object = None
    ) -> HttpResponse:
        """Show the history of a tenant and of all its rows."""
        tenant = past_tenant(self, request, unquote(object_id))
        found = history_page(self, request, scope_of_tenant(tenant.pk), tenant=tenant)
        title = _("History of %(row)s") % {"row": tenant}
        context = {**found, "may_restore": may_restore(request, tenant)}
        return self._page(request, "history", title, context)

    def undo_view(self, request: HttpRequest, number: str) -> HttpResponse:
        """Undo a change, after showing what that writes."""
        return self._page(request, "undo", _("Undo a change"), undo_page(self, request, number))

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Restore a tenant to an earlier state, after showing what that writes."""
        tenant = past_tenant(self, request, object_id)
        return self._page(
            request,
            "restore",
            title_with_tenant(_("Put back"), tenant),
            restore_page(self, request, tenant),
        )

    def _bounded(self, view: View) -> View:
        """Return a view for users who see any tenant.

        If a form is too long for Django to read, the view answers with a page that says so.
        """

        # Django's check of the CSRF token reads the form, and answers a form that is too long with a
        # bare 400. So the view is exempt, reads the form here, and checks the token afterwards.
        @csrf_exempt
        @wraps(view)
        def read(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            try:
                request.POST  # noqa: B018 (accessing the property reads the form)
            except RequestDataTooBig:
                limit = {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
                answer = self._page(request, "too_long", _("Too long"), limit)
                answer.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                return answer
            checked: HttpResponse = csrf_protect(view)(request, *args, **kwargs)
            return checked

        return read

    def _page(
        self,
        request: HttpRequest,
        name: str,
        title: str | Promise,
        found: Mapping[str, object] | HttpResponse,
    ) -> HttpResponse:
        if isinstance(found, HttpResponse):
            return found
        return render(self, request, name, title, found)
