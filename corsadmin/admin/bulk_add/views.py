"""Paste many origins: each line is answered by itself, corrections are one click away."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.bulk_add.forms import RIGHT, WRONG, PastedLine, PasteForm, check_lines
from corsadmin.admin.history.actor import history_actor
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import Preview, UnconfirmedError, preview_rows
from corsadmin.admin.telling import ADDED, tell_count
from corsadmin.models import Tenant
from corsadmin.models.access import access
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk

ALL = "all"


def paste(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, object] | HttpResponseRedirect:
    """Return what the page shows, or where to go when all is done."""
    form = PasteForm(request.POST or None, access=access(request))
    page = {
        "form": form,
        "lines": [],
        "tenant": tenant,
        "reason": reason_of(request),
        "only_adds": True,
    }
    if request.method != "POST" or not form.is_valid():
        return page
    obstacle: dict[str, object] = {}
    if "accept" in request.POST:
        _accept_corrections(form, tenant, request.POST["accept"])
    elif "add" in request.POST:
        try:
            left = _add(modeladmin, request, tenant, form)
        except UnconfirmedError as error:
            obstacle = error.context
        else:
            if not left:
                site = modeladmin.admin_site.name
                return HttpResponseRedirect(address(site, "tenant_change", tenant.pk))
            form.cleaned_data["lines"] = left
    lines, preview = _preview(request, tenant, form)
    return {
        **page,
        "form": _refilled(form, lines),
        "lines": lines,
        "right": sum(line.state == RIGHT for line in lines),
        "correctable": sum(bool(line.suggestion) for line in lines),
        **preview.context(),
        **obstacle,
    }


def _preview(
    request: HttpRequest, tenant: Tenant, form: PasteForm
) -> tuple[list[PastedLine], Preview]:
    lines = list(check_lines(form, tenant))
    rows = [line.row for line in lines if line.state == RIGHT]
    preview = preview_rows(
        request,
        ProposedChange.from_rows(rows, only_tenant=tenant.pk),
        [sorted(form.common.items()), *((line.text, line.state) for line in lines)],
        accepts_risk=any(accepts_risk(None, row) for row in rows),
        of=tenant,
    )
    return lines, preview


def _accept_corrections(form: PasteForm, tenant: Tenant, which: str) -> None:
    """Put suggestions where the slips were: that of one line, or all."""
    form.cleaned_data["lines"] = [
        line.suggestion if line.suggestion and which in (ALL, str(line.number)) else line.text
        for line in check_lines(form, tenant)
    ]


def _add(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant, form: PasteForm
) -> list[str]:
    """Add the origins that were shown as one change, and return the lines that are left."""
    with history_actor(request), modeladmin.one_change():
        lines, preview = _preview(request, tenant, form)
        preview.check()
        added = [line for line in lines if line.state == RIGHT]
        for line in added:
            line.row.save()
        said = [{"added": {"name": _("origin"), "object": line.text}} for line in added]
        modeladmin.log_change(request, tenant, said)
    tell_count(modeladmin, request, ADDED, len(added))
    return [line.text for line in lines if line.state == WRONG]


def _refilled(form: PasteForm, lines: list[PastedLine]) -> PasteForm:
    text = "\n".join(line.text for line in lines)
    return PasteForm(initial={**form.cleaned_data, "lines": text}, access=form.access)
