"""The pages beside Django's own under a tenant: their addresses and who may open them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from corsadmin.access import access
from corsadmin.admin.paste import paste
from corsadmin.admin.trial import trial
from corsadmin.models import Origin, Tenant


def pages(modeladmin: Any) -> list[Any]:
    """Return the addresses of these pages."""

    def try_view(request: HttpRequest) -> HttpResponse:
        """Answer what a browser would make of a request; nothing is sent anywhere."""
        if not modeladmin.has_view_permission(request):
            raise PermissionDenied
        return _page(modeladmin, request, "try", _("Try a request"), trial(request))

    def paste_view(request: HttpRequest, object_id: str) -> HttpResponse:
        """Add many origins to a tenant."""
        tenant = _tenant(modeladmin, request, object_id)
        if not access(request).may("add", Origin, tenant):
            raise PermissionDenied
        found = paste(modeladmin, request, tenant)
        if isinstance(found, HttpResponse):
            return found
        return _page(
            modeladmin, request, "paste", _("Add many origins"), {**found, "tenant": tenant}
        )

    protected = modeladmin.admin_site.admin_view
    return [
        path("try/", protected(try_view), name="corsadmin_tenant_try"),
        path("<path:object_id>/paste/", protected(paste_view), name="corsadmin_tenant_paste"),
    ]


def _tenant(modeladmin: Any, request: HttpRequest, object_id: str) -> Tenant:
    if not modeladmin.has_view_permission(request):
        raise PermissionDenied
    tenant: Tenant | None = modeladmin.get_object(request, object_id)
    if tenant is None:
        raise Http404
    return tenant


def _page(
    modeladmin: Any, request: HttpRequest, name: str, title: str, context: dict[str, Any]
) -> HttpResponse:
    shared = modeladmin.admin_site.each_context(request)
    context = {**shared, "opts": modeladmin.opts, "title": title, **context}
    return TemplateResponse(request, f"corsadmin/{name}.html", context)
