"""The middlewares that are compared, each round a view that costs nothing."""

from collections.abc import Callable, Iterator
from typing import Any

from corsheaders.middleware import CorsMiddleware as CorsHeadersMiddleware
from django.http import HttpRequest, HttpResponse

from corsadmin.middleware import CorsMiddleware


class PassThrough:
    """What every middleware costs before it does anything."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)


class View:
    """Hands out responses made beforehand, a fresh one for each request."""

    def __init__(self) -> None:
        self.responses: Iterator[HttpResponse] = iter(())

    def prepare(self, count: int) -> None:
        """Make the responses of the next round."""
        self.responses = iter([HttpResponse(b'{"orders": []}') for _ in range(count)])

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        return next(self.responses)


MIDDLEWARES: dict[str, Callable[[Any], Any]] = {
    "nothing": PassThrough,
    "corsadmin": CorsMiddleware,
    "dch": CorsHeadersMiddleware,
}
