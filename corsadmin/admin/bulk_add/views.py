"""Paste many origins: judge each find on its own, and offer corrections at one click."""

from django.http import HttpRequest, HttpResponseRedirect

from corsadmin.admin.addresses import address
from corsadmin.admin.bulk_add.forms import PasteForm
from corsadmin.admin.bulk_add.judged_paste import (
    JudgedPaste,
    marked_text,
    right_rows,
    rows_in_words,
    take_decision,
)
from corsadmin.admin.bulk_add.judging import WRONG, PastedFind
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import NOTHING, Preview, UnconfirmedError, preview_rows
from corsadmin.admin.telling import ADDED, HOSTS_ADDED, tell_count
from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.models.access import access
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk


def paste(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, object] | HttpResponseRedirect:
    """Return the page's context, or a redirect when every find is done."""
    form = PasteForm(request.POST or None, access=access(request))
    page = {
        "form": form,
        "lines": [],
        "tenant": tenant,
        "reason": reason_of(request),
        "only_adds": True,
    }
    if request.method != "POST":
        form.fields["lines"].widget.attrs["autofocus"] = True
    if request.method != "POST" or not form.is_valid():
        return page
    obstacle: dict[str, object] = {}
    if "accept" in request.POST:
        take_decision(form, tenant, request.POST["accept"])
    elif "add" in request.POST or "add_corrected" in request.POST:
        try:
            left = _add(modeladmin, request, tenant, form)
        except UnconfirmedError as error:
            obstacle = error.context
        else:
            if not left:
                site = modeladmin.admin_site.name
                return HttpResponseRedirect(address(site, "tenant_change", tenant.pk))
    judged = JudgedPaste.of(form, tenant)
    preview = _preview(request, form, tenant, judged)
    return {
        **page,
        "form": _again(form),
        "lines": judged.finds,
        "prose": marked_text(form.read),
        "corrections": judged.corrections,
        # The text on each button: what it adds.
        "right": rows_in_words(right_rows(judged.finds)),
        "corrected": rows_in_words(right_rows(judged.corrected)),
        **preview.context(),
        **obstacle,
    }


def _preview(request: HttpRequest, form: PasteForm, tenant: Tenant, judged: JudgedPaste) -> Preview:
    """Return the preview of everything that either button can add."""
    rows = right_rows(judged.corrected)
    return preview_rows(
        request,
        ProposedChange.from_rows(rows, only_tenant=tenant.pk),
        [sorted(form.common.items()), *judged.told],
        accepts_risk=any(accepts_risk(None, row) for row in rows if isinstance(row, Origin)),
        of=tenant,
    )


def _add(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant, form: PasteForm
) -> list[PastedFind]:
    """Add the previewed rows as one change, and return the finds that are still wrong."""
    with modeladmin.acting(request):
        with modeladmin.one_change():
            judged = JudgedPaste.of(form, tenant)
            _preview(request, form, tenant, judged).check()
            finds = judged.finds if "add" in request.POST else judged.corrected
            rows = right_rows(finds)
            if not rows:
                raise UnconfirmedError(NOTHING)
            for row in rows:
                row.save()
            said = [
                {"added": {"name": str(row._meta.verbose_name), "object": str(row)}} for row in rows
            ]
            modeladmin.log_change(request, tenant, said)
        for verb, model in ((ADDED, Origin), (HOSTS_ADDED, TenantHost)):
            count = sum(isinstance(row, model) for row in rows)
            if count:
                tell_count(modeladmin, request, verb, count)
    return [one for one in finds if one.state == WRONG]


def _again(form: PasteForm) -> PasteForm:
    decided = "\n".join(sorted(form.cleaned_data["decided"]))
    return PasteForm(initial={**form.cleaned_data, "decided": decided}, access=form.access)
