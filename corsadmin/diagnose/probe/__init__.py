"""Ask a live server as a browser would, and judge its answers as a browser does."""

import time
from dataclasses import replace
from typing import Final

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe.address import Target, read_url, resolve
from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.diagnose.probe.exchanges import Exchange, Outcome, ProbeRequest
from corsadmin.diagnose.probe.http_client import Reply, send
from corsadmin.engine import browser
from corsadmin.engine.headers import ACRH, ACRM, ORIGIN, VARY
from corsadmin.messages import shown

__all__ = ["MAX_VALUE", "Exchange", "Outcome", "ProbeError", "ProbeRequest", "probe"]

MAX_VALUE: Final = 4096  # a list of headers may be long, a page of one line may not
_AUTHORED: Final = "access-control-"
_HARMLESS: Final = frozenset({"GET", "HEAD"})
# A probe asks whether a page may send these; it has none to send.
_CREDENTIALS: Final = frozenset({"authorization"})


def probe(question: ProbeRequest) -> Outcome:
    """Return how a live server answers. Raises ProbeError where nothing of it can be seen."""
    asked = browser.fetch_request(question.origin, question.method, question.headers)
    if not browser.is_sendable(asked.method):
        message = f"No browser lets a page send {shown(asked.method)}."
        raise ProbeError("method-forbidden", message)
    target = read_url(question.url)
    deadline = time.monotonic() + question.seconds
    addresses = resolve(target, allow_private=question.allow_private, seconds=question.seconds)
    exchanges = []
    is_sent = question.send or asked.method in _HARMLESS
    if asked.needs_preflight:
        question = replace(question, seconds=max(0.001, deadline - time.monotonic()))
        exchanges.append(_preflight(question, asked, target, addresses))
    if is_sent and not any(exchange.fault for exchange in exchanges):
        question = replace(question, seconds=max(0.001, deadline - time.monotonic()))
        exchanges.append(_request(question, asked, target, addresses))
    fault = exchanges[-1].fault if exchanges else ""
    verdict = CallOutcome.ALLOWED if is_sent else CallOutcome.UNDECIDED
    return Outcome(
        url=target.url,
        address=addresses[0],
        verdict=CallOutcome.BLOCKED if fault else verdict,
        sentence=_sentence(asked, exchanges),
        left_out=_left_out(question) if exchanges and exchanges[-1].kind == "request" else [],
        exchanges=exchanges,
        console=browser.blocked(target.url, shown(question.origin), fault) if fault else "",
    )


def _sentence(asked: browser.FetchRequest, exchanges: list[Exchange]) -> str:
    """Return what was seen, and no more."""
    method = asked.method
    if not exchanges:
        return f"A browser sends this {method} without a preflight. It was not sent: add --send."
    last = exchanges[-1]
    if last.kind == "preflight":
        if last.fault:
            return f"The preflight is refused, so a browser does not send the {method}."
        return f"The preflight is allowed. The {method} itself was not sent: add --send."
    verb = "keeps the answer from the page" if last.fault else "lets the page read the answer"
    return f"The {method} was sent and answered with status {last.status}: a browser {verb}."


def _left_out(question: ProbeRequest) -> list[str]:
    """Return what the page sends and a probe does not: what the server makes of it is not seen."""
    names = [name.lower() for name in question.headers]
    return [*sorted(_CREDENTIALS.intersection(names)), *(["cookies"] * question.credentials)]


def _preflight(
    question: ProbeRequest, asked: browser.FetchRequest, target: Target, addresses: list[str]
) -> Exchange:
    headers = {**_usual(question), ACRM: asked.method}
    if asked.unsafe:
        headers[ACRH] = ",".join(asked.unsafe)
    reply = send(target, addresses, "OPTIONS", headers, question.seconds)
    fault = browser.check_preflight_response(
        reply.status, reply.headers, asked, credentials=question.credentials
    )
    return _exchange("preflight", "OPTIONS", reply, fault)


def _request(
    question: ProbeRequest, asked: browser.FetchRequest, target: Target, addresses: list[str]
) -> Exchange:
    page = {
        name: value
        for name, value in question.headers.items()
        if browser.is_settable(name) and name.lower() not in _CREDENTIALS
    }
    reply = send(target, addresses, asked.method, {**page, **_usual(question)}, question.seconds)
    fault = browser.check_access(reply.headers, asked.origin, credentials=question.credentials)
    if not fault and reply.status in browser.REDIRECTS and "location" in reply.headers:
        message = (
            f"The answer redirects to {shown(reply.headers['location'])}. Redirects are not "
            "followed: ask for that address."
        )
        raise ProbeError("answer-redirects", message)
    return _exchange("request", asked.method, reply, fault)


def _usual(question: ProbeRequest) -> dict[str, str]:
    return {
        ORIGIN: question.origin,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Sec-Fetch-Mode": "cors",
        "User-Agent": "corsadmin-probe",
    }


def _exchange(kind: str, method: str, reply: Reply, fault: str) -> Exchange:
    headers = {
        name: shown(value, MAX_VALUE)
        for name, value in reply.headers.items()
        if name.startswith(_AUTHORED) or name == VARY.lower()
    }
    return Exchange(kind=kind, method=method, status=reply.status, headers=headers, fault=fault)
