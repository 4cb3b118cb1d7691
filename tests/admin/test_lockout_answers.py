"""What the page in use is answered before and after an edit, on every path that tells them apart."""

import pytest

from corsadmin.admin.lockout.question import loss_sentences
from corsadmin.models import PathRule
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.losses import OWN
from tests.factories import OriginFactory, PathRuleFactory, make_site

PAGE = "http://testserver"


@pytest.fixture(autouse=True)
def platform(platform):
    """The platform, without rules or origins."""
    return platform


def of_rules(tenant):
    return ProposedChange.from_deletes(PathRule.objects.filter(tenant=tenant))


@pytest.mark.parametrize(
    ("fields", "page", "lost"),
    [
        pytest.param({}, PAGE, True, id="an entry for every path"),
        pytest.param({"scope": "/v1/"}, PAGE, True, id="a scope within the rule"),
        pytest.param({"scope": "/v1/users/"}, PAGE, True, id="a scope across the rule's star"),
        pytest.param({"scope": "/v1/other"}, PAGE, False, id="a scope that the rule does not meet"),
        pytest.param({"enabled": False}, PAGE, False, id="an entry switched off"),
        pytest.param({}, "https://elsewhere.example", False, id="another page"),
        pytest.param({}, "null", False, id="a page without an origin"),
        pytest.param({"pattern": "http://acme.example.net"}, "http://acme.example.net", False,
                     id="the tenant's own page"),
        pytest.param({"pattern": "http://Testserver"}, PAGE, False, id="an entry that denies"),
    ],
)  # fmt: skip
def test_where_an_entry_and_a_rule_meet(acme, fields, page, lost):
    acme.paths.all().delete()
    PathRuleFactory(tenant=acme, path="/*/users/" if "users" in str(fields) else "/v1/")
    PathRuleFactory(tenant=acme, path="/*/users/list")
    PathRuleFactory(tenant=acme, path="/broken/", methods="GET")
    if "other" in str(fields):
        acme.paths.filter(path="/v1/").delete()
    OriginFactory(tenant=acme, **{"pattern": PAGE, **fields})

    assert loss_sentences(find_consequences(of_rules(acme), page).losses) == (
        [f"acme: {OWN}"] if lost else []
    )


@pytest.mark.parametrize(
    ("resolver", "path", "lost"),
    [
        pytest.param("by_subdomain", "/api/", True, id="by subdomain"),
        pytest.param("by_path", "/t/", True, id="by path"),
        pytest.param("by_path", "/api/", False, id="by path, at a rule that no request meets"),
    ],
)
def test_however_requests_find_a_tenant(settings, acme, resolver, path, lost):
    settings.CORSADMIN = {
        "TENANT_RESOLVER": f"corsadmin.tenants.{resolver}",
        "TENANT_PATH_PREFIX": "/t/",
        "TENANT_BASE_DOMAIN": "example.net",
    }
    acme.hosts.all().delete()
    acme.paths.update(path=path)
    OriginFactory(tenant=acme, pattern=PAGE)

    assert bool(find_consequences(of_rules(acme), PAGE).losses) == lost


def test_any_origin_is_no_entry_of_the_page(superuser, acme):
    """Who closes a rule for any origin closes a hole, and is not asked."""
    acme.paths.update(any_origin=True)

    assert find_consequences(of_rules(acme), PAGE).losses == []


def test_many_tenants_are_compared_in_few_queries(django_assert_max_num_queries, platform):
    for number in range(5):
        make_site(f"t-{number}", origins=[PAGE], paths=[])
    PathRuleFactory(tenant=platform, path="/api/")

    with django_assert_max_num_queries(20):
        found = find_consequences(of_rules(platform), PAGE).losses

    assert [loss.slug for loss in found] == [f"t-{number}" for number in range(5)]
