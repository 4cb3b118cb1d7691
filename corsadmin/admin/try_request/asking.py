"""From the form of a call to what can be said of it, as far as its user may see the policies."""

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
    """Return what can be said of the call in a valid form.

    `tenant` is the slug of the tenant that a host without one is to belong to.
    """
    # The answer names rows of every kind: a tenant that is not seen whole does not exist here.
    keys = access(request).seen(*POLICY)
    question, unknown = question_from(form.call, form.reading)
    if question is not None:
        # Where this page is mounted, there the whole project is.
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
    """Return a question that is known whole by the fields of the form, without those left blank."""
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
    """Return the query string by which the page asks a question that is known whole."""
    return urlencode(question_fields(question))
