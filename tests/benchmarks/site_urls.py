"""The trivial view of the sites whose throughput is measured, for each kind of server."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b'{"orders": []}'


def answer() -> HttpResponse:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(BODY))}
    return HttpResponse(BODY, headers=headers)


def orders(_request: HttpRequest) -> HttpResponse:
    return answer()


async def orders_async(_request: HttpRequest) -> HttpResponse:
    return answer()


urlpatterns = [path("api/orders", orders), path("api/async", orders_async)]
