"""Views of every kind of answer, each written twice: for sync and for async stacks."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

BODY = b"fine"
TEXT = Path(__file__).resolve()

# What ran while one request was answered, in order; the recorder empties it.
CALLS: list[str] = []

View = Callable[..., Any]


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"" if request.method == "HEAD" else BODY)


def cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(BODY)
    response.set_cookie("seen", "yes")
    return response


def session(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = True
    return HttpResponse(BODY)


def varies(request: HttpRequest, names: str) -> HttpResponse:
    return HttpResponse(BODY, headers={"Vary": names})


def own_headers(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        BODY,
        headers={
            "Access-Control-Allow-Origin": "*",
            "access-control-allow-credentials": "true",
            "ACCESS-CONTROL-EXPOSE-HEADERS": "x-secret",
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Allow-Methods": "DELETE",
        },
    )


def status(request: HttpRequest, code: int) -> HttpResponse:
    return HttpResponse(BODY, status=code)


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def broken(request: HttpRequest) -> HttpResponse:
    message = "the view is broken"
    raise RuntimeError(message)


def moved(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/api/plain")


def part(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY[:2], status=206, headers={"Content-Range": "bytes 0-1/4"})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    # Django collects the whole of an iterator of the other kind before it sends a byte.
    lines = _lines_async() if isinstance(request, ASGIRequest) else _lines()
    return StreamingHttpResponse(lines)


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(TEXT.open("rb"))


def length(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"", headers={"Content-Length": "4"})


def long_text(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY * 1000)


def echo_origin(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META.get("HTTP_ORIGIN", "none"))


def _lines() -> Iterator[bytes]:
    CALLS.append("first line")
    yield BODY[:2]
    yield BODY[2:]


async def _lines_async() -> AsyncIterator[bytes]:
    CALLS.append("first line")
    yield BODY[:2]
    yield BODY[2:]


def urls(wrap: Callable[[View], View]) -> list[Any]:
    """Return the site's URLs; `wrap` makes each view one of its kind."""
    exempt = [
        path("api/vary/<path:names>", wrap(varies)),
        path("api/status/<int:code>", wrap(status)),
        path("api/slash/", wrap(plain)),
        *(
            path(f"api/{name}", wrap(view))
            for name, view in {
                "cookie": cookie,
                "session": session,
                "own-headers": own_headers,
                "missing": missing,
                "denied": denied,
                "suspicious": suspicious,
                "broken": broken,
                "moved": moved,
                "part": part,
                "stream": stream,
                "file": file,
                "length": length,
                "long-text": long_text,
                "echo-origin": echo_origin,
            }.items()
        ),
        # Everything else but what is to be a 404.
        re_path(r"^(?!api/(?:no-such-view/?|slash)$)", wrap(plain)),
    ]
    for pattern in exempt:
        pattern.callback = csrf_exempt(pattern.callback)
    return [path("api/protected", wrap(plain)), *exempt]


def called(view: View) -> View:
    """Return the view, noting that it was called."""

    @wraps(view)
    def noted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        CALLS.append("view")
        response: HttpResponseBase = view(request, *args, **kwargs)
        return response

    return noted


def called_async(view: View) -> View:  # pragma: no cover (not in the first row of a sweep)
    """Return the view as a coroutine function, noting that it was called."""

    @wraps(view)
    async def noted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        CALLS.append("view")
        response: HttpResponseBase = view(request, *args, **kwargs)
        return response

    return noted
