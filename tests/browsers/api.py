"""The API that the browser tests call: it says what it was asked, and it is a small bank."""

import json
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

COOKIE = "session"

# What is left of the money; one process serves it.
ACCOUNT = {"balance": 100}


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(
        {
            "method": request.method,
            "origin": request.headers.get("Origin"),
            "cookie": request.COOKIES.get(COOKIE),
            "body": request.body.decode(),
        }
    )
    response["X-Total-Count"] = "3"
    response["X-Hidden"] = "yes"
    return response


def log_in(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("<!doctype html><title>in</title>")
    response.set_cookie(COOKIE, "yes", secure=True, httponly=True, samesite="None")
    return response


@csrf_exempt
def status(request: HttpRequest, code: int) -> HttpResponse:
    return HttpResponse(f"status {code}", status=code)


def broken(request: HttpRequest) -> HttpResponse:
    message = "the view is broken"
    raise RuntimeError(message)


def redirect(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(unquote(request.GET["to"]))


def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse("kept", headers={"Cache-Control": "public, max-age=600"})


def token(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"token": get_token(request)})


def transfer(request: HttpRequest) -> HttpResponse:
    """Move money for the logged-in user, from JSON or from a form."""
    if COOKIE not in request.COOKIES:
        return JsonResponse({"error": "log in first"}, status=401)
    is_json = request.content_type == "application/json"
    fields = json.loads(request.body) if is_json else request.POST
    ACCOUNT["balance"] -= int(fields["amount"])
    return JsonResponse(ACCOUNT)


def balance(request: HttpRequest) -> HttpResponse:
    return JsonResponse(ACCOUNT)


urlpatterns = [
    path("api/login", log_in),
    path("api/status/<int:code>", status),
    path("api/broken", broken),
    path("api/redirect", redirect),
    path("bank/token", token),
    path("bank/transfer", transfer),
    path("bank/balance", balance),
    re_path("^cached/", cached),
    re_path("^(?:api/echo|echo/|open/|age/)", echo),
]
