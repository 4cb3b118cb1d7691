"""The settings of django-cors-headers: what is carried over, and that both then answer alike."""

import re
from types import SimpleNamespace
from typing import Any

import corsheaders.middleware
import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from corsadmin.convert.django_cors_headers import read_settings
from corsadmin.engine.origins import parse_origin
from corsadmin.transfer.formats.document_source import BrokenTextError
from tests.convert.importing import accept_risks, import_into
from tests.convert.verdicts import FEW, ORIGINS, PREVIEWS, differences, openings
from tests.messages.screens import filled, pattern, text

pytestmark = pytest.mark.django_db


def ask_django(method, path, headers):
    middleware: Any = corsheaders.middleware.CorsMiddleware(lambda request: HttpResponse("ok"))
    request = RequestFactory().generic(method, path, headers=headers)
    return {name.lower(): value for name, value in middleware(request).items()}


LISTED = {"CORS_ALLOWED_ORIGINS": ["https://app.example.com"]}
WITH_CREDENTIALS = {**LISTED, "CORS_ALLOW_CREDENTIALS": True}
LITERAL, OFFER = text("convert-literal-star"), text("convert-offer")
AUTHORIZATION, NAMES = text("convert-with-authorization"), text("convert-list-the-names")
EVERYONE = {"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": True}


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
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
                    r"^https://pr-[\w-]+\.example\.net$",
                    r"^https://[^.]+--a\.example\.net(:\d+)?$",
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
        pytest.param({**LISTED, "CORS_URLS_REGEX": r"^/api/$"}, id="one path with its slash"),
        pytest.param({**LISTED, "CORS_URLS_REGEX": r"^/(api/)?$"}, id="two paths with a slash"),
        pytest.param({"CORS_ORIGIN_WHITELIST": ["https://app.example.com"]}, id="its older names"),
        pytest.param(
            {**LISTED, "CORS_ALLOW_HEADERS": ["*"], "CORS_ALLOW_METHODS": ["*"]},
            id="stars, which do not stand for authorization",
        ),
        pytest.param({**LISTED, "CORS_EXPOSE_HEADERS": ["*"]}, id="a star of exposed headers"),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGIN_REGEXES": [
                    re.compile(r"^HTTPS://App\.Example\.com$", re.IGNORECASE)
                ],
                "CORS_URLS_REGEX": re.compile(r"^/.*$", re.IGNORECASE | re.DOTALL),
            },
            id="compiled regexes",
        ),
    ],
)
def test_django_cors_headers_and_this_answer_alike(settings):
    conversion = read_settings(SimpleNamespace(**settings))
    import_into(conversion)

    assert conversion.remarks == []
    with override_settings(**settings):
        assert differences(ask_django) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("regex", "carried"),
    [
        pytest.param(r"^https://pr-.*\.example\.net$", ["https://pr-*.example.net"], id="dots too"),
        pytest.param(r"^https://pr-[^.]*\.example\.net$", ["https://pr-*.example.net"], id="or nothing"),
        pytest.param(r"^https://pr-\d+\.example\.net$", [], id="digits alone"),
        pytest.param(r"^https://pr-\w+\.example\.net$", [], id="no hyphens"),
        pytest.param(r"^https://pr-\d{1,2}\.example\.net$", [], id="a few digits"),
        pytest.param(r"^https://pr-[^.]+\.example\.net", [], id="no end"),
    ],
)  # fmt: skip
def test_a_regex_of_previews_never_becomes_more_than_it_was(regex, carried):
    settings = {"CORS_ALLOWED_ORIGIN_REGEXES": [regex]}
    conversion = read_settings(SimpleNamespace(**settings))
    import_into(conversion)

    (remark,) = conversion.remarks
    assert [origin["pattern"] for origin in conversion.origins] == carried
    assert "https://pr-*.example.net" in (*carried, remark.nearest)
    with override_settings(**settings):
        assert openings(ask_django, origins=PREVIEWS) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "paths", "origins"),
    [
        pytest.param(EVERYONE, ["/"], [], id="any origin with credentials"),
        pytest.param(
            {**EVERYONE, **LISTED}, ["/"], ["https://app.example.com"], id="beside a list"
        ),
        pytest.param(
            {**WITH_CREDENTIALS, "CORS_ALLOW_HEADERS": ["*", "x-other"]},
            ["/"],
            ["https://app.example.com"],
            id="a star among the headers, with credentials",
        ),
        pytest.param(
            {**WITH_CREDENTIALS, "CORS_ALLOW_METHODS": ["*"], "CORS_EXPOSE_HEADERS": ["*"]},
            ["/"],
            ["https://app.example.com"],
            id="stars of methods and exposed headers, with credentials",
        ),
        pytest.param(
            {**LISTED, "CORS_ALLOW_METHODS": ["put", "Delete", "PATCH"]},
            ["/"],
            ["https://app.example.com"],
            id="methods in lower case",
        ),
        pytest.param(
            {**LISTED, "CORS_ALLOW_HEADERS": [f"x-{number}" for number in range(70)]},
            ["/"],
            ["https://app.example.com"],
            id="more headers than a rule lists",
        ),
        pytest.param(
            {**LISTED, "CORS_URLS_REGEX": re.compile(r"^/ap i/.*$", re.VERBOSE)},
            [],
            ["https://app.example.com"],
            id="a path with white space that is not meant",
        ),
        pytest.param(
            {**LISTED, "CORS_URLS_REGEX": re.compile(r"^/API/.*$", re.IGNORECASE)},
            ["/API/"],
            ["https://app.example.com"],
            id="a path that ignores case",
        ),
        pytest.param(
            {**LISTED, "CORS_URLS_REGEX": r"^/api/.+$"},
            [],
            ["https://app.example.com"],
            id="a path that must go on",
        ),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGIN_REGEXES": [
                    re.compile(r"https://app\.example\.com  $", re.VERBOSE)
                ]
            },
            ["/"],
            [],
            id="an origin with white space that is not meant",
        ),
    ],
)
def test_nothing_is_opened_that_django_cors_headers_keeps_closed(settings, paths, origins):
    conversion = read_settings(SimpleNamespace(**settings))
    accept_risks(conversion)
    import_into(conversion)

    assert conversion.remarks != []
    assert [path["path"] for path in conversion.paths] == paths
    assert [origin["pattern"] for origin in conversion.origins] == origins
    with override_settings(**settings):
        assert openings(ask_django, origins=FEW) == []


