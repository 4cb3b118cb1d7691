"""The demo's API, which greets, lists orders and streams slowly, and the page that explains it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import BinaryIO
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

GREETINGS = {"en": "Hello, {}!", "es": "¡Hola, {}!", "fr": "Bonjour, {} !"}

ORDERS = [
    {"id": 1, "item": "Anvil", "price": "49.00"},
    {"id": 2, "item": "Rocket skates", "price": "120.00"},
    {"id": 3, "item": "Dehydrated boulders", "price": "15.50"},
]
VISITOR_COOKIE = "demo_visitor"

MAX_BODY = 1_000_000
# Bodies up to this size are read to their end before the refusal: many servers reset the connection
# if something is left unread, and then a browser never sees the response.
MAX_READ = 10 * MAX_BODY
CHUNK = 65_536

STREAM_LINES = 5
STREAM_PAUSE = 0.5

View = Callable[[HttpRequest], HttpResponseBase]


class BadRequestError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def api(*methods: str) -> Callable[[View], View]:
    """Answer other methods, and every BadRequestError, with an error in JSON."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponseBase:
            if request.method not in methods:
                allow = ", ".join(methods)
                error = {"error": f"Use {allow}: {request.method} is not supported here."}
                return JsonResponse(error, status=405, headers={"Allow": allow})
            try:
                return view(request)
            except BadRequestError as error:
                return JsonResponse({"error": str(error)}, status=error.status)

        return answer

    return decorate


def body_stream(request: HttpRequest) -> HttpRequest | BinaryIO:
    """Return the stream to read the body from."""
    # Under WSGI, Django treats a body without Content-Length (a chunked one) as empty. Servers that
    # know where such a body ends, such as gunicorn, set a flag.
    if request.META.get("wsgi.input_terminated") and not request.META.get("CONTENT_LENGTH"):
        stream: BinaryIO = request.META["wsgi.input"]
        return stream
    return request


def read_body(request: HttpRequest) -> bytes:
    """Return the body; raise BadRequestError, with status 413 if it is over the limit.

    It counts the bytes that arrive, because Content-Length may be missing or false.
    """
    body = bytearray()
    size = 0
    stream = body_stream(request)
    try:
        while size <= MAX_READ and (chunk := stream.read(CHUNK)):
            size += len(chunk)
            if size <= MAX_BODY:
                body += chunk
    except OSError as error:
        message = "The body broke off before its end."
        raise BadRequestError(message) from error
    if size > MAX_BODY:
        message = f"The body is over {MAX_BODY:,} bytes."
        raise BadRequestError(message, 413)
    return bytes(body)


def read_object(request: HttpRequest) -> dict[str, object]:
    """Return the JSON object in the body, or raise BadRequestError."""
    body = read_body(request)
    try:
        value = json.loads(body)
    # Bad text and bad UTF-8 are ValueErrors; thousands of brackets exhaust the parser's stack.
    except (ValueError, RecursionError) as error:
        message = 'The body is not JSON. Send an object such as {"name": "Ada"}.'
        raise BadRequestError(message) from error
    if not isinstance(value, dict):
        message = 'The body is not a JSON object. Send one such as {"name": "Ada"}.'
        raise BadRequestError(message)
    return value


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    query = urlencode({"api": request.build_absolute_uri("/").rstrip("/")})
    return render(request, "project/index.html", {"front_end": f"{settings.FRONT_END_URL}?{query}"})


# Exempt because the view reads no cookie or session: a forged request gains nothing that curl would
# not, and a page on another origin cannot have Django's token.
@csrf_exempt
@api("POST")
def greet(request: HttpRequest) -> HttpResponseBase:
    fields = read_object(request)
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip():
        message = "Give a name that is not empty."
        raise BadRequestError(message)
    lang = fields.get("lang", "en")
    if not isinstance(lang, str) or lang not in GREETINGS:
        message = f"This language is not supported. Use one of {', '.join(GREETINGS)}."
        raise BadRequestError(message)
    return JsonResponse({"greeting": GREETINGS[lang].format(name.strip()), "lang": lang})


@api("GET", "HEAD")
def orders(request: HttpRequest) -> HttpResponseBase:
    cookie_seen = VISITOR_COOKIE in request.COOKIES
    response = JsonResponse({"orders": ORDERS, "cookie_seen": cookie_seen})
    response["X-Total-Count"] = str(len(ORDERS))
    response["Cache-Control"] = "no-store"
    response.set_cookie(VISITOR_COOKIE, "yes", max_age=3600, httponly=True, samesite="Lax")
    return response


def stream_lines() -> Iterator[str]:
    for number in range(1, STREAM_LINES + 1):
        time.sleep(STREAM_PAUSE)
        yield f"line {number} of {STREAM_LINES}\n"


async def stream_lines_async() -> AsyncIterator[str]:
    for number in range(1, STREAM_LINES + 1):
        await asyncio.sleep(STREAM_PAUSE)
        yield f"line {number} of {STREAM_LINES}\n"


@api("GET", "HEAD")
def stream(request: HttpRequest) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        # Django consumes an iterator of the other kind completely before it sends a byte.
        kind = stream_lines_async if isinstance(request, ASGIRequest) else stream_lines
        response = StreamingHttpResponse(kind())
    response["Content-Type"] = "text/plain; charset=utf-8"
    response["Cache-Control"] = "no-store"
    # Asks nginx to pass each line on at once.
    response["X-Accel-Buffering"] = "no"
    return response
