"""Explain what one request would be answered, and why: with the code that answers requests."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Final, NamedTuple

from django.core.handlers.wsgi import WSGIRequest

from corsadmin.diagnose.explain.context import Case, Question
from corsadmin.diagnose.explain.near_misses import NearMiss, near_misses
from corsadmin.diagnose.explain.remedies import changes
from corsadmin.diagnose.explain.steps import TAKEN_FOR_OWN, DecisionStep, steps
from corsadmin.diagnose.mount import script_prefix, split_address
from corsadmin.engine import Decision, Reason, Snapshot, browser
from corsadmin.engine.headers import ACAC, ACRH, ACRM, ORIGIN
from corsadmin.messages import REASONS, shown
from corsadmin.models.database import alias_for_writing
from corsadmin.serving import loader
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.store import View
from corsadmin.tenants import Resolver, accepted_host, resolver

__all__ = ["Answer", "DecisionStep", "Explanation", "NearMiss", "Question", "explain"]

_WITHOUT_PREFIX: Final = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
_VIEWS_OWN: Final = 200  # where the view answers, its status is not ours to know


class Answer(NamedTuple):
    """What one request would be answered: `status` is 0 where the view answers."""

    decision: Decision
    status: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer to a question, and why. `allowed` is what a browser makes of it.

    `path` is what Django sees of the address and path rules are compared with.
    `preflight` is None where a browser would send none. `console` is what Chromium would print,
    blank where nothing is blocked.
    """

    question: Question
    path: str
    allowed: bool
    decision: Decision
    preflight: Answer | None
    actual: Answer
    steps: list[DecisionStep]
    near_misses: list[NearMiss]
    console: str
    changes: list[str]

    @property
    def summary(self) -> str:
        """Return the reason as a sentence in the active language."""
        if self.decision.reason is Reason.SAME_ORIGIN and not self.question.is_same_origin:
            return str(TAKEN_FOR_OWN)
        return str(REASONS[self.decision.reason])

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values for JSON."""
        decision = self.decision
        return {
            "allowed": self.allowed,
            "reason": str(decision.reason),
            "summary": self.summary,
            "scheme": self.question.scheme,
            "path": self.path,
            "tenant": decision.tenant,
            "rule": decision.rule,
            "inherited": decision.inherited,
            "entry": decision.entry,
            "steps": [step._asdict() for step in self.steps],
            "near_misses": [near._asdict() for near in self.near_misses],
            "preflight": _answer_dict(self.preflight),
            "actual": _answer_dict(self.actual),
            "console": self.console,
            "changes": self.changes,
        }


def explain(
    question: Question,
    *,
    snapshot: Snapshot | None = None,
    visible: frozenset[int] | None = None,
) -> Explanation:
    """Return what a call would be answered by policies as they are stored now.

    `snapshot` replaces them. `visible` limits, by primary key, which other tenants may be named.
    Headers that the tenant resolver reads are taken for the gateway's, all others for the page's.
    Raises the database's error, and ImproperlyConfigured where the resolver cannot be had.
    """
    using = alias_for_writing()
    cache = DecisionCache(loader.load(using) if snapshot is None else snapshot)
    view = View(cache, None)
    find = resolver()
    gateway = {name.lower() for name in find.vary}
    page = {name: value for name, value in question.headers.items() if name.lower() not in gateway}
    asked = browser.fetch_request(question.origin, question.method, page)
    preflight = None
    if asked.needs_preflight and question.origin and not question.is_same_origin:
        preflight = _preflight(question, asked, gateway, view, find)
    actual_request = _request(question, asked.method, question.headers)
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
    return Explanation(
        question=question,
        path=case.path,
        allowed=not console,
        decision=decision,
        preflight=preflight,
        actual=actual,
        steps=steps(case, granted=ACAC in actual.headers),
        near_misses=near_misses(case),
        console=console,
        changes=changes(case),
    )


def _preflight(
    question: Question, asked: browser.FetchRequest, gateway: set[str], view: View, find: Resolver
) -> Answer:
    headers = {name: value for name, value in question.headers.items() if name.lower() in gateway}
    headers[ACRM] = asked.method
    if asked.unsafe:
        headers[ACRH] = ",".join(asked.unsafe)
    return _answer(_request(question, "OPTIONS", headers), view, find)


def _request(question: Question, method: str, headers: Mapping[str, str]) -> WSGIRequest:
    """Return the request as a WSGI server would hand it over."""
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
    """Return why the browser blocks the call, blank where it does not."""
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


def _answer_dict(found: Answer | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "reason": str(found.decision.reason),
        "status": found.status or None,
        "headers": found.headers,
    }
