"""Paste many origins: each line is answered by itself, corrections are one click away."""

from typing import Any

from django.db import router
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.bulk_add.forms import RIGHT, WRONG, PastedLine, PasteForm, check_lines
from corsadmin.admin.history.actor import history_actor
from corsadmin.admin.optimistic_lock.form import REASON
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.admin.telling import ADDED, tell_count
from corsadmin.models import Origin, Tenant, generation
from corsadmin.models.access import access
from corsadmin.proposed_change.risk_acceptance import accepts_risk

ALL = "all"


def paste(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, Any] | HttpResponseRedirect:
    """Return what the page shows, or where to go when all is done."""
    form = PasteForm(request.POST or None, access=access(request))
    if request.method != "POST" or not form.is_valid():
        return {"form": form, "lines": [], "tenant": tenant}
    lines = list(check_lines(form, tenant))
    if "take" in request.POST:
        lines = _take(form, tenant, lines, request.POST["take"])
    elif "add" in request.POST:
        right = [line for line in lines if line.state == RIGHT]
        if form.ask_why(line.row for line in right):
            return _shown(tenant, form, lines)
        added = _add(modeladmin, request, tenant, form) if right else 0
        tell_count(modeladmin, request, ADDED, added)
        lines = [line for line in lines if line.state == WRONG]
        if not lines:
            site = modeladmin.admin_site.name
            return HttpResponseRedirect(address(site, "tenant_change", tenant.pk))
    return _shown(tenant, _refilled(form, lines), lines)


def _shown(tenant: Tenant, form: PasteForm, lines: list[PastedLine]) -> dict[str, Any]:
    if any(accepts_risk(None, line.row) for line in lines if line.state == RIGHT):
        form.fields[REASON].help_text = SAY_WHY
    return {
        "tenant": tenant,
        "form": form,
        "lines": lines,
        "right": sum(line.state == RIGHT for line in lines),
        "correctable": sum(bool(line.suggestion) for line in lines),
    }


def _take(form: PasteForm, tenant: Tenant, lines: list[PastedLine], which: str) -> list[PastedLine]:
    """Put suggestions where the slips were, and judge again."""
    form.cleaned_data["lines"] = [
        line.suggestion if line.suggestion and which in (ALL, str(line.number)) else line.text
        for line in lines
    ]
    return list(check_lines(form, tenant))


def _add(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant, form: PasteForm
) -> int:
    with history_actor(request), generation.change(router.db_for_write(Origin)):
        # Judged once more: from here on nobody else can add the same.
        lines = [line for line in check_lines(form, tenant) if line.state == RIGHT]
        for line in lines:
            line.row.save()
        said = [{"added": {"name": _("origin"), "object": line.text}} for line in lines]
        modeladmin.log_change(request, tenant, said)
    return len(lines)


def _refilled(form: PasteForm, lines: list[PastedLine]) -> PasteForm:
    text = "\n".join(line.text for line in lines)
    return PasteForm(initial={**form.cleaned_data, "lines": text}, access=form.access)
