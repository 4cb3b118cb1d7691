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

    A state that a project passes through while it adds or removes corsadmin is only a warning; see
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
                f"{MIDDLEWARE} is not the first entry of MIDDLEWARE: {first!r} is. Responses "
                "that earlier middleware makes (redirects, errors, 304, cached pages) lack CORS "
                "headers.",
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
    """Check that a deployed site has not stopped half-way through adding or removing corsadmin."""
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
        (
            "django-cors-headers is in MIDDLEWARE too: it sets the CORS headers wherever no path "
            "rule of corsadmin applies."
        ),
        f"Remove '{OTHER_MIDDLEWARE}' from MIDDLEWARE once all paths have rules.",
    )


def check_apps(**_kwargs: object) -> list[CheckMessage]:
    """Check that everything the history needs is installed, and no other CORS app."""
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
    """Warn on deployment about an XML parser that is very slow on a hostile workbook."""
    if find_spec("openpyxl") is None or version_info >= LINEAR_EXPAT:
        return []
    return [
        Warning(
            f"{EXPAT_VERSION} reads workbooks, and parses a long token again with every piece of "
            "a file: a hostile workbook takes very long.",
            hint="Use a Python that is built with expat 2.6 or newer.",
            id="corsadmin.W010",
        )
    ]


def check_proxy_header(**_kwargs: object) -> list[CheckMessage]:
    """Warn on deployment if the site uses https and nothing tells Django so."""
    signs = [name for name in _SIGNS_OF_TLS if getattr(settings, name)]
    if not signs or settings.SECURE_PROXY_SSL_HEADER:
        return []
    return [
        Warning(
            f"The site uses https ({', '.join(signs)}), but SECURE_PROXY_SSL_HEADER is not set: "
            "behind a proxy that ends TLS, every request looks like http to Django, and corsadmin "
            "can only guess which pages are the site's own.",
            hint="Let the proxy set a header that clients cannot, and name it: "
            "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https'). If TLS ends in the "
            "server that runs Django, silence this check.",
            id="corsadmin.W011",
        )
    ]
