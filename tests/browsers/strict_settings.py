"""The demo under a strict content security policy, in the language that the browser asks for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from project.settings import *  # noqa: F403
from project.settings import MIDDLEWARE

ROOT_URLCONF = "tests.browsers.flushing_urls"
# No inline script, no inline style, nothing from elsewhere.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'"


def strict(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Put the policy on every response."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return respond


MIDDLEWARE = [
    "tests.browsers.strict_settings.strict",
    *MIDDLEWARE[:4],
    "django.middleware.locale.LocaleMiddleware",
    *MIDDLEWARE[4:],
]
