"""Lint exclusive rules: whom they keep out for good, and what opens them again."""

from typing import Any

import pytest

from tests.diagnose.lint.findings import APP, CREDENTIALS, codes, findings
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db

ADMIN: dict[str, Any] = {"path": "/api/admin/", "exclusive": True}


@pytest.mark.parametrize(
    ("rules", "scope", "expected"),
    [
        pytest.param([ADMIN], "", ["exclusive-keeps-out"], id="no scope"),
        pytest.param([ADMIN], "/api/", ["exclusive-keeps-out"], id="a wider scope"),
        pytest.param([ADMIN], "/api/admin/", [], id="the same scope"),
        pytest.param([ADMIN], "/api/admin/x", [], id="a scope below"),
        pytest.param([ADMIN], "/other/", ["scope-without-rule"], id="a scope without a rule"),
        pytest.param([ADMIN, {"path": "/api/"}], "", [], id="an ordinary rule elsewhere"),
        pytest.param([ADMIN, {**ADMIN, "path": "/b/"}], "/b/", [], id="another exclusive rule"),
    ],
)
def test_an_entry_that_no_rule_can_use(
    rules: list[dict[str, Any]], scope: str, expected: list[str]
) -> None:
    make_site(origins=[{"pattern": APP, "scope": scope}], paths=rules)

    assert codes() == expected


def test_credentials_count_only_where_a_rule_admits_the_entry() -> None:
    make_site(origins=[{"pattern": APP, **CREDENTIALS}], paths=[{}, {**ADMIN, **CREDENTIALS}])

    assert codes() == ["credentials-unused"]


@pytest.mark.parametrize(
    ("above", "own", "expected"),
    [
        pytest.param([], [ADMIN, {"path": "/api/admin/x/"}], ["/api/admin/"], id="below its own"),
        pytest.param([ADMIN], [{"path": "/api/admin/x"}], ["/api/admin/"], id="the platform's"),
        pytest.param([ADMIN], [{"path": "/api/admin/"}], ["/api/admin/"], id="in its place"),
        pytest.param(
            [],
            [{**ADMIN, "path": "/*/admin/"}, {"path": "/api/"}],
            ["/*/admin/"],
            id="before a star",
        ),
        pytest.param([], [ADMIN, {"path": "/api/"}], [], id="around it"),
        pytest.param([], [ADMIN, {"path": "/api/other/"}], [], id="beside it"),
        pytest.param([], [ADMIN, {**ADMIN, "path": "/api/admin/x/"}], [], id="exclusive as well"),
    ],
)
def test_an_ordinary_rule_that_opens_an_exclusive_path_again(
    above: list[dict[str, Any]], own: list[dict[str, Any]], expected: list[str]
) -> None:
    for rule in above:
        PathRuleFactory(tenant=TenantFactory(slug="platform"), **rule)
    make_site(paths=own)

    found = [one for one in findings("acme") if one.kind == "rule"]

    assert [one.code for one in found] == ["exclusive-reopened"] * len(expected)
    assert [one.detail for one in found] == expected


def test_the_rule_for_every_path_keeps_nobody_out() -> None:
    make_site(origins=[APP], paths=[{"path": "/", "exclusive": True}])

    assert codes() == ["exclusive-everywhere"]


@pytest.mark.parametrize(
    ("rules", "scope", "expected"),
    [
        pytest.param([{"path": "/api/"}, ADMIN], "/api/admin/", [], id="admitted by its scope"),
        pytest.param([{"path": "/api/"}, ADMIN], "/api/x/", ["redundant-origin"], id="elsewhere"),
        pytest.param([{"path": "/api/"}], "/api/admin/", ["redundant-origin"], id="no such rule"),
    ],
)
def test_an_entry_that_an_exclusive_rule_needs_is_not_redundant(
    rules: list[dict[str, Any]], scope: str, expected: list[str]
) -> None:
    make_site(origins=[APP, {"pattern": APP, "scope": scope}], paths=rules)

    assert codes() == expected


def test_of_the_platform_any_tenants_exclusive_rule_may_need_the_entry() -> None:
    platform = TenantFactory(slug="platform")
    OriginFactory(tenant=platform, pattern=APP)
    OriginFactory(tenant=platform, pattern=APP, scope="/api/admin/")
    make_site(paths=[{"path": "/api/"}, ADMIN])

    assert codes("platform") == []
