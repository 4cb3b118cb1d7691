"""The trivial view of the sites whose throughput is measured, for each kind of server."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.urls import path

ALLOWED = "https://app-0.example.com"
BODY = b'{"orders": []}'


def answer() -> HttpResponse:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(BODY))}
    return HttpResponse(BODY, headers=headers)


def orders(_request: HttpRequest) -> HttpResponse:
    return answer()


async def orders_async(_request: HttpRequest) -> HttpResponse:
    return answer()


def by_hand(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Send the headers of an allowed GET to every caller: the least that any middleware costs."""

    def add(response: HttpResponse) -> HttpResponse:
        response.headers["Access-Control-Allow-Origin"] = ALLOWED
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Vary"] = "Origin"
        return response

    if not iscoroutinefunction(get_response):
        return lambda request: add(get_response(request))

    async def middleware(request: HttpRequest) -> HttpResponse:
        return add(await get_response(request))

    return middleware


by_hand.async_capable = True  # type: ignore[attr-defined]
urlpatterns = [path("api/orders", orders), path("api/async", orders_async)]
