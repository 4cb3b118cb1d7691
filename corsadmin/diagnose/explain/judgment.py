"""How the engine answers a call, and whether a browser lets the page read the answers."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Final, NamedTuple

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

from corsadmin.diagnose.explain.context import Case, Question
from corsadmin.diagnose.mount import script_prefix, split_address
from corsadmin.engine import Decision, Reason, Snapshot, TenantPolicy, browser
from corsadmin.engine.headers import ACAC, ACRH, ACRM, ORIGIN
from corsadmin.messages import shown
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.store import View
from corsadmin.tenants import Policies, Resolver, accepted_host, resolver

_WITHOUT_PREFIX: Final = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
EMERGENCY: Final = "emergency"
_VIEWS_OWN: Final = 200  # the view's own status is unknown; assume success
# The step at which each reason ends a decision; other reasons end none.
_ENDS: Final = {
    Reason.NO_TENANT: "tenant",
    Reason.NO_RULE: "rule",
    Reason.POLICY_INVALID: "rule",
    Reason.EMERGENCY: EMERGENCY,
    Reason.ORIGIN_NOT_LISTED: "origin",
    Reason.ORIGIN_MALFORMED: "origin",
    Reason.ORIGIN_NULL: "origin",
    Reason.ORIGIN_EXPIRED: "origin",
    Reason.ORIGIN_NOT_YET_VALID: "origin",
    Reason.ORIGIN_OUT_OF_SCOPE: "origin",
    Reason.METHOD_NOT_ALLOWED: "method",
    Reason.HEADER_NOT_ALLOWED: "headers",
}


class Answer(NamedTuple):
    """The answer to one request. `status` is 0 if the view answers."""

    decision: Decision
    status: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """The answers of one snapshot to a call.

    `preflight` is None if a browser would not send one. `console` is the line that Chromium would
    print, blank if nothing is blocked.
    """

    case: Case
    preflight: Answer | None
    actual: Answer
    console: str

    @property
    def is_allowed(self) -> bool:
        """Report whether a browser lets the page read the answer."""
        return not self.console

    @property
    def grants_credentials(self) -> bool:
        """Report whether the answer grants credentials."""
        return ACAC in self.actual.headers

    @property
    def failed_step(self) -> str:
        """Return the name of the step that fails, blank if the call passes every step."""
        decision = self.case.decision
        if not decision.allowed:
            return _ENDS.get(decision.reason, "")
        if self.is_allowed:
            return ""
        asks = self.case.question.credentials
        return EMERGENCY if asks and self.case.stops_credentials else "credentials"


@dataclass(frozen=True, slots=True)
class _Assumed:
    """A resolver that finds the same tenant for every request; `vary` is that of the real resolver."""

    slug: str
    vary: tuple[str, ...]

    def __call__(self, _request: HttpRequest, policies: Policies, /) -> TenantPolicy | None:
        return policies.policy(self.slug)


def judge_call(
    question: Question,
    snapshot: Snapshot,
    *,
    using: str,
    visible: frozenset[int] | None,
    assumed_tenant: str = "",
) -> Judgment:
    """Return how a snapshot answers a call, with the code that answers requests.

    `assumed_tenant` is the slug of a tenant that replaces the one that the resolver finds. Headers
    that the resolver reads count as the gateway's, all others as the page's. Raises
    ImproperlyConfigured if the resolver cannot be imported.
    """
    cache = DecisionCache(snapshot)
    view = View(cache, None)
    find = resolver()
    gateway = {name.lower() for name in find.vary}
    if assumed_tenant:
        find = _Assumed(assumed_tenant, find.vary)
    page = {name: value for name, value in question.headers.items() if name.lower() not in gateway}
    asked = browser.fetch_request(question.origin, question.method, page)
    preflight = None
    if asked.needs_preflight and question.origin and not question.is_same_origin:
        preflight = _preflight(question, asked, gateway, view, find)
    actual_request = _request(question, asked.method, _sent(question, gateway))
    actual = _answer(actual_request, view, find)
    decision = actual.decision if preflight is None else preflight.decision
    prefix = script_prefix(question.script_prefix)
    case = Case(
        question=question,
        asked=asked,
        decision=decision,
        policy=cache.policy(decision.tenant),
        host=accepted_host(actual_request),
        path=actual_request.path_info,
        script_prefix=prefix,
        is_below_prefix=bool(split_address(question.path, prefix)[0]),
        now=time(),
        using=using,
        visible=visible,
    )
    console = _console(case, preflight, actual)
    return Judgment(case=case, preflight=preflight, actual=actual, console=console)


def _sent(question: Question, gateway: set[str]) -> dict[str, str]:
    """Return the headers that arrive. Of those that no page can set, only the gateway's do."""
    return {
        name: value
        for name, value in question.headers.items()
        if name.lower() in gateway or browser.is_settable(name)
    }


def _preflight(
    question: Question, asked: browser.FetchRequest, gateway: set[str], view: View, find: Resolver
) -> Answer:
    headers = {name: value for name, value in question.headers.items() if name.lower() in gateway}
    headers[ACRM] = asked.method
    if asked.unsafe:
        headers[ACRH] = ",".join(asked.unsafe)
    return _answer(_request(question, "OPTIONS", headers), view, find)


def _request(question: Question, method: str, headers: Mapping[str, str]) -> WSGIRequest:
    """Return the request as a WSGI server would pass it to Django."""
    script_name, path = split_address(question.path, script_prefix(question.script_prefix))
    environ: dict[str, object] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": question.host,
        "SERVER_PORT": "443" if question.scheme == "https" else "80",
        "wsgi.url_scheme": question.scheme,
        "wsgi.input": io.BytesIO(),
    }
    for name, value in {"Host": question.host, **headers}.items():
        key = name.upper().replace("-", "_")
        environ[key if key in _WITHOUT_PREFIX else f"HTTP_{key}"] = value
    if question.origin:
        environ["HTTP_" + ORIGIN.upper()] = question.origin
    return WSGIRequest(environ)


def _answer(request: WSGIRequest, view: View, find: Resolver) -> Answer:
    decision = evaluate(request, view, find)
    return Answer(decision, decision.status, decision.response_headers)


def _console(case: Case, preflight: Answer | None, actual: Answer) -> str:
    if not browser.is_sendable(case.asked.method):
        return browser.UNSUPPORTED % case.asked.method
    fault = _fault(case, preflight, actual)
    question = case.question
    return browser.blocked(shown(question.url), shown(question.origin), fault) if fault else ""


def _fault(case: Case, preflight: Answer | None, actual: Answer) -> str:
    """Return why the browser blocks the call, blank if it does not."""
    question = case.question
    if not question.origin or question.is_same_origin:
        return ""
    if preflight is not None:
        fault = browser.check_preflight_response(
            preflight.status or _VIEWS_OWN,
            preflight.headers,
            case.asked,
            credentials=question.credentials,
        )
        if fault:
            return fault
    return browser.check_access(actual.headers, question.origin, credentials=question.credentials)
