"""Check that the middleware and the apps are in their places."""

from importlib.util import find_spec
from typing import Final
from xml.parsers.expat import EXPAT_VERSION, version_info

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 (Django's name)

from corsadmin.conf import middleware_places

MIDDLEWARE: Final = "corsadmin.middleware.CorsMiddleware"
HISTORY_MIDDLEWARE: Final = "simple_history.middleware.HistoryRequestMiddleware"
LINEAR_EXPAT: Final = (2, 6, 0)
_SIGNS_OF_TLS: Final = (
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
)
OTHER_MIDDLEWARE: Final = "corsheaders.middleware.CorsMiddleware"


def check_middleware(**_kwargs: object) -> list[CheckMessage]:
    """Check that the middleware is there once, first, and the only one for CORS.

    What a project passes through when it takes corsadmin in, or out, is a warning; see
    `check_middleware_deployed`.
    """
    places = middleware_places(MIDDLEWARE)
    found: list[CheckMessage] = []
    if not places:
        found.append(Warning(*_lacking(), id="corsadmin.W007"))
    elif places[0] != 0:
        first = settings.MIDDLEWARE[0]
        found.append(
            Warning(
                f"{MIDDLEWARE} is not the first entry of MIDDLEWARE: {first!r} is. Answers made "
                "further out (redirects, errors, 304, cached pages) lack their CORS headers.",
                hint=f"Move '{MIDDLEWARE}' to the top.",
                id="corsadmin.W001",
            )
        )
    if len(places) > 1:
        found.append(
            Error(
                f"{MIDDLEWARE} is in MIDDLEWARE {len(places)} times.",
                hint="Keep the first one.",
                id="corsadmin.E002",
            )
        )
    if middleware_places(OTHER_MIDDLEWARE):
        found.append(Warning(*_two_authors(), id="corsadmin.W008"))
    return found


def check_middleware_deployed(**_kwargs: object) -> list[CheckMessage]:
    """Check that no deployed site is left half-way in, or half-way out."""
    found: list[CheckMessage] = []
    if not middleware_places(MIDDLEWARE):
        found.append(Error(*_lacking(), id="corsadmin.E001"))
    if middleware_places(OTHER_MIDDLEWARE):
        found.append(Error(*_two_authors(), id="corsadmin.E003"))
    return found


def _lacking() -> tuple[str, str]:
    return (
        f"MIDDLEWARE lacks {MIDDLEWARE}, so no response gets CORS headers.",
        f"Make '{MIDDLEWARE}' the first entry of MIDDLEWARE.",
    )


def _two_authors() -> tuple[str, str]:
    return (
        "django-cors-headers is in MIDDLEWARE too: it answers where no path rule of corsadmin holds.",
        f"Remove '{OTHER_MIDDLEWARE}' from MIDDLEWARE once all paths have rules.",
    )


def check_apps(**_kwargs: object) -> list[CheckMessage]:
    """Check that what the history needs is there, and that no other CORS app is left."""
    found: list[CheckMessage] = []
    if not apps.is_installed("simple_history"):
        found.append(
            Error(
                "INSTALLED_APPS lacks 'simple_history', which shows the history of each policy.",
                hint="Add 'simple_history' to INSTALLED_APPS.",
                id="corsadmin.E004",
            )
        )
    if apps.is_installed("corsheaders"):
        found.append(
            Warning(
                "django-cors-headers is still in INSTALLED_APPS; its settings have no effect on "
                "what corsadmin answers.",
                hint="Remove 'corsheaders' from INSTALLED_APPS and the CORS_* settings once all "
                "paths have rules.",
                id="corsadmin.W002",
            )
        )
    if not middleware_places(HISTORY_MIDDLEWARE):
        found.append(
            Warning(
                "The history cannot say who made a change.",
                hint=f"Add '{HISTORY_MIDDLEWARE}' to MIDDLEWARE, after the authentication.",
                id="corsadmin.W003",
            )
        )
    return found


def check_xml_parser(**_kwargs: object) -> list[CheckMessage]:
    """Warn on deployment of an XML parser that takes very long over a hostile workbook."""
    if find_spec("openpyxl") is None or version_info >= LINEAR_EXPAT:
        return []
    return [
        Warning(
            f"Workbooks are read with {EXPAT_VERSION}, which reads a long token again with "
            "every piece of a file.",
            hint="Use a Python that is built with expat 2.6 or newer.",
            id="corsadmin.W010",
        )
    ]


def check_proxy_header(**_kwargs: object) -> list[CheckMessage]:
    """Warn on deployment of a site on https that does not say how Django hears of it."""
    signs = [name for name in _SIGNS_OF_TLS if getattr(settings, name)]
    if not signs or settings.SECURE_PROXY_SSL_HEADER:
        return []
    return [
        Warning(
            f"The site is on https ({', '.join(signs)}), but SECURE_PROXY_SSL_HEADER is not set: "
            "behind a proxy that ends TLS, Django takes every request for http, and corsadmin can "
            "only guess which pages are the site's own.",
            hint="Let the proxy set a header that clients cannot, and name it: "
            "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https'). If TLS ends in the "
            "server that runs Django, silence this check.",
            id="corsadmin.W011",
        )
    ]
