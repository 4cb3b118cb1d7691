"""Turn the form of a call into a verdict, limited to policies that the user may see."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest

from corsadmin.admin.stored_policies import stored_snapshot
from corsadmin.admin.try_request.forms import TrialForm
from corsadmin.diagnose.explain import Question
from corsadmin.diagnose.verdict import Verdict, verdict_on_call
from corsadmin.diagnose.verdict.calls import ANY_VALUE, question_from
from corsadmin.models.access import POLICY, access


def verdict_on_form(request: HttpRequest, form: TrialForm, *, tenant: str = "") -> Verdict:
    """Return the verdict on the call in a valid form.

    `tenant` is the slug of the tenant to which an unknown host should belong.
    """
    # The verdict names rows of every kind, so a tenant that the user may not see in full does not
    # exist here.
    keys = access(request).seen(*POLICY)
    question, unknown = question_from(form.call, form.reading)
    if question is not None:
        # The project is mounted where this page is.
        prefix = request.META.get("SCRIPT_NAME", "")
        question = replace(question, script_prefix=prefix, tenant=tenant)
    return verdict_on_call(
        question,
        unknown=unknown,
        reading=form.reading,
        snapshot=stored_snapshot(keys),
        visible=keys,
    )


def question_fields(question: Question) -> dict[str, str]:
    """Return a completely known question as fields of the form, without blank ones."""
    lines = [
        name if value == ANY_VALUE else f"{name}: {value}"
        for name, value in question.headers.items()
    ]
    fields = {
        "origin": question.origin,
        "url": question.url,
        "method": question.method,
        "headers": "\n".join(lines),
        "credentials": "on" if question.credentials else "",
    }
    return {name: value for name, value in fields.items() if value}


def question_query(question: Question) -> str:
    """Return the query string with which the page asks a completely known question."""
    return urlencode(question_fields(question))
