"""The middleware and the apps: exact ids, one case each."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import modify_settings, override_settings

from corsadmin.checks import installation
from corsadmin.conf import require_app
from tests.checks.messages import ids, run_checks
from tests.messages.screens import pattern

CORS = "corsadmin.middleware.CorsMiddleware"
CORS_HEADERS = "corsheaders.middleware.CorsMiddleware"
OTHER = "django.middleware.security.SecurityMiddleware"


def test_the_test_site_is_in_order() -> None:
    found = run_checks()

    assert [message for message in found if str(message.id).startswith("corsadmin.")] == []


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        pytest.param([CORS, OTHER], [], id="once and first"),
        pytest.param([], ["corsadmin.W007"], id="missing"),
        pytest.param([OTHER], ["corsadmin.W007"], id="only another one"),
        pytest.param([OTHER, CORS], ["corsadmin.W001"], id="not first"),
        pytest.param([CORS, OTHER, CORS], ["corsadmin.E002"], id="twice"),
        pytest.param([OTHER, CORS, CORS], ["corsadmin.W001", "corsadmin.E002"], id="both"),
        pytest.param(["tests.checks.site.OwnMiddleware"], [], id="a subclass"),
        pytest.param([CORS, "tests.checks.site.OwnMiddleware"], ["corsadmin.E002"], id="two kinds"),
        pytest.param([CORS, "no.such.Middleware"], [], id="one that cannot be imported"),
        pytest.param([CORS, "tests.checks.site.not_two"], [], id="a function"),
        pytest.param(
            [CORS, "corsheaders.middleware.CorsMiddleware"],
            ["corsadmin.W008"],
            id="django-cors-headers too",
        ),
    ],
)
def test_middleware(middleware: list[str], expected: list[str]) -> None:
    with override_settings(MIDDLEWARE=middleware):
        assert ids(installation.check_middleware()) == expected


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        pytest.param([CORS, OTHER], set(), id="in order"),
        pytest.param([OTHER], {"corsadmin.E001"}, id="half-way out"),
        pytest.param([CORS, CORS_HEADERS], {"corsadmin.E003"}, id="half-way in"),
        pytest.param([CORS_HEADERS], {"corsadmin.E001", "corsadmin.E003"}, id="not yet in"),
    ],
)
def test_half_way_in_or_out_is_an_error_on_deployment_only(
    middleware: list[str], expected: set[str]
) -> None:
    with override_settings(MIDDLEWARE=middleware):
        plain, deployed = ids(run_checks()), ids(run_checks(include_deployment_checks=True))

    numbers = {"corsadmin.E001", "corsadmin.E003"}
    assert numbers.intersection(plain) == set()
    assert numbers.intersection(deployed) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="all there"),
        pytest.param(
            {"INSTALLED_APPS": ["corsadmin", "django.contrib.auth", "django.contrib.contenttypes"]},
            ["corsadmin.E004"],
            id="no simple_history",
        ),
        pytest.param(
            {"INSTALLED_APPS": [*django_settings.INSTALLED_APPS, "corsheaders"]},
            ["corsadmin.W002"],
            id="corsheaders left",
        ),
        pytest.param({"MIDDLEWARE": [CORS]}, ["corsadmin.W003"], id="history without a user"),
    ],
)
def test_apps(change: dict[str, object], expected: list[str]) -> None:
    with override_settings(**change):
        assert ids(installation.check_apps()) == expected


def test_the_middleware_without_the_app_is_refused() -> None:
    with (
        modify_settings(INSTALLED_APPS={"remove": ["corsadmin"]}),
        pytest.raises(ImproperlyConfigured, match=pattern("check-not-installed")),
    ):
        require_app()


def test_every_id_is_used_once() -> None:
    folder = Path(installation.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    used = Counter(re.findall(r"corsadmin\.[EW]\d{3}", source))

    assert len(used) > 20
    assert [number for number, count in used.items() if count > 1] == []


@pytest.mark.parametrize(
    ("version", "module", "expected"),
    [
        pytest.param((2, 5, 0), "openpyxl", ["corsadmin.W010"], id="an old parser"),
        pytest.param((2, 6, 0), "openpyxl", [], id="a new parser"),
        pytest.param((2, 5, 0), None, [], id="no workbooks"),
    ],
)
def test_an_old_xml_parser_is_a_warning_on_deployment(
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, ...],
    module: str | None,
    expected: list[str],
) -> None:
    monkeypatch.setattr(installation, "version_info", version)
    monkeypatch.setattr(installation, "find_spec", lambda _name: module)

    assert ids(installation.check_xml_parser()) == expected
    assert "corsadmin.W010" not in ids(run_checks())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, [], id="no sign of https"),
        pytest.param({"SECURE_SSL_REDIRECT": True}, ["corsadmin.W011"], id="a redirect to https"),
        pytest.param({"SECURE_HSTS_SECONDS": 60}, ["corsadmin.W011"], id="HSTS"),
        pytest.param({"CSRF_COOKIE_SECURE": True}, ["corsadmin.W011"], id="secure cookies"),
        pytest.param(
            {
                "SESSION_COOKIE_SECURE": True,
                "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
            },
            [],
            id="the proxy's header is named",
        ),
    ],
)
def test_https_without_the_proxys_header_is_a_warning_on_deployment(
    given: dict[str, Any], expected: list[str]
) -> None:
    with override_settings(**given):
        assert ids(installation.check_proxy_header()) == expected
        assert [one for one in ids(run_checks()) if one == "corsadmin.W011"] == []
