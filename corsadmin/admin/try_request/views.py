"""Try a request: what a browser would do with a call, step by step, and what to change."""

import shlex
from typing import Final

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.call_fields import METHODS
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.returning import page_address
from corsadmin.admin.try_request.asking import verdict_on_form
from corsadmin.admin.try_request.forms import TrialForm
from corsadmin.admin.try_request.live import live_question
from corsadmin.admin.try_request.parts import can_make, changes_with_asks
from corsadmin.diagnose.console import Reading
from corsadmin.diagnose.explain import Explanation
from corsadmin.diagnose.verdict import NOTHING_READ
from corsadmin.diagnose.verdict.causes import what_went_wrong
from corsadmin.engine import PLATFORM, Reason, browser
from corsadmin.engine.headers import ACAC, ACAH, ACAM, ACAO, ACEH, ACRH, ACRM
from corsadmin.models import PathRule, Tenant
from corsadmin.models.access import POLICY, Access, access
from corsadmin.models.tenant_rows import TenantRows
from corsadmin.serving.request import tls_header

MARKS: Final = {True: "✓", False: "✗", None: "·"}
WORDS: Final = {
    True: gettext_lazy("passed"),
    False: gettext_lazy("failed"),
    None: gettext_lazy("not reached"),
}
STEPS: Final = {
    "path": gettext_lazy("Path"),
    "tenant": gettext_lazy("Tenant"),
    "rule": gettext_lazy("Path rule"),
    "emergency": gettext_lazy("Emergency"),
    "origin": gettext_lazy("Origin"),
    "method": gettext_lazy("Method"),
    "headers": gettext_lazy("Request headers"),
    "credentials": gettext_lazy("Cookies"),
}

# The form field for each part that a verdict can ask for, and the name of the part.
FIELDS: Final = {
    "page": "origin",
    "url": "url",
    "method": "method",
    "header": "headers",
    "credentials": "credentials",
}
PARTS: Final = {
    "page": gettext_lazy("page"),
    "url": gettext_lazy("URL"),
    "method": gettext_lazy("method"),
    "header": gettext_lazy("request headers"),
    "credentials": gettext_lazy("cookies"),
}


def trial(
    modeladmin: PolicyModelAdmin, request: HttpRequest
) -> dict[str, object] | HttpResponseRedirect:
    """Return the page's context for the question in the query string, if there is one.

    A submitted form redirects to the address of its question, which contains no pasted text. A
    question that is too long for an address is answered at once.
    """
    given = request.POST if request.method == "POST" else request.GET
    asked = "url" in given
    form = TrialForm(given) if asked else TrialForm()
    if not asked:
        # Most people open this page to paste an error.
        form.fields["console"].widget.attrs["autofocus"] = True
    context: dict[str, object] = {"form": form, "methods": METHODS}
    is_valid = asked and form.is_valid()
    if asked and request.method == "POST" and "console" not in form.errors:
        query = form.address()
        if query:
            return HttpResponseRedirect(f"{request.path}?{query}")
    if not is_valid:
        return context
    may = access(request)
    verdict = verdict_on_form(request, form)
    reading = form.reading
    if verdict.wants:
        form.fields[FIELDS[verdict.wants]].widget.attrs["autofocus"] = True
    context |= {"verdict": verdict, "read": read_rows(reading)}
    found = verdict.explanation
    if found is None:
        return context
    return {
        **context,
        "found": found,
        "near_misses": found.near_misses,
        "rewritten": found.question.origin != form.data["origin"] and found.question.origin,
        "steps": [
            (MARKS[step.ok], WORDS[step.ok], STEPS[step.name], step.sentence)
            for step in verdict.steps
        ],
        "questions": questions(found),
        "mistakes": mistakes(found) + hidden_tls(request),
        "changes": [*changes_with_asks(may, found)],
        "can_make": can_make(may, verdict),
        "links": _links(modeladmin.admin_site.name, may, found, f"{request.path}?{form.address()}"),
        "curl": curl(found),
        "asked": live_question(may, found.question),
    }


def read_rows(reading: Reading) -> list[tuple[str, str]]:
    """Return the details of a text that the form has no fields for, one row per detail."""
    if reading is NOTHING_READ:
        return []
    rows = [
        (_("What went wrong"), what_went_wrong(reading)),
        (_("Mentioned in the text"), reading.subject),
        (_("Redirected from"), reading.redirected_from),
        (_("Refused request header"), reading.header),
        (_("Status"), reading.status and str(reading.status)),
        (_("Preflight"), _("The preflight failed.") if reading.proves_preflight else ""),
        (_("Not in the text"), ", ".join(str(PARTS[name]) for name in reading.missing)),
    ]
    return [(name, value) for name, value in rows if value]