@pytest.mark.parametrize(
    ("settings", "remark"),
    [
        (
            EVERYONE,
            "CORS_ALLOW_ALL_ORIGINS with CORS_ALLOW_CREDENTIALS: " + text("convert-every-website"),
        ),
        (
            {"CORS_ORIGIN_ALLOW_ALL": True, "CORS_ALLOW_CREDENTIALS": True},
            "CORS_ORIGIN_ALLOW_ALL with",
        ),
        (
            {"CORS_ALLOWED_ORIGINS": ["https://A.example"]},
            filled("message-origin-upper-case", value="https://A.example"),
        ),
        ({"CORS_ORIGIN_WHITELIST": ["https://*.example"]}, "CORS_ORIGIN_WHITELIST 'https://*.ex"),
        ({"CORS_ALLOWED_ORIGINS": ["https://*.example"]}, text("convert-star-no-wildcard")),
        ({"CORS_ALLOWED_ORIGINS": ["null"]}, "CORS_ALLOWED_ORIGINS 'null': "),
        ({"CORS_ALLOWED_ORIGIN_REGEXES": [r"^https://\w+\.a\.com$"]}, "https://*.a.com"),
        ({"CORS_URLS_REGEX": r"^/api"}, "/api or /api/"),
        (
            {"CORS_URLS_REGEX": re.compile("/api", re.VERBOSE)},
            filled("convert-flag-unread", flag="re.VERBOSE"),
        ),
        ({"CORS_URLS_REGEX": re.compile("/api/", re.IGNORECASE)}, text("convert-this-spelling")),
        ({"CORS_ALLOW_PRIVATE_NETWORK": True}, text("convert-private-network")),
        ({"CORS_ALLOW_METHODS": ["TRACE"]}, "CORS_ALLOW_METHODS 'TRACE': "),
        ({"CORS_ALLOW_METHODS": ["put"]}, "CORS_ALLOW_METHODS 'put': "),
        (
            {**WITH_CREDENTIALS, "CORS_ALLOW_HEADERS": ["*"]},
            f"CORS_ALLOW_HEADERS '*': {LITERAL} {OFFER} {AUTHORIZATION}",
        ),
        (
            {**WITH_CREDENTIALS, "CORS_ALLOW_METHODS": ["*", "PUT"]},
            f"CORS_ALLOW_METHODS '*': {LITERAL} {OFFER}",
        ),
        (
            {**WITH_CREDENTIALS, "CORS_EXPOSE_HEADERS": ["*"]},
            f"CORS_EXPOSE_HEADERS '*': {LITERAL} {NAMES}",
        ),
        ({"CORS_PREFLIGHT_MAX_AGE": 100_000}, filled("convert-longest-preflight", seconds=86_400)),
        (
            {"CORS_PREFLIGHT_MAX_AGE": "9" * 5_000},
            filled("convert-longest-preflight", seconds=86_400),
        ),
        (
            {"CORS_PREFLIGHT_MAX_AGE": 10**5_000},
            filled("convert-longest-preflight", seconds=86_400),
        ),
        ({"CORS_PREFLIGHT_MAX_AGE": -(10**5_000)}, text("convert-no-seconds")),
        ({"CORS_PREFLIGHT_MAX_AGE": "soon"}, text("convert-no-seconds")),
        (
            {"CORS_ALLOW_HEADERS": [f"x-{at}" for at in range(65)]},
            "after x-63: " + filled("convert-most-names", count=64),
        ),
    ],
)
def test_what_django_cors_headers_had_is_told_when_it_is_not_carried_over(settings, remark):
    (found,) = read_settings(SimpleNamespace(**settings)).remarks

    assert remark in str(found)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"CORS_ALLOWED_ORIGINS": "https://a.example"},
            "CORS_ALLOWED_ORIGINS: " + pattern("convert-wrong-type", expected="a list"),
        ),
        (
            {"CORS_ALLOW_HEADERS": None},
            "CORS_ALLOW_HEADERS: " + pattern("convert-wrong-type", expected="a list", found="null"),
        ),
        (
            {"CORS_ALLOW_METHODS": [1]},
            "CORS_ALLOW_METHODS: "
            + pattern("convert-wrong-type", expected="strings", found="number 1"),
        ),
        (
            {"CORS_ALLOWED_ORIGIN_REGEXES": [re.compile(b"a")]},
            pattern("convert-wrong-type", expected="a regex"),
        ),
        (
            {"CORS_URLS_REGEX": None},
            "CORS_URLS_REGEX: " + pattern("convert-wrong-type", expected="a regex", found="null"),
        ),
    ],
)
def test_a_setting_of_the_wrong_type_is_refused(settings, reason):
    with pytest.raises(BrokenTextError, match=reason):
        read_settings(SimpleNamespace(**settings))


def test_an_origin_that_is_listed_twice_is_carried_over_once():
    settings = {"CORS_ALLOWED_ORIGINS": ["https://a.example", "https://a.example"]}

    assert len(read_settings(SimpleNamespace(**settings)).origins) == 1


def test_the_origins_of_these_tests_are_what_browsers_send():
    assert all(map(parse_origin, ORIGINS))
