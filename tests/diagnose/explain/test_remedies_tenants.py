"""What a call changes: a tenant's rows alone, once somebody has said which tenant it is."""

from dataclasses import replace
from typing import Any

import pytest

from corsadmin.diagnose.explain import Question, explain
from corsadmin.models import PathRule, Tenant, TenantHost
from corsadmin.serving import loader
from tests.diagnose.explain.mending import (
    NEW,
    OVER,
    PUT,
    kinds,
    save,
)
from tests.diagnose.explain.questions import APP, EVIL, HOST, ask
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("origin", [NEW, APP])
def test_what_is_the_platforms_stays_as_it_is(origin: str) -> None:
    platform = TenantFactory(slug="platform")
    PathRuleFactory(tenant=platform, path="/api/", methods=["GET"], max_age=60)
    OriginFactory(tenant=platform, pattern=APP, credentials=True, valid_until=OVER)
    make_site(paths=[])

    found = ask(origin, credentials=True, **PUT)

    assert kinds(found) == [
        "origin-add",
        "rule-own",
        "method",
        "headers",
        "rule-credentials",
        "origin-credentials",
    ]
    assert {row.tenant.slug for row in found.mending.rows if not isinstance(row, Tenant)} == {
        "acme"
    }
    save(found)
    assert ask(origin, credentials=True, **PUT).allowed
    assert platform.paths.get().methods == ["GET"]
    assert PathRule.objects.get(tenant__slug="acme").max_age == 60


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param({"headers": {"x-a": "1"}}, ["rule-own", "headers"], id="a request header"),
        pytest.param({"credentials": True}, ["rule-own", "rule-credentials"], id="credentials"),
    ],
)
def test_any_change_of_an_inherited_rule_begins_with_a_copy(
    question: dict[str, Any], expected: list[str]
) -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/api/", methods=["GET"])
    make_site(origins=[{"pattern": APP, "credentials": True}], paths=[])

    found = ask(**question)

    assert kinds(found) == expected
    save(found)
    assert ask(**question).allowed


def test_the_platform_is_changed_where_it_is_the_tenant(settings: Any) -> None:
    settings.CORSADMIN = {**settings.CORSADMIN, "TENANT_RESOLVER": "corsadmin.tenants.single"}
    platform = TenantFactory(slug="platform")
    PathRuleFactory(tenant=platform, path="/api/", methods=["GET"])
    Tenant.objects.filter(pk=platform.pk).update(is_active=False)

    found = ask(method="PUT")

    assert kinds(found) == ["tenant-active", "origin-add", "method"]
    save(found)
    assert ask(method="PUT").allowed


def test_a_tenant_that_inherits_nothing_gets_a_rule_of_its_own() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/api/", enabled=False)
    make_site(origins=[APP], paths=[], inherits_platform=False)

    found = ask()

    assert kinds(found) == ["rule-add"]
    save(found)
    assert ask().allowed


@pytest.mark.parametrize(
    ("active", "expected"),
    [(True, ["host", "method"]), (False, ["host", "tenant-active", "method"])],
)
def test_a_host_is_added_to_the_tenant_that_a_person_names(
    active: bool, expected: list[str]
) -> None:
    tenant = make_site(origins=[APP])
    tenant.hosts.all().delete()
    Tenant.objects.filter(pk=tenant.pk).update(is_active=active)
    question = Question(host=f"{HOST.upper()}:443", path="/api/x", origin=APP, method="PUT")

    unnamed, named = explain(question), explain(replace(question, tenant="acme"))

    assert not unnamed.mending.is_sufficient
    assert kinds(named) == expected
    save(named)
    assert explain(question).allowed
    assert TenantHost.objects.get().host == HOST


def test_an_inactive_tenant_is_set_active() -> None:
    make_site(is_active=False)

    found = ask(**PUT)

    assert kinds(found) == ["tenant-active", "origin-add", "method", "headers"]
    save(found)
    assert ask(**PUT).allowed


@pytest.mark.parametrize(
    ("resolver", "question", "keys"),
    [
        pytest.param(
            "by_subdomain", {"host": HOST}, {"TENANT_BASE_DOMAIN": "example.net"}, id="subdomain"
        ),
        pytest.param("by_path", {"path": "/t/acme/x"}, {"TENANT_PATH_PREFIX": "/t/"}, id="path"),
        pytest.param(
            "by_header", {"headers": {"X-Tenant": "acme"}}, {"TENANT_HEADER": "X-Tenant"},
            id="header",
        ),
    ],
)  # fmt: skip
def test_every_resolver_names_its_inactive_tenant(
    resolver: str, question: dict[str, Any], keys: dict[str, str], settings: Any
) -> None:
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_RESOLVER": f"corsadmin.tenants.{resolver}",
        **keys,
    }
    make_site(is_active=False, paths=[{"path": "/"}])

    found = ask(**question)

    assert kinds(found) == ["tenant-active", "origin-add"]
    save(found)
    assert ask(**question).allowed


def test_a_resolver_of_the_projects_own_is_not_second_guessed(settings: Any) -> None:
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_RESOLVER": "tests.diagnose.explain.questions.find_nobody",
    }
    make_site(origins=[APP])

    found = ask()

    assert kinds(found) == ["address"]
    assert "find_nobody" in found.changes[0]


def test_a_host_that_django_refuses_is_a_matter_of_the_settings(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["other.example.net"]
    make_site(origins=[APP])

    found = ask(**PUT)

    assert kinds(found) == ["allowed-hosts", "method", "headers"]
    assert [one.made_in for one in found.mending.remedies] == ["settings", "policy", "policy"]
    assert found.mending.is_sufficient
    save(found)
    settings.ALLOWED_HOSTS = [HOST]
    assert ask(**PUT).allowed


def test_a_host_that_django_refuses_may_be_that_of_an_inactive_tenant(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["other.example.net"]
    make_site(origins=[APP], is_active=False)

    assert kinds(ask()) == ["tenant-active", "allowed-hosts"]


@pytest.mark.parametrize("host", ["acme.example.net.evil", "[::", "a_b.example.net"])
def test_a_host_that_django_refuses_and_no_tenant_has(host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"] if "_" in host else [HOST]
    make_site(origins=[APP])

    found = ask(host=host)

    assert (kinds(found), found.mending.is_sufficient) == (["allowed-hosts"], False)


def test_nothing_is_named_to_those_who_do_not_see_the_tenant() -> None:
    make_site(origins=[APP], is_active=False)
    question = Question(host=HOST, path="/api/x", origin=APP, tenant="acme")

    hidden = explain(question, visible=frozenset())
    Tenant.objects.all().delete()
    unknown = explain(question, visible=frozenset())

    assert hidden.changes == unknown.changes[:1]
    assert hidden.mending.rows == []


def test_a_tenant_that_is_gone_meanwhile_needs_no_change() -> None:
    make_site(origins=[APP])
    snapshot = loader.load("default")
    Tenant.objects.filter(slug="acme").delete()

    found = explain(Question(host=HOST, path="/api/x", origin=EVIL), snapshot=snapshot)

    assert (found.allowed, found.changes) == (False, [])
