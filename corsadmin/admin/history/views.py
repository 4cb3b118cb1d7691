"""The pages that restore a tenant and list deleted tenants."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.history.change_number import change_number
from corsadmin.admin.history.restore import (
    brings_members,
    emergency_at_end,
    is_gone,
    plan_restore,
)
from corsadmin.admin.history.steps import RowStep, change_by, steps_accept_risk, write_steps
from corsadmin.admin.history.switched import SAY_WHY, switch_steps
from corsadmin.admin.history.versions import KINDS
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import Preview, UnconfirmedError, preview_rows
from corsadmin.admin.words import moment_text
from corsadmin.models import Emergency, Tenant
from corsadmin.models.access import Access, access
from corsadmin.models.change_reason import RESTORED, reason_with
from corsadmin.models.validation import is_showable


def past_tenant(modeladmin: PolicyModelAdmin, request: HttpRequest, object_id: str) -> Tenant:
    """Return a tenant that the user may see, or the last version of a deleted one."""
    tenant: Tenant | None = modeladmin.get_object(request, object_id)
    if tenant is None and object_id.isdecimal() and access(request).everywhere("view", Tenant):
        version = Tenant.history.filter(id=object_id).first()
        tenant = version.instance if version is not None else None
    if tenant is None:
        raise Http404
    return tenant


def restore_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, object] | HttpResponse:
    """Return the page's context, or a redirect once the plan is carried out."""
    if not may_restore(request, tenant):
        raise PermissionDenied
    before = _moment(request.POST.get("before") or request.GET.get("before", ""))
    obstacle: dict[str, object] = {}
    if request.method == "POST":
        try:
            return _put_back(modeladmin, request, tenant, before)
        except UnconfirmedError as error:
            obstacle = error.context
        except ValidationError as error:
            obstacle = {"refused": " ".join(error.messages)}
    moves, preview = _preview(request, tenant, before)
    return {
        "tenant": tenant,
        "before": before,
        "moves": moves,
        "members": _about_members(access(request), tenant),
        **preview.context(),
        **obstacle,
    }


def _preview(
    request: HttpRequest, tenant: Tenant, before: datetime
) -> tuple[list[RowStep], Preview]:
    moves = plan_restore(access(request), tenant, before)
    preview = preview_rows(
        request,
        change_by(moves, only_tenant=tenant.pk),
        [(move.action, move.title, move.differences, move.forbidden) for move in moves],
        accepts_risk=steps_accept_risk(moves),
        of=tenant,
        asks_why=SAY_WHY if switch_steps(moves) else "",
    )
    return moves, preview


def _put_back(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant, before: datetime
) -> HttpResponse:
    """Carry out the previewed plan as one change, and redirect to the tenant."""
    reason = reason_with(f"{RESTORED}{change_number(before)}", reason_of(request))
    with modeladmin.acting(request, reason):
        with modeladmin.one_change():
            moves, preview = _preview(request, tenant, before)
            preview.check()
            write_steps(access(request), moves)
        said = _("Put back (as it was before %(before)s).") % {"before": moment_text(before)}
        modeladmin.log_change(request, tenant, said)
        modeladmin.message_user(request, said, messages.SUCCESS)
    site = modeladmin.admin_site.name
    return HttpResponseRedirect(address(site, "tenant_change", tenant.pk))


def _about_members(may: Access, tenant: Tenant) -> str:
    """Return the sentence that says what happens to the tenant's members."""
    if not is_gone(tenant):
        return _("Members stay the same.")
    if brings_members(may, tenant):
        return _("Members come back too, except for users who no longer exist.")
    return _("Members do not come back: you do not have permission to view and add members.")


def deleted_page() -> dict[str, object]:
    """Return the deleted tenants, the latest first."""
    gone = Tenant.history.filter(history_type="-").exclude(id__in=Tenant.objects.values("pk"))
    return {"versions": gone.select_related("history_user").order_by("-history_date")[:200]}


def may_restore(request: HttpRequest, tenant: Tenant) -> bool:
    """Report whether the user may restore a tenant to an earlier state."""
    may = access(request)
    # The plan names rows of every kind, and an emergency must not be lost by restoring its tenant.
    return (
        may.may("add" if is_gone(tenant) else "change", Tenant, tenant)
        and all(may.may("view", kind, tenant) for kind in KINDS)
        and (may.may("change", Emergency, tenant) or emergency_at_end(tenant) is None)
    )


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    # The history keeps moments with a time zone if, and only if, the site uses time zones. A moment
    # that some time zone cannot show would crash the page.
    if moment is None or is_aware(moment) != settings.USE_TZ or not is_showable(moment):
        raise Http404
    return moment
