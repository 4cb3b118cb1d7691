"""The project's settings on cookies, read when they are needed."""

from typing import Any

import pytest
from django.middleware.csrf import CsrfViewMiddleware

from corsadmin.diagnose.conditions.project_settings import CookieSettings, project_settings

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"


class StricterCsrf(CsrfViewMiddleware):
    """A project's own check."""


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        pytest.param({}, "session_cookie", CookieSettings("SESSION_COOKIE", "Lax", False), id="default"),
        pytest.param(
            {"SESSION_COOKIE_SAMESITE": "None", "SESSION_COOKIE_SECURE": True},
            "session_cookie",
            CookieSettings("SESSION_COOKIE", "None", True),
            id="across sites",
        ),
        pytest.param(
            {"SESSION_COOKIE_SAMESITE": False},
            "session_cookie",
            CookieSettings("SESSION_COOKIE", "", False),
            id="no attribute",
        ),
        pytest.param({"MIDDLEWARE": [CSRF]}, "session_cookie", None, id="no sessions"),
        pytest.param({}, "checks_csrf", True, id="the CSRF check"),
        pytest.param(
            {"MIDDLEWARE": [f"{__name__}.StricterCsrf"]}, "checks_csrf", True, id="a subclass"
        ),
        pytest.param({"MIDDLEWARE": [SESSIONS]}, "checks_csrf", False, id="no CSRF check"),
        pytest.param({"MIDDLEWARE": [SESSIONS]}, "csrf_cookie", None, id="no CSRF cookie"),
        pytest.param({"CSRF_USE_SESSIONS": True}, "csrf_cookie", None, id="tokens in sessions"),
        pytest.param({"CSRF_HEADER_NAME": "HTTP_X_XSRF"}, "csrf_header", "x-xsrf", id="the header"),
        pytest.param({}, "has_rest_framework", False, id="no REST framework"),
        pytest.param(
            {"CSRF_TRUSTED_ORIGINS": ["https://*.example.com"]},
            "trusted_origins",
            ("https://*.example.com",),
            id="trusted origins",
        ),
    ],
)  # fmt: skip
def test_settings_are_read(
    settings: Any, given: dict[str, Any], field: str, expected: object
) -> None:
    for name, value in given.items():
        setattr(settings, name, value)

    assert getattr(project_settings(), field) == expected
