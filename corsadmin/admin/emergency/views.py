"""The page that switches an emergency of a tenant or of the platform on, and lifts it."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.emergency.banner import banner_lines
from corsadmin.admin.emergency.forms import LiftForm, SwitchForm
from corsadmin.admin.optimistic_lock.form import REASON, VERSION
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.stop_sentences import stop_sentences
from corsadmin.models import Emergency, Tenant
from corsadmin.models.emergency_switch import (
    EmergencyTerms,
    SwitchRefusedError,
    emergency_version,
    lift_emergency,
    shown_end,
    stored_emergency,
    switch_on,
)

LIFT: Final = "lift"


def emergency_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, object] | HttpResponseRedirect:
    """Return the page's context, or a redirect once something was switched."""
    refused: SwitchRefusedError | None = None
    sent = request.POST if request.method == "POST" else None
    lifts = sent is not None and LIFT in sent
    form: Any = (LiftForm if lifts else SwitchForm)(sent)
    if sent is not None and form.is_valid():
        try:
            with modeladmin.acting(request):
                said = (_lift if lifts else _switch)(request, tenant, form.cleaned_data)
                modeladmin.log_change(request, tenant, said)
                modeladmin.message_user(request, said, messages.SUCCESS)
        except SwitchRefusedError as error:
            refused = error
        else:
            page = address(modeladmin.admin_site.name, "tenant_change", tenant.pk)
            return HttpResponseRedirect(page)
    row = stored_emergency(tenant)
    row = None if row is None or row.is_over() else row
    lifting, switching = (form, None) if lifts else (None, form)
    if lifting is None or refused is not None:
        said = request.POST.get(REASON, "") if lifts else ""
        # The form names the version shown, so that it cannot lift a different emergency.
        lifting = LiftForm(initial={VERSION: emergency_version(row) if row else "", REASON: said})
    if switching is None or not switching.is_bound:
        switching = SwitchForm(initial={"level": row.level, "until": row.until} if row else None)
    (lifting if row else switching).focus()
    return {
        "tenant": tenant,
        "row": row,
        "lines": banner_lines(request, [row]) if row else [],
        "lift": lifting,
        "switch": [switching[name] for name in (REASON, "level", "until")],
        "refused": refused,
        "asks_to_loosen": refused is not None and refused.code == "takes-less",
        "stops": [
            (level.label, stop_sentences(request, tenant, level)) for level in Emergency.Level
        ],
        "gives_back": stop_sentences(request, tenant, row.stop.level, lifts=True) if row else [],
    }


def _switch(request: HttpRequest, tenant: Tenant, said: dict[str, Any]) -> str:
    row = switch_on(
        tenant,
        EmergencyTerms(
            level=said["level"],
            until=said["until"],
            reason=said[REASON],
            user=request.user,
            loosens=said["loosens"],
        ),
    )
    text = _("The emergency of %(tenant)s is on, %(until)s.")
    return text % {"tenant": tenant, "until": shown_end(row)}


def _lift(request: HttpRequest, tenant: Tenant, said: dict[str, Any]) -> str:
    row = lift_emergency(tenant, reason=said[REASON], user=request.user, seen=said[VERSION])
    if row is None:
        return _("The emergency of %(tenant)s is already off.") % {"tenant": tenant}
    return _("The emergency of %(tenant)s was lifted.") % {"tenant": tenant}
