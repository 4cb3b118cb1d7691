"""Middleware of the test site: one that reports what happened, and some that get in the way."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from tests.conformance.views import CALLS

REASON = "X-Reason"
RAN = "X-Ran"


@sync_and_async_middleware
def record(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Report the decision, and what had run when the response left the CORS middleware.

    Outside of everything else. It adds headers that are not CORS headers.
    """

    def report(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response[REASON] = request.cors.reason  # type: ignore[attr-defined]
        response[RAN] = ", ".join(CALLS)
        CALLS.clear()
        return response

    if iscoroutinefunction(get_response):

        async def recorded(request: HttpRequest) -> HttpResponseBase:
            CALLS.clear()
            return report(request, await get_response(request))

        return recorded

    def recorded_sync(request: HttpRequest) -> HttpResponseBase:
        CALLS.clear()
        return report(request, get_response(request))

    return recorded_sync


@sync_and_async_middleware
def forget_origin(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Delete the request's Origin header, as some privacy middleware does."""
    return _before(get_response, lambda meta: meta.pop("HTTP_ORIGIN", None))


@sync_and_async_middleware
def rewrite_origin(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Replace the request's Origin header by one that is allowed."""
    return _before(get_response, lambda meta: meta.update(HTTP_ORIGIN="https://app.example.com"))


def _before(
    get_response: Callable[[HttpRequest], Any], change: Callable[[dict[str, Any]], object]
) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):

        async def changed(request: HttpRequest) -> HttpResponseBase:
            change(request.META)
            response: HttpResponseBase = await get_response(request)
            return response

        return changed

    def changed_sync(request: HttpRequest) -> HttpResponseBase:
        change(request.META)
        response: HttpResponseBase = get_response(request)
        return response

    return changed_sync
