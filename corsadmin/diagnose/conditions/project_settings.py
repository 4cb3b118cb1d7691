"""What the project's settings say about cookies and the CSRF check."""

from typing import Final, NamedTuple

from django.apps import apps
from django.conf import settings

from corsadmin.conf import middleware_places

_SESSIONS: Final = "django.contrib.sessions.middleware.SessionMiddleware"
_CSRF: Final = "django.middleware.csrf.CsrfViewMiddleware"


class CookieSettings(NamedTuple):
    """How the project sets one of its cookies.

    The names of its settings begin with `prefix`. `samesite` is blank if Django sends no such attribute.
    """

    prefix: str
    samesite: str
    is_secure: bool


class ProjectSettings(NamedTuple):
    """The settings that decide about cookies.

    A cookie is None if the project does not set it. With `checks_csrf`, the middleware checks every
    view that is not exempt; with `has_rest_framework`, views may also check on their own.
    """

    session_cookie: CookieSettings | None
    csrf_cookie: CookieSettings | None
    trusted_origins: tuple[str, ...]
    csrf_header: str
    checks_csrf: bool
    has_rest_framework: bool


def project_settings() -> ProjectSettings:
    """Return the current settings of this project."""
    checks_csrf = middleware_places(_CSRF) != []
    has_rest_framework = apps.is_installed("rest_framework")
    has_csrf_cookie = (checks_csrf or has_rest_framework) and not settings.CSRF_USE_SESSIONS
    return ProjectSettings(
        session_cookie=_cookie("SESSION_COOKIE") if middleware_places(_SESSIONS) else None,
        csrf_cookie=_cookie("CSRF_COOKIE") if has_csrf_cookie else None,
        trusted_origins=tuple(settings.CSRF_TRUSTED_ORIGINS),
        csrf_header=settings.CSRF_HEADER_NAME.removeprefix("HTTP_").replace("_", "-").lower(),
        checks_csrf=checks_csrf,
        has_rest_framework=has_rest_framework,
    )


def _cookie(prefix: str) -> CookieSettings:
    samesite: object = getattr(settings, f"{prefix}_SAMESITE")
    return CookieSettings(prefix, str(samesite or ""), bool(getattr(settings, f"{prefix}_SECURE")))
