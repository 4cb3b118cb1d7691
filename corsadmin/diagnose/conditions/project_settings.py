"""What the project's settings say of cookies and of the CSRF check."""

from typing import Any, Final, NamedTuple

from django.apps import apps
from django.conf import settings

from corsadmin.conf import middleware_places

_SESSIONS: Final = "django.contrib.sessions.middleware.SessionMiddleware"
_CSRF: Final = "django.middleware.csrf.CsrfViewMiddleware"


class CookieSettings(NamedTuple):
    """How the project sets one of its cookies.

    `prefix` is what its settings begin with, and `samesite` is blank where no attribute is sent.
    """

    prefix: str
    samesite: str
    is_secure: bool


class ProjectSettings(NamedTuple):
    """The settings that decide about cookies.

    A cookie is None where the project sets none. `checks_csrf` says that every view is checked that
    is not exempt, `has_rest_framework` that others may check on their own.
    """

    session_cookie: CookieSettings | None
    csrf_cookie: CookieSettings | None
    trusted_origins: tuple[str, ...]
    csrf_header: str
    checks_csrf: bool
    has_rest_framework: bool


def project_settings() -> ProjectSettings:
    """Return the settings of this project, as they are now."""
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
    samesite: Any = getattr(settings, f"{prefix}_SAMESITE")
    return CookieSettings(prefix, str(samesite or ""), bool(getattr(settings, f"{prefix}_SECURE")))
