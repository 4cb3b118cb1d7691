"""Near misses of hosts, tenants, paths, methods and headers: what they say, and to whom."""

from typing import Any

import pytest

from corsadmin.diagnose.explain import Explanation, Question, explain
from corsadmin.engine import Snapshot
from corsadmin.models import PathRule, Tenant
from corsadmin.tenants import as_resolver
from tests.asserts import assert_hold
from tests.diagnose.explain.questions import APP, HOST, ask
from tests.factories import PathRuleFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db

nobody = as_resolver(lambda request, policies: None)


def near(found: Explanation) -> list[tuple[str, str]]:
    return [(miss.kind, miss.entry) for miss in found.near_misses]


@pytest.mark.parametrize(
    ("rule", "question", "values"),
    [
        pytest.param({}, {"host": f"www.{HOST}"}, [HOST], id="a host"),
        pytest.param({}, {"path": "/API/x"}, ["/api/"], id="a path"),
        pytest.param({}, {"path": "/app/api/x"}, ["/api/", "/app"], id="a segment before a path"),
        pytest.param(
            {"methods": ["PATCH"]}, {"method": "patch"}, ["PATCH", "patch"], id="a method"
        ),
        pytest.param(
            {"request_headers": ["x-tags"]},
            {"headers": {"X-Tag": "1"}},
            ["x-tags", "x-tag"],
            id="a header",
        ),
    ],
)
def test_the_sentence_names_what_was_asked_and_what_is_stored(
    rule: dict[str, Any], question: dict[str, Any], values: list[str]
) -> None:
    make_site(origins=[APP], paths=[rule])

    (miss,) = ask(**question).near_misses

    assert_hold([miss.sentence], [values])
    assert miss.tenant == "acme"


@pytest.mark.parametrize(
    ("host", "active"),
    [
        pytest.param(f"www.{HOST}", True, id="a host that is near"),
        pytest.param(HOST, False, id="the host of an inactive tenant"),
    ],
)
def test_hosts_of_a_tenant_are_named_only_to_those_who_may_see_it(host: str, active: bool) -> None:
    site = make_site()
    Tenant.objects.filter(pk=site.pk).update(is_active=active)
    question = Question(host=host, path="/api/x", origin=APP)

    assert len(explain(question, visible=frozenset({site.pk})).near_misses) == 1
    assert explain(question, visible=frozenset()).near_misses == []


def test_allowed_hosts_are_named_only_to_those_who_may_see_every_tenant(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["shop.example.org"]
    site = make_site()
    question = Question(host="www.shop.example.org", path="/api/x", origin=APP)

    assert near(explain(question)) == [("allowed-host", "shop.example.org")]
    assert explain(question, visible=frozenset({site.pk})).near_misses == []


def test_a_slug_is_named_only_to_those_who_may_see_its_tenant(settings: Any) -> None:
    settings.CORSADMIN = {
        "TENANT_RESOLVER": "corsadmin.tenants.by_subdomain",
        "TENANT_BASE_DOMAIN": "example.net",
    }
    site = make_site()
    question = Question(host=f"www.{HOST}", path="/api/x", origin=APP)

    assert near(explain(question, visible=frozenset({site.pk}))) == [("slug-level", "acme")]
    assert explain(question, visible=frozenset()).near_misses == []


@pytest.mark.parametrize(
    "resolver",
    [
        pytest.param(
            "tests.diagnose.explain.test_near_requests.nobody", id="a resolver of one's own"
        ),
        pytest.param("corsadmin.tenants.by_header", id="a header that was not sent"),
        pytest.param("corsadmin.tenants.by_subdomain", id="a host below another domain"),
        pytest.param("corsadmin.tenants.by_path", id="a path below another prefix"),
    ],
)
def test_nothing_is_near_where_nothing_names_a_tenant(resolver: str, settings: Any) -> None:
    settings.CORSADMIN = {
        "TENANT_RESOLVER": resolver,
        "TENANT_BASE_DOMAIN": "other.example",
        "TENANT_PATH_PREFIX": "/t/",
    }
    make_site()

    assert near(ask()) == []


def test_a_tenant_that_is_found_for_another_reason_is_not_near(settings: Any) -> None:
    settings.CORSADMIN = {"TENANT_RESOLVER": "corsadmin.tenants.by_header"}
    make_site()
    hidden = explain(
        Question(host=HOST, path="/api/x", origin=APP, headers={"x-tenant": "acme"}),
        snapshot=Snapshot(0, 0, {}),
    )

    assert near(hidden) == []


def test_rules_of_an_inactive_platform_are_near() -> None:
    platform = TenantFactory(slug="platform")
    PathRuleFactory(tenant=platform, path="/shared/")
    make_site(paths=[])
    Tenant.objects.filter(pk=platform.pk).update(is_active=False)

    assert near(ask(path="/shared/x")) == [("tenant-inactive", "/shared/")]


def test_a_rule_that_does_not_compile_is_not_near() -> None:
    make_site()
    PathRule.objects.update(path="/api//")

    assert near(ask(path="/API//x")) == []


def test_the_more_specific_of_two_rules_comes_first() -> None:
    make_site(paths=[{"path": "/api/"}, {"path": "/api/v1/"}])

    assert near(ask(path="/x/api/v1/y")) == [("path-prefix", "/api/v1/"), ("path-prefix", "/api/")]


def test_a_wider_rule_counts_only_where_it_is_enabled() -> None:
    make_site(
        origins=[APP],
        paths=[{"path": "/api/x", "methods": ["GET"]}, {"methods": ["PUT"], "enabled": False}],
    )

    assert near(ask(method="PUT")) == []


def test_what_is_listed_by_the_platform_is_the_platforms() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), methods=["PATCH"])
    make_site(origins=[APP], paths=[])

    (miss,) = ask(method="patch").near_misses

    assert (miss.kind, miss.tenant) == ("method-case", "platform")
