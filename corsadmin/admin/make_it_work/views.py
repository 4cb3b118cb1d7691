"""Show every change that a blocked call needs, and make them all as one change."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.make_it_work.forms import MakeItWorkForm
from corsadmin.admin.optimistic_lock.form import REASON, StaleSaveError, reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import CHANGED as OVERTAKEN
from corsadmin.admin.telling import CHANGED, tell_count
from corsadmin.admin.try_request.asking import question_query, verdict_on_form
from corsadmin.admin.try_request.forms import TrialForm
from corsadmin.admin.try_request.parts import can_make, needs_tenant, parts_of
from corsadmin.diagnose.explain import Explanation
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import POLICY, Access, access

TITLE: Final = gettext_lazy("Make this call work")
SAVE: Final = "save"
TENANT: Final = "tenant"
POLICY_ROW: Final = "policy"  # where most changes are made
MAX_SUGGESTED_TENANTS: Final = 50
NOTHING_LEFT: Final = gettext_lazy(
    "Nothing was saved. There is nothing left that you can change for this call."
)


def make_it_work(
    modeladmin: PolicyModelAdmin, request: HttpRequest
) -> dict[str, object] | HttpResponseRedirect:
    """Return the page's context, or a redirect.

    The button beside an answer sends the trial's form, which redirects to its address here.
    """
    if request.method != "POST":
        return _page(modeladmin, request)
    if SAVE not in request.POST:
        asked = TrialForm(request.POST)
        asked.is_valid()
        return HttpResponseRedirect(f"{request.path}?{asked.address()}")
    with modeladmin.acting(request), modeladmin.one_judgment(request):
        try:
            return _page(modeladmin, request, request.POST)
        except StaleSaveError:
            pass  # another save came first: the second run lets the page report the conflict
        return _page(modeladmin, request, request.POST)


def _page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, sent: object = None
) -> dict[str, object] | HttpResponseRedirect:
    may, asked = access(request), TrialForm(request.GET)
    slug = request.GET.get(TENANT, "")
    verdict = verdict_on_form(request, asked, tenant=slug) if asked.is_valid() else None
    found = None if verdict is None else verdict.explanation
    if verdict is None or found is None or not can_make(may, verdict):
        if sent is not None:
            modeladmin.message_user(request, str(NOTHING_LEFT), messages.WARNING)
        return HttpResponseRedirect(_question(modeladmin, request.GET.urlencode()))
    back = _question(modeladmin, request.GET.urlencode())
    context = {**_context(may, found), "back": back, "next_question": verdict.next_question}
    if needs_tenant(found.mending):
        asking = {"asked": _asked(request), "tenants": _seen_tenants(may), "chosen": slug}
        return {**context, **asking}
    parts = [part for part in parts_of(may, found.mending) if not part.ask]
    kind = MakeItWorkForm.for_parts(request, found.mending.owners, parts)
    form = kind(request, sent)
    if sent is not None and form.is_overtaken:
        form = kind(request, None, **{REASON: reason_of(request)})
        context["refused"] = OVERTAKEN
    elif sent is not None and form.is_valid():
        _save(modeladmin, request, form)
        # Lead to the same question, which has a new answer now, without the pasted text of the old.
        query = question_query(found.question)
        return HttpResponseRedirect(back if verdict.wants else _question(modeladmin, query))
    return {
        **context,
        "form": form,
        "tenant": form.instance,
        "media": modeladmin.media + form.media,
        "losses": form.losses,
    }


def _save(modeladmin: PolicyModelAdmin, request: HttpRequest, form: MakeItWorkForm) -> None:
    """Write the changes as one change, and report how many rows changed."""
    rows: list[object] = []
    if form.writes:
        with modeladmin.one_change():
            said = []
            for row, message in form.write():
                rows.append(row)
                said.append(message)
            modeladmin.log_change(request, form.instance, said)
    tell_count(modeladmin, request, CHANGED, len(rows))
    modeladmin.tell_risks(request, [row for row in rows if isinstance(row, Origin | PathRule)])


def _context(may: Access, found: Explanation) -> dict[str, object]:
    """Return the part of the context that does not depend on the changes to make."""
    mending = found.mending
    return {
        "question": found.question,
        "asks": [(part.sentences, part.ask) for part in parts_of(may, mending) if part.ask],
        "outside": [one.sentence for one in mending.remedies if one.made_in != POLICY_ROW],
        "open": [
            one.sentence
            for one in mending.remedies
            if one.row is None and one.made_in == POLICY_ROW and not needs_tenant(mending)
        ],
    }


def _asked(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values of the trial's question, to be sent again with the tenant."""
    return [(name, str(value)) for name, value in request.GET.items() if name != TENANT]


def _seen_tenants(may: Access) -> list[str]:
    """Return the slugs of some tenants that the user may see, to choose from."""
    keys = may.seen(*POLICY)
    tenants = Tenant.objects.all() if keys is None else Tenant.objects.filter(pk__in=keys)
    return [*tenants.order_by("slug").values_list("slug", flat=True)[:MAX_SUGGESTED_TENANTS]]


def _question(modeladmin: PolicyModelAdmin, query: str) -> str:
    """Return the address of the trial that answers a question."""
    return f"{address(modeladmin.admin_site.name, 'tenant_try')}?{query}"
