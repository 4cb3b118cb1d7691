"""The page that shows what undoing a change writes, and writes it once a person confirms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.history.change_number import moment_of_number
from corsadmin.admin.history.pages import writes_somewhere
from corsadmin.admin.history.steps import allowed, change_by, steps_accept_risk, write_steps
from corsadmin.admin.history.switched import SAY_WHY, switch_steps, switched_tenants
from corsadmin.admin.history.undo import MAX_UNDONE_ROWS, plan_undo
from corsadmin.admin.history.undo_plan import UndoPlan
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import Preview, UnconfirmedError, preview_rows
from corsadmin.admin.returning import address_to_return_to
from corsadmin.admin.words import moment_text
from corsadmin.models import Emergency, Tenant, TenantMember
from corsadmin.models.access import access
from corsadmin.models.change_reason import UNDONE, reason_with
from corsadmin.proposed_change import owner

MAX_SHOWN_STEPS: Final = 200


class UndoForm(forms.Form):
    """The choice that a person has about an undo."""

    overwrites = forms.BooleanField(label=gettext_lazy("Overwrite later changes"), required=False)


def undo_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, number: str
) -> dict[str, object] | HttpResponse:
    """Return the page's context, or a redirect once the plan is carried out."""
    moment = moment_of_number(number)
    if moment is None:
        raise Http404
    if not writes_somewhere(request):
        raise PermissionDenied
    form = UndoForm(request.POST or None)
    overwrites = form.is_valid() and form.cleaned_data["overwrites"]
    obstacle: dict[str, object] = {}
    if "undo" in request.POST:
        try:
            return _undo(modeladmin, request, number, moment, overwrites=overwrites)
        except UnconfirmedError as error:
            obstacle = error.context
        except ValidationError as error:
            obstacle = {"refused": " ".join(error.messages)}
    plan, preview = _preview(request, moment, overwrites=overwrites)
    if not plan.is_known:
        raise Http404
    site, users = modeladmin.admin_site.name, [user or _("unknown user") for user in plan.users]
    history = address(site, "tenant_history_all")
    return {
        "title": _title(moment, users),
        "number": number,
        "close": address_to_return_to(request, site) or f"{history}?change={number}",
        "reasons": plan.reasons,
        "form": form,
        "plan": plan,
        "steps": plan.steps[:MAX_SHOWN_STEPS],
        "more": max(0, len(plan.steps) - MAX_SHOWN_STEPS),
        "most": MAX_UNDONE_ROWS,
        "switched": switched_tenants(request, plan.steps),
        "reason": reason_of(request),
        "may_overwrite": bool(plan.later or plan.full),
        **preview.context(),
        **obstacle,
    }


def _title(moment: datetime, users: Sequence[str]) -> str:
    """Return the page's title. Without users, as for a change too long to read, it names nobody."""
    if not users:
        return _("Undo the change of %(moment)s") % {"moment": moment_text(moment)}
    text = _("Undo the change of %(moment)s by %(users)s")
    return text % {"moment": moment_text(moment), "users": ", ".join(users)}


def _preview(
    request: HttpRequest, moment: datetime, *, overwrites: bool
) -> tuple[UndoPlan, Preview]:
    plan = plan_undo(access(request), moment, overwrites=overwrites)
    preview = preview_rows(
        request,
        change_by(plan.steps),
        [
            overwrites,
            *((step.action, step.title, step.differences, step.forbidden) for step in plan.steps),
            *plan.later,
            *plan.full,
            *plan.notes,
        ],
        accepts_risk=steps_accept_risk(plan.steps),
        writes_others=any(step.kind in (TenantMember, Emergency) for step in allowed(plan.steps)),
        asks_why=SAY_WHY if switch_steps(plan.steps) else "",
    )
    return plan, preview


def _undo(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    number: str,
    moment: datetime,
    *,
    overwrites: bool,
) -> HttpResponse:
    """Carry out the previewed plan as one change, and redirect back or to the history."""
    reason = reason_with(f"{UNDONE}{number}", reason_of(request))
    with modeladmin.acting(request, reason):
        with modeladmin.one_change():
            plan, preview = _preview(request, moment, overwrites=overwrites)
            preview.check()
            write_steps(access(request), plan.steps)
        said = _("Change %(number)s was undone.") % {"number": number}
        _log(request, plan, said)
        modeladmin.message_user(request, said, messages.SUCCESS)
    site = modeladmin.admin_site.name
    return HttpResponseRedirect(
        address_to_return_to(request, site) or address(site, "tenant_history_all")
    )


def _log(request: HttpRequest, plan: UndoPlan, said: str) -> None:
    """Record each touched tenant that exists in the user's recent actions."""
    found = (owner(step.row) for step in allowed(plan.steps))
    keys = {key for key in found if key is not None}
    tenants = list(Tenant.objects.filter(pk__in=keys).order_by("pk"))
    user: Any = request.user
    LogEntry.objects.log_actions(user.pk, tenants, CHANGE, said)
