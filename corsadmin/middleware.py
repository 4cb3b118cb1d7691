"""Carry one request from Django to the engine and the decision back to the response."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, ResponseHeaders

from corsadmin.engine import Decision, Reason
from corsadmin.engine.headers import ACAO, VARY
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.store import process_store
from corsadmin.sightings.recording import recorder
from corsadmin.sightings.ring import (
    ANY_ORIGIN,
    MAX_TEXT,
    UNLISTED_CALL,
    leaves_no_origin,
    shortened,
)
from corsadmin.tenants import resolver

_AUTHORED: Final = "access-control-"
# How the header names begin that write() must inspect: Access-Control-* and Vary. The first
# character alone rules out most names, at half the cost of two.
_INITIALS: Final = "AaVv"
_TELLING: Final = frozenset({"Ac", "ac", "AC", "aC", "Va", "va", "VA", "vA"})
_ALLOWED: Final = Reason.ALLOWED
_NOT_CORS: Final = Reason.NOT_CORS
_NOT_LISTED: Final = Reason.ORIGIN_NOT_LISTED
GetResponse = Callable[[HttpRequest], Any]


class CorsMiddleware:
    """Outermost middleware: decides once, before anything else sees the request.

    The view finds the decision as `request.cors`. The middleware itself answers preflights and, if
    the path rule says so, refused requests; these never reach the view.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.resolver = resolver()
        self.current = process_store.current
        self.recorder = recorder()
        self.async_mode = iscoroutinefunction(get_response)
        if self.async_mode:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer the request, or hand it on and put the headers on the response."""
        if self.async_mode:
            return self.__acall__(request)
        decision = evaluate(request, self.current(), self.resolver)
        request.cors = decision  # type: ignore[attr-defined]
        reason = decision.reason
        if reason is _NOT_CORS:  # the usual request: nothing to record, and the view answers
            return write(decision, self.get_response(request))
        # Inlined here and in __acall__, because a call would cost as much as its work. The usual
        # refusal appends what record() would. A decision that holds this very Origin string was
        # made for this request alone, so it is not appended itself.
        status = decision.status
        if (recorder := self.recorder) is not None:
            append = recorder.append
            if (
                reason is _ALLOWED
                and not status
                and (sent := decision.allow_origin) is not request.META["HTTP_ORIGIN"]
                and (sent != ANY_ORIGIN or leaves_no_origin())
            ):
                append(decision)
            elif reason is _NOT_LISTED and request.method != "OPTIONS":
                origin = request.META["HTTP_ORIGIN"]
                text = f"{decision.tenant}{UNLISTED_CALL}{decision.rule}\n{origin}"
                append(text if len(text) <= MAX_TEXT else shortened(text))
            else:
                recorder.record(decision, reason, request)
        if status:
            return own_response(decision)
        return write(decision, self.get_response(request))

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        decision = evaluate(request, await process_store.acurrent(), self.resolver)
        request.cors = decision  # type: ignore[attr-defined]
        reason = decision.reason
        if reason is _NOT_CORS:
            return write(decision, await self.get_response(request))
        status = decision.status
        if (recorder := self.recorder) is not None:
            append = recorder.append
            if (
                reason is _ALLOWED
                and not status
                and (sent := decision.allow_origin) is not request.META["HTTP_ORIGIN"]
                and (sent != ANY_ORIGIN or leaves_no_origin())
            ):
                append(decision)
            elif reason is _NOT_LISTED and request.method != "OPTIONS":
                origin = request.META["HTTP_ORIGIN"]
                text = f"{decision.tenant}{UNLISTED_CALL}{decision.rule}\n{origin}"
                append(text if len(text) <= MAX_TEXT else shortened(text))
            else:
                recorder.record(decision, reason, request)
        if status:
            return own_response(decision)
        return write(decision, await self.get_response(request))


def own_response(decision: Decision) -> HttpResponse:
    """Return the middleware's own response: to a preflight, or a refusal."""
    response = HttpResponse(status=decision.status, content_type="text/plain")
    headers = response.headers
    del headers["Content-Type"]  # there is no content
    if decision.allow_origin:
        headers[ACAO] = decision.allow_origin
        for name, value in decision.headers:
            headers[name] = value
    headers[VARY] = decision.vary  # the middleware's own responses always vary
    return response


def write(decision: Decision, response: HttpResponseBase) -> HttpResponseBase:
    """Make the decision the only author of the response's CORS headers."""
    if not decision.managed:
        return response
    headers, vary = response.headers, decision.vary
    for name in headers:
        if name and name[0] in _INITIALS and name[:2] in _TELLING:
            vary = make_room(headers, vary)
            break
    if decision.allow_origin:
        headers[ACAO] = decision.allow_origin
        for name, value in decision.headers:
            headers[name] = value
    if vary:
        headers[VARY] = vary
    return response


def make_room(headers: ResponseHeaders, vary: str) -> str:
    """Remove the CORS headers that a view set; return the new Vary, blank to leave it unchanged."""
    for name in [name for name in headers if name.lower().startswith(_AUTHORED)]:
        del headers[name]
    there = headers.get(VARY, "")
    return merge_vary(there, vary) if there and vary else vary


def merge_vary(there: str, added: str) -> str:
    """Return a Vary value with the added names, each once; `*` stands for every name."""
    names = [name.strip() for name in there.split(",") if name.strip()]
    if "*" in names:
        return "*"
    known = {name.lower() for name in names}
    names += [name for name in added.split(", ") if name.lower() not in known]
    return ", ".join(names)