def trial_form(held: TenantRows) -> TrialForm:
    """Return an empty form for a tenant's page, with the URL of one of the tenant's hosts."""
    host = held.hosts[0].host if held.hosts else "api.example.com"
    form = TrialForm(initial={"url": f"https://{host}/"}, auto_id="try_%s")
    form.use_required_attribute = False
    return form


def questions(found: Explanation) -> list[tuple[str, str]]:
    """Return the five questions that people ask about a blocked call, each with its answer."""
    first = found.preflight or found.actual
    sent = first.headers
    return [
        (
            _("Is there a preflight?"),
            _("Yes, the browser asks first with OPTIONS.") if found.preflight else _("No."),
        ),
        (_("What is its status?"), str(first.status) if first.status else _("The view decides.")),
        (
            _("Does Access-Control-Allow-Origin match?"),
            _("Yes: %(value)s") % {"value": sent[ACAO]} if ACAO in sent else _("It is missing."),
        ),
        (_("Which methods are listed?"), _listed(found, ACAM)),
        (_("Which request headers are listed?"), _listed(found, ACAH)),
    ]


def _listed(found: Explanation, name: str) -> str:
    if found.preflight is None:
        return _("Not applicable: no preflight is sent.")
    return found.preflight.headers.get(name) or _("None.")


def mistakes(found: Explanation) -> list[str]:
    """Return the typical mistakes that a call shows signs of."""
    seen = []
    actual = found.actual.headers
    if ACAO not in actual and not found.question.is_same_origin:
        seen.append(
            _("Access-Control-Allow-Origin is missing: the response does not name the page.")
        )
    if found.question.credentials and actual.get(ACAO) == "*":
        seen.append(_("Browsers refuse the combination of any origin (*) with cookies."))
    if found.decision.reason is Reason.HEADER_NOT_ALLOWED:
        seen.append(_("The page sends a header that the path rule does not list."))
    if found.preflight is not None and found.allowed:
        seen.append(
            _(
                "If the live site responds to this preflight with 401 or a redirect, something in "
                "front of it requires a log-in for OPTIONS. Browsers never log in for a preflight."
            )
        )
    if found.allowed and ACEH not in actual:
        seen.append(
            _(
                "The path rule exposes no response headers, so the page can read only the few that "
                "browsers always expose."
            )
        )
    if found.allowed and not found.question.credentials and ACAC in actual:
        seen.append(
            _(
                "The page may make calls with cookies, but its own code must ask the browser to "
                "send them."
            )
        )
    return seen


def hidden_tls(request: HttpRequest) -> list[str]:
    """Return what to set if the request for this page shows that Django does not see https."""
    header = tls_header(request.META) if request.scheme == "http" else ""
    if not header:
        return []
    text = _(
        "According to %(header)s you opened this page over https, but Django sees http. Set "
        "SECURE_PROXY_SSL_HEADER if your proxy always sets this header itself."
    )
    return [text % {"header": header}]


def curl(found: Explanation) -> str:
    """Return a command that asks the live site the same question."""
    question = found.question
    words = ["curl", "-i"]
    given = {"Origin": question.origin}
    if found.preflight is not None:
        asked = browser.fetch_request(question.origin, question.method, question.headers)
        words += ["-X", "OPTIONS"]
        given[ACRM] = asked.method
        if asked.unsafe:
            given[ACRH] = ",".join(asked.unsafe)
    else:
        words += ["-X", question.method]
        given.update(question.headers)
    for name, value in given.items():
        words += ["-H", f"{name}: {value}"]
    return shlex.join([*words, question.url])


def _links(site: str, may: Access, found: Explanation, back: str) -> list[tuple[str, str]]:
    """Return links to the rows that decided. Their forms lead back to the question."""
    tenant = Tenant.objects.filter(slug=found.decision.tenant).first()
    if tenant is None or not may.sees(tenant, *POLICY):
        return []
    owner = Tenant.objects.filter(slug=PLATFORM).first() if found.decision.inherited else tenant
    rule = PathRule.objects.filter(tenant=owner, path=found.decision.rule).first()
    links = [
        (
            page_address(site, tenant, back),
            _("Open the tenant %(tenant)s") % {"tenant": tenant.slug},
        )
    ]
    if rule is not None and may.may("view", PathRule, owner):
        links.append(
            (page_address(site, rule, back), _("Open the path rule %(rule)s") % {"rule": rule.path})
        )
    # A site need not have pages for all models.
    return [(page, text) for page, text in links if page]
