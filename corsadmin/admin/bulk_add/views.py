"""Paste many origins: each find is answered by itself, corrections are one click away."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corsadmin.admin.addresses import address
from corsadmin.admin.bulk_add.forms import PasteForm
from corsadmin.admin.bulk_add.judging import RIGHT, WRONG, Judge, PastedFind, place_of
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import NOTHING, Preview, UnconfirmedError, preview_rows
from corsadmin.admin.telling import ADDED, HOSTS_ADDED, tell_count
from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.models.access import access
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk
from corsadmin.transfer.free_text.finds import TextLine

ALL = "all"
MAX_SHOWN_LINES = 300  # of the text with its finds marked
MAX_OPEN_LINES = 40  # a longer text is folded away
MAX_SHOWN_LINE = 500  # characters


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
        _decide(form, tenant, request.POST["accept"])
    elif "add" in request.POST or "add_corrected" in request.POST:
        try:
            left = _add(modeladmin, request, tenant, form)
        except UnconfirmedError as error:
            obstacle = error.context
        else:
            if not left:
                site = modeladmin.admin_site.name
                return HttpResponseRedirect(address(site, "tenant_change", tenant.pk))
    shown = _Shown.of(form, tenant)
    preview = shown.preview(request, form, tenant)
    return {
        **page,
        "form": _again(form),
        "lines": shown.finds,
        "prose": _prose(form.read),
        "corrections": sum(bool(one.correction) for one in shown.finds),
        # What each button adds, in words.
        "right": _counted(shown.right(shown.finds)),
        "corrected": _counted(shown.right(shown.corrected)),
        **preview.context(),
        **obstacle,
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """The finds as they were decided, and as they are once all corrections are taken."""

    finds: list[PastedFind]
    corrected: list[PastedFind]

    @classmethod
    def of(cls, form: PasteForm, tenant: Tenant) -> "_Shown":
        judge = Judge(form, tenant)
        decided = form.cleaned_data["decided"]
        finds = [*judge.judged(decided)]
        corrections = {one.correction for one in finds} - {""}
        return cls(finds, [*judge.judged(decided | corrections)] if corrections else finds)

    @staticmethod
    def right(finds: Sequence[PastedFind]) -> list[Origin | TenantHost]:
        """Return the rows that can be added."""
        return [one.row for one in finds if one.state == RIGHT and one.row is not None]

    def preview(self, request: HttpRequest, form: PasteForm, tenant: Tenant) -> Preview:
        """Return the preview of all that one of the buttons can add."""
        rows = self.right(self.corrected)
        told = [(one.text, one.state, one.becomes) for one in (*self.finds, *self.corrected)]
        return preview_rows(
            request,
            ProposedChange.from_rows(rows, only_tenant=tenant.pk),
            [sorted(form.common.items()), *told],
            accepts_risk=any(accepts_risk(None, row) for row in rows if isinstance(row, Origin)),
            of=tenant,
        )


def _decide(form: PasteForm, tenant: Tenant, what: str) -> None:
    """Note one decision, which replaces others about the same find, or take all corrections."""
    decided = form.cleaned_data["decided"]
    finds = _Shown.of(form, tenant).finds
    new = {one.correction for one in finds} - {""} if what == ALL else {what}
    places = {place_of(decision) for decision in new}
    kept = {decision for decision in decided if place_of(decision) not in places}
    form.cleaned_data["decided"] = frozenset(kept | new)


def _add(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant, form: PasteForm
) -> list[PastedFind]:
    """Add the rows that were shown as one change, and return the finds that are left."""
    with modeladmin.acting(request), modeladmin.one_change():
        shown = _Shown.of(form, tenant)
        shown.preview(request, form, tenant).check()
        finds = shown.finds if "add" in request.POST else shown.corrected
        rows = shown.right(finds)
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


def _counted(rows: Sequence[Origin | TenantHost]) -> str:
    """Return how many origins and hosts there are, in words; blank for none."""
    hosts = sum(isinstance(row, TenantHost) for row in rows)
    origins = len(rows) - hosts
    parts = []
    if origins:
        parts.append(
            ngettext("%(count)d origin", "%(count)d origins", origins) % {"count": origins}
        )
    if hosts:
        parts.append(ngettext("%(count)d host", "%(count)d hosts", hosts) % {"count": hosts})
    if origins and hosts:
        return _("%(origins)s and %(hosts)s") % {"origins": parts[0], "hosts": parts[1]}
    return "".join(parts)


def _prose(read: Sequence[TextLine]) -> dict[str, object]:
    """Return the text with its finds marked, as far as a page shows it."""
    shown = read[:MAX_SHOWN_LINES]
    return {
        "lines": [
            [(text[:MAX_SHOWN_LINE], is_find) for text, is_find in line.pieces()] for line in shown
        ],
        "left": len(read) - len(shown),
        "is_open": len(read) <= MAX_OPEN_LINES,
    }


def _again(form: PasteForm) -> PasteForm:
    decided = "\n".join(sorted(form.cleaned_data["decided"]))
    return PasteForm(initial={**form.cleaned_data, "decided": decided}, access=form.access)
