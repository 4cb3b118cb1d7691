"""Lint what is stored: each finding once, and nothing said of sound policies."""

from typing import Any

import pytest
from django.test import override_settings

from corsadmin.diagnose.lint import FINDINGS, Finding, unserved
from corsadmin.models import PathRule, Tenant, TenantHost
from tests.asserts import assert_hold
from tests.diagnose.lint.findings import APP, CREDENTIALS, EARLY, LATE, NOW, codes, findings
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    make_site,
)

pytestmark = pytest.mark.django_db


def test_sound_policies_have_no_findings() -> None:
    make_site(
        origins=[
            {"pattern": APP, "credentials": True},
            {"pattern": "https://*.example.org", "scope": "/api/a/"},
            {"pattern": "https://soon.example.com", "valid_from": LATE},
            {"pattern": "http://localhost:*", "valid_from": EARLY, "valid_until": LATE},
        ],
        paths=[CREDENTIALS, {"path": "/public/"}],
    )

    assert findings() == []


def test_inactive_tenants_and_disabled_rows_are_left_alone() -> None:
    make_site(origins=[{"pattern": "nonsense://", "enabled": False}], paths=[{"enabled": False}])
    make_site("rival", origins=["https://app.example.com/"], is_active=False)

    assert findings() == []


def test_rows_that_do_not_compile_are_errors_with_their_problems() -> None:
    acme = make_site(origins=["https://app.example.com/"], paths=[{"methods": ["get"]}])
    TenantHost.objects.update(host="ACME.example.net")
    Tenant.objects.filter(pk=acme.pk).update(slug="ACME")

    found = findings()

    assert [(row.kind, row.name, row.code, row.level) for row in found[:4]] == [
        ("tenant", "ACME", "does-not-compile", "error"),
        ("host", "ACME.example.net", "does-not-compile", "error"),
        ("rule", "/api/", "does-not-compile", "error"),
        ("origin", "https://app.example.com/", "does-not-compile", "error"),
    ]
    assert_hold([found[3].message], [["“https://app.example.com/”", "https://app.example.com."]])


@pytest.mark.parametrize("methods", ["GET", 5, {"GET": 1}, [5]])
def test_a_list_that_is_none_is_an_error_and_denies(methods: object) -> None:
    make_site(origins=[{"pattern": APP, "scope": "/x/"}])
    PathRule.objects.update(methods=methods)

    assert codes() == ["does-not-compile"]


@pytest.mark.parametrize("path", ["/shops/{id}/", "/api/{$}/x", "/api{$}"])
def test_a_path_with_reserved_braces_is_an_error_and_denies(path: str) -> None:
    tenant = make_site(origins=[{"pattern": APP, "scope": "/x/"}])
    PathRule.objects.update(path=path)
    tenant.origins.update(scope=path)

    found = [(one.kind, one.code, "braces" in one.message) for one in findings()]

    assert found == [("rule", "does-not-compile", True), ("origin", "does-not-compile", True)]


def test_the_platform_must_be_there() -> None:
    Tenant.objects.filter(slug="platform").update(is_active=False)

    assert codes() == ["platform-missing"]


def test_a_tenant_by_host_needs_a_host_that_django_accepts() -> None:
    TenantFactory(slug="acme")
    TenantHostFactory(tenant=TenantFactory(slug="rival"), host="rival.example.com")

    assert [(found.tenant, found.code) for found in findings()] == [
        ("acme", "tenant-without-host"),
        ("rival", "host-not-allowed"),
    ]


def test_other_resolvers_need_no_hosts(settings: Any) -> None:
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_RESOLVER": "corsadmin.tenants.by_subdomain",
    }
    TenantHostFactory(tenant=TenantFactory(slug="acme"), host="rival.example.com")
    TenantFactory(slug="rival")

    assert findings() == []


def test_without_allowed_hosts_no_host_is_refused() -> None:
    make_site(origins=[APP])

    with override_settings(ALLOWED_HOSTS=[]):
        assert findings() == []


def test_origins_without_any_rule_never_count() -> None:
    make_site(origins=[APP], paths=[])

    assert codes() == ["tenant-without-rule"]


def test_origins_of_the_platform_count_where_tenants_have_rules() -> None:
    OriginFactory(tenant=TenantFactory(slug="platform"), pattern=APP, scope="/x/")
    make_site(paths=[{"path": "/x/"}])

    assert findings() == []


@pytest.mark.parametrize(
    ("sites", "resolver", "expected"),
    [
        pytest.param([], "by_host", ["platform-without-host"], id="no tenant at all"),
        pytest.param([], "single", [], id="no tenant, a single site"),
        pytest.param([{}], "by_host", [], id="a tenant with a host"),
        pytest.param(
            [{"is_active": False}], "by_host", ["platform-without-host"], id="an inactive tenant"
        ),
        pytest.param(
            [{"inherits_platform": False}],
            "by_host",
            ["platform-without-host"],
            id="a tenant that does not inherit",
        ),
        pytest.param([{"slug": "platform"}], "by_host", [], id="a host of the platform's own"),
    ],
)
@pytest.mark.parametrize("kind", [PathRuleFactory, OriginFactory], ids=["a rule", "an origin"])
def test_the_platforms_policy_needs_a_tenant_that_is_found(
    kind: Any, sites: list[dict[str, Any]], resolver: str, expected: list[str], settings: Any
) -> None:
    settings.CORSADMIN = {"TENANT_RESOLVER": f"corsadmin.tenants.{resolver}"}
    kind(tenant=TenantFactory(slug="platform"))
    for site in sites:
        make_site(**{"slug": "acme", "paths": [], **site})

    found = findings()

    assert [one.code for one in found] == expected
    assert all("TENANT_RESOLVER" in one.message for one in found)
    platform = Tenant.objects.get(slug="platform")
    asked = unserved(Tenant.objects.filter(slug="platform"), 9)
    assert asked == dict.fromkeys(found, platform.pk)


def test_inherited_rules_are_rules() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/")
    make_site(origins=[APP], paths=[])
    make_site("rival", origins=[APP], paths=[], inherits_platform=False)

    assert [(found.tenant, found.code) for found in findings()] == [
        ("rival", "tenant-without-rule")
    ]


def test_one_tenant_can_be_asked_for() -> None:
    make_site(origins=[{"pattern": APP, "valid_until": NOW}])
    make_site("rival", origins=[{"pattern": APP, "valid_until": NOW}])

    assert len(findings()) == 2
    assert [found.tenant for found in findings("rival")] == ["rival"]


def test_many_tenants_cost_few_queries(django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        make_site(f"acme-{number}", origins=[APP, {"pattern": APP, "scope": "/api/"}])

    with django_assert_max_num_queries(9):
        assert codes() == ["redundant-origin"] * 20


def test_every_sentence_takes_a_detail() -> None:
    for code, (level, _sentence) in FINDINGS.items():
        found = Finding("acme", "rule", "/", code, "100 %")

        assert found.message.endswith((".", "100 %"))
        assert found.level == level
