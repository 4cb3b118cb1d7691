"""The settings of django-cors-headers: what is carried over, and that both then answer alike."""

from types import SimpleNamespace
from typing import Any

import corsheaders.middleware
import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from corsadmin.engine import parse_origin
from corsadmin.transfer.sources.django_cors_headers import carry_settings
from tests.transfer.sources.carrying import carry_into
from tests.transfer.verdicts import ORIGINS, differences

pytestmark = pytest.mark.django_db


def ask_django(method, path, headers):
    middleware: Any = corsheaders.middleware.CorsMiddleware(lambda request: HttpResponse("ok"))
    request = RequestFactory().generic(method, path, headers=headers)
    return {name.lower(): value for name, value in middleware(request).items()}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"CORS_ALLOW_ALL_ORIGINS": True}, id="everybody"),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGINS": ["https://app.example.com", "http://localhost:3000"],
                "CORS_EXPOSE_HEADERS": ["X-Total-Count"],
                "CORS_PREFLIGHT_MAX_AGE": 0,
            },
            id="a list",
        ),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGIN_REGEXES": [
                    r"^https://([\w-]+\.)*example\.com$",
                    r"^https?://localhost(:\d+)?$",
                ],
                "CORS_URLS_REGEX": r"^/(api|public)/.*$",
                "CORS_ALLOW_METHODS": ["GET", "PUT"],
                "CORS_ALLOW_HEADERS": ["X-Other"],
            },
            id="regexes",
        ),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGINS": ["https://app.example.com"],
                "CORS_ALLOW_CREDENTIALS": True,
                "CORS_URLS_REGEX": r"^/api/x$",
            },
            id="credentials",
        ),
        pytest.param({"CORS_ORIGIN_WHITELIST": ["https://app.example.com"]}, id="its older names"),
    ],
)
def test_django_cors_headers_and_this_answer_alike(settings):
    carried = carry_settings(SimpleNamespace(**settings))
    carry_into(carried)

    assert carried.remarks == []
    with override_settings(**settings):
        assert differences(ask_django) == []


@pytest.mark.parametrize(
    ("settings", "remark"),
    [
        ({"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": True}, "every website"),
        ({"CORS_ALLOWED_ORIGINS": ["https://A.example"]}, "lower case"),
        ({"CORS_ALLOWED_ORIGINS": ["https://*.example"]}, "no wildcard there"),
        ({"CORS_ALLOWED_ORIGINS": ["null"]}, "CORS_ALLOWED_ORIGINS 'null': "),
        ({"CORS_ALLOWED_ORIGIN_REGEXES": [r"^https://\w+\.a\.com$"]}, "https://*.a.com"),
        ({"CORS_URLS_REGEX": r"^/api"}, "/api or /api/"),
        ({"CORS_ALLOW_PRIVATE_NETWORK": True}, "no browser asks"),
        ({"CORS_ALLOW_METHODS": ["TRACE"]}, "CORS_ALLOW_METHODS 'TRACE': "),
        ({"CORS_PREFLIGHT_MAX_AGE": 100_000}, "86400"),
        ({"CORS_PREFLIGHT_MAX_AGE": "soon"}, "no number of seconds"),
    ],
)
def test_what_django_cors_headers_had_is_told_when_it_is_not_carried_over(settings, remark):
    (found,) = carry_settings(SimpleNamespace(**settings)).remarks

    assert remark in str(found)


def test_an_origin_that_is_listed_twice_is_carried_over_once():
    settings = {"CORS_ALLOWED_ORIGINS": ["https://a.example", "https://a.example"]}

    assert len(carry_settings(SimpleNamespace(**settings)).origins) == 1


def test_the_origins_of_these_tests_are_what_browsers_send():
    assert all(map(parse_origin, ORIGINS))
