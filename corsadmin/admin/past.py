"""The pages of what was: a tenant's timeline, putting it back, and deleted tenants."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from corsadmin.access import access
from corsadmin.admin.acting import acting
from corsadmin.admin.restoring import apply, digest, plan
from corsadmin.admin.timeline import timeline
from corsadmin.models import Tenant


def past_tenant(modeladmin: Any, request: HttpRequest, object_id: str) -> Tenant:
    """Return a tenant that the user may see, or its last version when it is deleted."""
    if not modeladmin.has_view_permission(request):
        raise PermissionDenied
    tenant: Tenant | None = modeladmin.get_object(request, object_id)
    if tenant is None and object_id.isdecimal() and access(request).everywhere("view", Tenant):
        version = Tenant.history.filter(id=object_id).first()
        tenant = version.instance if version is not None else None
    if tenant is None:
        raise Http404
    return tenant


def timeline_page(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    """Return what the timeline shows."""
    return {"tenant": tenant, "events": timeline(tenant.pk), "may_restore": _may(request, tenant)}


def restore_page(
    modeladmin: Any, request: HttpRequest, tenant: Tenant
) -> dict[str, Any] | HttpResponse:
    """Return what the plan shows, or where to go when it is carried out."""
    if not _may(request, tenant):
        raise PermissionDenied
    before = _moment(request.POST.get("before") or request.GET.get("before", ""))
    moves = plan(access(request), tenant, before)
    context = {"tenant": tenant, "before": before, "moves": moves, "digest": digest(moves)}
    if request.method != "POST":
        return context
    if request.POST.get("digest") != context["digest"]:
        return {**context, "errors": [_("Something has changed meanwhile: look again.")]}
    try:
        with acting(request):
            apply(moves)
    except ValidationError as error:
        return {**context, "errors": error.messages}
    said = _("Put back as it was before %(before)s.") % {"before": before.isoformat(" ", "seconds")}
    modeladmin.log_change(request, tenant, said)
    modeladmin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(reverse("admin:corsadmin_tenant_change", args=[tenant.pk]))


def deleted_page() -> dict[str, Any]:
    """Return the deleted tenants, the latest first."""
    gone = Tenant.history.filter(history_type="-").exclude(id__in=Tenant.objects.values("pk"))
    return {"versions": gone.select_related("history_user").order_by("-history_date")[:200]}


def _may(request: HttpRequest, tenant: Tenant) -> bool:
    exists = Tenant.objects.filter(pk=tenant.pk).exists()
    return access(request).may("change" if exists else "add", Tenant, tenant)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Http404
    return moment
