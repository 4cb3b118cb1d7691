"""Lint path rules: those that are never reached, repeat others or open the admin."""

from typing import Any

import pytest

from tests.diagnose.lint.findings import CREDENTIALS, codes, findings
from tests.factories import (
    PathRuleFactory,
    TenantFactory,
    make_site,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param({}, ["redundant-rule"], id="the same"),
        pytest.param({"max_age": 5}, [], id="another one"),
        pytest.param({"path": "/api/x"}, [], id="another path"),
    ],
)
def test_a_rule_that_repeats_the_platforms(rule: dict[str, Any], expected: list[str]) -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/api/")
    make_site(paths=[rule])

    assert codes() == expected


@pytest.mark.parametrize(
    ("slug", "path", "expected"),
    [
        pytest.param("acme", "/t/acme/api/", [], id="below its own path"),
        pytest.param("acme", "/t/*/api/", [], id="below any"),
        pytest.param("acme", "/", [], id="everything"),
        pytest.param("acme", "/t/rival/", ["unreachable-rule"], id="below another's"),
        pytest.param("acme", "/t/acme", ["unreachable-rule"], id="its path without the slash"),
        pytest.param("acme", "/api/", ["unreachable-rule"], id="beside"),
        pytest.param("platform", "/t/acme/api/", [], id="the platform's for one"),
        pytest.param("platform", "/api/", ["unreachable-rule"], id="the platform's beside"),
    ],
)
def test_a_rule_must_be_below_the_tenants_path(
    settings: Any, slug: str, path: str, expected: list[str]
) -> None:
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_RESOLVER": "corsadmin.tenants.by_path",
        "TENANT_PATH_PREFIX": "/t/",
    }
    PathRuleFactory(tenant=TenantFactory(slug=slug), path=path)

    assert codes() == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([{"path": "/", "any_origin": True}], ["admin-any-origin"], id="any origin"),
        pytest.param([{"path": "/", **CREDENTIALS}], ["admin-covered"], id="with cookies"),
        pytest.param([{"path": "/"}], [], id="without cookies"),
        pytest.param([{"path": "/", **CREDENTIALS}, {"path": "/admin/"}], [], id="closed again"),
        pytest.param([{"path": "/admin/x", **CREDENTIALS}], ["admin-covered"], id="one page"),
    ],
)
def test_rules_on_the_admin(rules: list[dict[str, Any]], expected: list[str]) -> None:
    make_site(paths=rules)

    assert codes() == expected


def test_an_inherited_rule_on_the_admin_is_told_once() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/", any_origin=True)
    make_site(paths=[])

    assert [(found.tenant, found.code) for found in findings()] == [
        ("platform", "admin-any-origin")
    ]
