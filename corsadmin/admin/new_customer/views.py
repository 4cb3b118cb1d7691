"""The page for a new customer: one form, one preview of all that it writes, and one save."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.bulk_add.judged_paste import (
    JudgedPaste,
    marked_text,
    right_rows,
    rows_in_words,
    take_decision,
)
from corsadmin.admin.bulk_add.judging import OPEN, WRONG
from corsadmin.admin.new_customer.forms import NewCustomerForm
from corsadmin.admin.new_customer.outlook import Outlook, first_choices, outlook_of
from corsadmin.admin.new_customer.planning import CustomerPlan
from corsadmin.admin.new_customer.words import plan_sentences
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import CHANGED, Preview, UnconfirmedError, preview_rows
from corsadmin.admin.returning import form_address
from corsadmin.models import Origin, Tenant, TenantHost, TenantMember
from corsadmin.models.access import POLICY, access
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk

MAX_NAMED: Final = 10  # left-out finds that a message names


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows for a valid form. The plan includes all corrections."""

    judged: JudgedPaste
    plan: CustomerPlan
    outlook: Outlook | None
    preview: Preview

    @classmethod
    def of(cls, request: HttpRequest, form: NewCustomerForm) -> "_Shown":
        judged = JudgedPaste.of(form, form.tenant)
        rows = right_rows(judged.corrected)
        plan = CustomerPlan(
            form.tenant,
            [row for row in rows if isinstance(row, TenantHost)],
            [row for row in rows if isinstance(row, Origin)],
            form.rule,
        )
        outlook = outlook_of(request, plan)
        told = [plan_sentences(plan), None if outlook is None else outlook.told]
        preview = preview_rows(
            request,
            ProposedChange.from_rows(plan.rows),
            [form.tenant.name, form.tenant.slug, sorted(form.common.items()), *judged.told, *told],
            accepts_risk=any(accepts_risk(None, row) for row in plan.origins),
        )
        return cls(judged, plan, outlook, preview)

    @property
    def left_out(self) -> list[str]:
        """Return the finds that are not added, because they are wrong or nobody decided on them."""
        return [one.written for one in self.judged.corrected if one.state in (WRONG, OPEN)]


def new_customer_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest
) -> dict[str, object] | HttpResponseRedirect:
    """Return the page's context, or a redirect once the customer is saved."""
    obstacle: dict[str, object] = {}
    if "save" in request.POST:
        try:
            return HttpResponseRedirect(_save(modeladmin, request))
        except UnconfirmedError as error:
            obstacle = error.context
    may = access(request)
    form = NewCustomerForm(request.POST or None, access=may, initial=first_choices(may))
    if not form.is_bound:
        form.fields["name"].widget.attrs["autofocus"] = True
    page = {
        "form": form,
        "media": modeladmin.media + form.media,
        "reason": reason_of(request),
        "only_adds": True,
        **obstacle,
    }
    if not form.is_valid():
        return page
    if "accept" in request.POST:
        take_decision(form, form.tenant, request.POST["accept"])
    shown = _Shown.of(request, form)
    return {
        **page,
        "form": form.again(),
        "sentences": plan_sentences(shown.plan),
        "outlook": shown.outlook,
        "lines": shown.judged.finds,
        "prose": marked_text([*form.host_lines, *form.read]),
        "corrections": shown.judged.corrections,
        "left_out": len(shown.left_out),
        **shown.preview.context(),
        **obstacle,
    }


def _save(modeladmin: PolicyModelAdmin, request: HttpRequest) -> str:
    """Save the previewed plan as one change, and return the next page.

    Raise UnconfirmedError if it cannot be saved as previewed.
    """
    with modeladmin.acting(request):
        with modeladmin.one_change():
            # Judged inside the change, in which nobody else can take the slug or a host.
            form = NewCustomerForm(request.POST, access=access(request))
            if not form.is_valid():
                raise UnconfirmedError(CHANGED)
            shown = _Shown.of(request, form)
            shown.preview.check()
            for row in shown.plan.rows:
                row.save()
            modeladmin.log_addition(request, shown.plan.tenant, _logged(shown.plan))
        _tell(modeladmin, request, shown)
    site, tenant = modeladmin.admin_site.name, shown.plan.tenant
    sees = access(request).sees(tenant, Tenant)
    page = address(site, "tenant_change", tenant.pk) if sees else ""
    return page or address(site, "tenant_changelist")


def _logged(plan: CustomerPlan) -> list[object]:
    """Return the message for the admin's log about the added rows."""
    of_rows = [
        {"added": {"name": str(row._meta.verbose_name), "object": str(row)}}
        for row in plan.rows[1:]
    ]
    return [{"added": {}}, *of_rows]


def _tell(modeladmin: PolicyModelAdmin, request: HttpRequest, shown: _Shown) -> None:
    """Report what was saved and what was left out, with links to the next steps."""
    plan, site = shown.plan, modeladmin.admin_site.name
    what = rows_in_words([*plan.hosts, *plan.origins])
    sentences = [_("The tenant %(tenant)s was added.") % {"tenant": plan.tenant}]
    if what:
        sentences.append(_("It has %(rows)s.") % {"rows": what})
    links = format_html_join(
        "", ' <a class="corsadmin-undo" href="{}">{}</a>', _links(request, site, shown)
    )
    text = format_html("{}{}", " ".join(sentences), links)
    modeladmin.message_user(request, text, messages.SUCCESS)
    if shown.left_out:
        named = ", ".join(shown.left_out[:MAX_NAMED])
        more = ", …" * (len(shown.left_out) > MAX_NAMED)
        warning = _("Left out of your paste: %(finds)s") % {"finds": f"{named}{more}"}
        modeladmin.message_user(request, warning, messages.WARNING)
    rules = [] if plan.rule is None else [plan.rule]
    modeladmin.tell_risks(request, [*plan.origins, *rules])


def _links(request: HttpRequest, site: str, shown: _Shown) -> list[tuple[str, str]]:
    """Return links to the next steps that the user may take."""
    may, tenant, links = access(request), shown.plan.tenant, []
    page = address(site, "tenant_change", tenant.pk)
    if may.sees(tenant, Tenant):
        links.append((page, str(tenant)))
    if may.sees(tenant, *POLICY):
        query = "" if shown.outlook is None else shown.outlook.query
        links.append((f"{address(site, 'tenant_try')}{query}", _("Try a request")))
    members = address(site, "tenantmember_add")
    if members and may.may("add", TenantMember, tenant):
        links.append((form_address(members, {"tenant": tenant.pk}, page), _("Add members")))
    return links
