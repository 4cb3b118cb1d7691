"""Ask a live server as a browser would, and judge its answers as a browser does."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from corsadmin.diagnose.probe.address import Target, read_url, resolve
from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.diagnose.probe.http_client import Reply, send
from corsadmin.engine import browser
from corsadmin.engine.headers import ACRH, ACRM, ORIGIN, VARY, is_token
from corsadmin.messages import shown

__all__ = ["MAX_VALUE", "Exchange", "Outcome", "ProbeError", "ProbeRequest", "probe"]

MAX_VALUE: Final = 4096  # a list of headers may be long, a page of one line may not
_AUTHORED: Final = "access-control-"
_HARMLESS: Final = frozenset({"GET", "HEAD"})
# A probe asks whether a page may send these; it has none to send.
_CREDENTIALS: Final = frozenset({"authorization"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What is asked of a live server.

    `credentials` judges the answers as for a call with cookies; none are sent. A method that may
    change something is asked for by a preflight alone, unless `send` is set.
    """

    url: str
    origin: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: bool = False
    send: bool = False
    allow_private: bool = False
    seconds: float = 10.0  # for all of it: the look-up, the connecting and every request

    def invalid_part(self) -> tuple[str, str] | None:
        """Return the name and the text of a part that no request could carry, or None."""
        if not self.origin or not _is_plain(self.origin):
            return "origin", self.origin
        if not is_token(self.method):
            return "method", self.method
        for name, value in self.headers.items():
            if not is_token(name) or not _is_plain(value):
                return "header", f"{name}: {value}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer: `kind` is "preflight" or "request", `headers` those of CORS."""

    kind: str
    method: str
    status: int
    headers: dict[str, str]
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a browser makes of the answers: `console` is Chromium's line, blank when allowed."""

    url: str
    address: str
    allowed: bool
    exchanges: list[Exchange]
    console: str

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values for JSON."""
        return {
            "url": self.url,
            "address": self.address,
            "allowed": self.allowed,
            "exchanges": [
                {
                    "kind": exchange.kind,
                    "method": exchange.method,
                    "status": exchange.status,
                    "headers": exchange.headers,
                    "fault": exchange.fault,
                }
                for exchange in self.exchanges
            ],
            "console": self.console,
        }


def probe(question: ProbeRequest) -> Outcome:
    """Return how a live server answers. Raises ProbeError where that cannot be told."""
    asked = browser.fetch_request(question.origin, question.method, question.headers)
    if not browser.is_sendable(asked.method):
        message = f"No browser lets a page send {shown(asked.method)}."
        raise ProbeError("method-forbidden", message)
    target = read_url(question.url)
    deadline = time.monotonic() + question.seconds
    addresses = resolve(target, allow_private=question.allow_private, seconds=question.seconds)
    question = replace(question, seconds=max(0.001, deadline - time.monotonic()))
    exchanges = []
    is_sent = question.send or asked.method in _HARMLESS
    if asked.needs_preflight or not is_sent:
        exchanges.append(_preflight(question, asked, target, addresses))
    if is_sent and not any(exchange.fault for exchange in exchanges):
        question = replace(question, seconds=max(0.001, deadline - time.monotonic()))
        exchanges.append(_request(question, asked, target, addresses))
    fault = exchanges[-1].fault
    return Outcome(
        url=target.url,
        address=addresses[0],
        allowed=not fault,
        exchanges=exchanges,
        console=browser.blocked(target.url, shown(question.origin), fault) if fault else "",
    )


def _is_plain(text: str) -> bool:
    return text.isascii() and shown(text) == text


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
