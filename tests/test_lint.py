"""Lint what is stored: each finding once, and nothing said of sound policies."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings

from corsadmin.lint import FINDINGS, Finding, lint
from corsadmin.lint.rules import overlaps
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    make_site,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
APP = "https://app.example.com"
CREDENTIALS: dict[str, Any] = {"credentials": True}
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


def findings(tenant: str = "") -> list[Finding]:
    return list(lint("default", NOW.timestamp(), tenant))


def codes(tenant: str = "") -> list[str]:
    return [found.code for found in findings(tenant)]


def test_sound_policies_have_no_findings() -> None:
    make_site(
        origins=[
            {"pattern": APP, "credentials": True},
            {"pattern": "https://*.example.org", "scope": "/api/a/"},
            {"pattern": "https://soon.example.com", "valid_from": LATE},
            {"pattern": "http://localhost:*", "valid_from": EARLY, "valid_until": LATE},
        ],
        paths=[CREDENTIALS, {"path": "/public/", "any_origin": True}],
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
    assert found[3].message == (
        "It is not valid as it is stored, so it denies. “https://app.example.com/” ends in a "
        "slash: browsers send an origin without it. Write https://app.example.com."
    )


@pytest.mark.parametrize("methods", ["GET", 5, {"GET": 1}, [5]])
def test_a_list_that_is_none_is_an_error_and_denies(methods: object) -> None:
    make_site(origins=[{"pattern": APP, "scope": "/x/"}])
    PathRule.objects.update(methods=methods)

    assert codes() == ["does-not-compile"]


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

    assert findings() == []


def test_inherited_rules_are_rules() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/")
    make_site(origins=[APP], paths=[])
    make_site("rival", origins=[APP], paths=[], inherits_platform=False)

    assert [(found.tenant, found.code) for found in findings()] == [
        ("rival", "tenant-without-rule")
    ]


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


def test_an_expired_entry_says_when() -> None:
    make_site(origins=[{"pattern": APP, "valid_until": NOW}])

    (found,) = findings()

    assert found.message == "It expired at 2026-06-01 12:00 UTC."


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        pytest.param(
            {"pattern": "https://*.example.com"}, {"pattern": APP}, True, id="a wildcard above"
        ),
        pytest.param(
            {"pattern": "https://*.com.example"}, {"pattern": APP}, False, id="a wildcard beside"
        ),
        pytest.param(
            {"pattern": "https://*.example.com"},
            {"pattern": "https://*.a.example.com"},
            True,
            id="a wider wildcard",
        ),
        pytest.param(
            {"pattern": "https://app.example.com:*"}, {"pattern": APP}, True, id="any port"
        ),
        pytest.param(
            {"pattern": "https://*.example.com:*"},
            {"pattern": "https://app.example.com:*"},
            True,
            id="any port below a wildcard",
        ),
        pytest.param(
            {"pattern": "https://*.example.com"},
            {"pattern": "https://app.example.com:*"},
            False,
            id="no port below a wildcard",
        ),
        pytest.param(
            {"pattern": "https://*.example.com"},
            {"pattern": APP, **CREDENTIALS},
            False,
            id="credentials add something",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", **CREDENTIALS},
            {"pattern": APP},
            True,
            id="no less",
        ),
        pytest.param({"pattern": APP}, {"pattern": APP, "scope": "/api/x"}, True, id="a scope"),
        pytest.param(
            {"pattern": APP, "scope": "/api/"},
            {"pattern": APP, "scope": "/api/x/"},
            True,
            id="a wider scope",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "scope": "/api/"},
            {"pattern": APP, "scope": "/api/"},
            True,
            id="the same scope",
        ),
        pytest.param(
            {"pattern": APP, "scope": "/api/y/"},
            {"pattern": APP, "scope": "/api/x/"},
            False,
            id="scopes beside each other",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_from": EARLY, "valid_until": LATE},
            {"pattern": APP, "valid_from": EARLY, "valid_until": LATE},
            True,
            id="the same window",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_from": EARLY},
            {"pattern": APP},
            False,
            id="a begin",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_until": LATE},
            {"pattern": APP},
            False,
            id="an end",
        ),
    ],
)
def test_entries_that_add_nothing(
    wide: dict[str, Any], narrow: dict[str, Any], expected: bool
) -> None:
    make_site(origins=[wide, narrow], paths=[CREDENTIALS])
    row = Origin.objects.order_by("pk").last()
    risky = [found for found in findings() if found.code != "risk"]

    if expected:
        assert [(found.name, found.code) for found in risky] == [(str(row), "redundant-origin")]
        assert risky[0].message.startswith(f"acme: {wide['pattern']}")
    else:
        assert risky == []


def test_an_entry_that_repeats_the_platforms_adds_nothing() -> None:
    OriginFactory(tenant=TenantFactory(slug="platform"), pattern=APP)
    make_site(origins=[APP])
    make_site("rival", origins=[APP], inherits_platform=False)

    assert [(found.tenant, found.message) for found in findings()] == [
        ("acme", "platform: https://app.example.com already allows all that it allows.")
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"scope": "/api/x"}, [], id="a scope within"),
        pytest.param({"scope": "/"}, [], id="a scope around"),
        pytest.param({"scope": "/*/x"}, [], id="a scope across"),
        pytest.param({"scope": "/other/"}, ["scope-without-rule"], id="a scope beside"),
        pytest.param({"scope": "/api"}, ["scope-without-rule"], id="a scope one slash short"),
        pytest.param(CREDENTIALS, ["credentials-unused"], id="no rule grants credentials"),
    ],
)
def test_entries_must_meet_a_rule(entry: dict[str, Any], expected: list[str]) -> None:
    make_site(origins=[{"pattern": APP, **entry}])

    assert codes() == expected


def test_accepted_risks_are_listed() -> None:
    make_site(
        origins=[{"pattern": "http://app.example.com", "risk_accepted": True, **CREDENTIALS}],
        paths=[CREDENTIALS],
    )

    (found,) = findings()

    assert (found.code, found.level) == ("risk", "warning")
    assert "“http://app.example.com” with credentials" in found.message


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


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("/", "/a", True, id="everything"),
        pytest.param("/a", "/a", True, id="the same"),
        pytest.param("/a", "/b", False, id="exact ones"),
        pytest.param("/a", "/a/", False, id="a prefix leaves out its name without slash"),
        pytest.param("/a/b", "/a/", True, id="an exact one below a prefix"),
        pytest.param("/a/", "/a/b/", True, id="a prefix below a prefix"),
        pytest.param("/a/", "/b/", False, id="prefixes beside each other"),
        pytest.param("/*", "/a", True, id="a wildcard"),
        pytest.param("/*/b", "/a/*", True, id="wildcards that cross"),
        pytest.param("/*/b", "/a/c", False, id="a wildcard and another end"),
        pytest.param("/*", "/a/b", False, id="a wildcard is one segment"),
        pytest.param("/*/", "/a/b/c", True, id="a prefix with a wildcard"),
    ],
)
def test_overlaps(one: str, other: str, expected: bool) -> None:
    assert overlaps(one, other) is expected
    assert overlaps(other, one) is expected


def test_every_sentence_takes_a_detail() -> None:
    for code, (level, _sentence) in FINDINGS.items():
        found = Finding("acme", "rule", "/", code, "100 %")

        assert found.message.endswith((".", "100 %"))
        assert found.level == level
