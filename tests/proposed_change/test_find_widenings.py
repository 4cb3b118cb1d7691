"""Which tenants are compared before and after a change."""

import pytest

from corsadmin.models import PathRule, Tenant, TenantHost
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from tests.factories import PathRuleFactory, make_site

pytestmark = pytest.mark.django_db

OPEN = {"path": "/", "any_origin": True}


@pytest.fixture
def platform():
    return Tenant.objects.platform()


def found(change):
    return [
        (widening.slug, widening.patterns) for widening in find_consequences(change, None).widenings
    ]


def test_a_tenant_that_becomes_the_platform_opens_what_inherits(platform):
    Tenant.objects.filter(pk=platform.pk).delete()
    acme = make_site("acme", paths=[OPEN])
    make_site("heir", paths=[])
    acme.slug = "platform"

    assert found(ProposedChange.from_rows([acme])) == [("platform", ("/",))]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        pytest.param("/t/", [("acme", ("/t/acme/x/",))], id="within its reach"),
        pytest.param("/elsewhere/", [], id="beyond its reach"),
    ],
)
def test_only_paths_that_requests_of_a_tenant_have(settings, prefix, expected):
    settings.CORSADMIN = {
        "TENANT_RESOLVER": "corsadmin.tenants.by_path",
        "TENANT_PATH_PREFIX": prefix,
    }
    acme = make_site("acme", paths=[{**OPEN, "path": "/t/"}, {"path": "/t/*/x/"}])

    change = ProposedChange.from_deletes(acme.paths.filter(path="/t/*/x/"))

    assert found(change) == expected


def test_a_host_that_is_renamed_opens_nothing():
    acme = make_site("acme", paths=[OPEN])
    host = TenantHost.objects.get(tenant=acme)
    host.host = "other.example.net"

    assert found(ProposedChange.from_rows([host])) == []


def test_a_rule_that_moves_to_another_tenant_opens_what_it_closed():
    acme, rival = (make_site(slug, paths=[OPEN]) for slug in ("acme", "rival"))
    moved = PathRuleFactory(tenant=acme, path="/private/")
    moved.tenant = rival

    assert found(ProposedChange.from_rows([moved])) == [("acme", ("/private/",))]


def test_deleting_tenants_opens_nothing():
    make_site("acme", paths=[OPEN])

    assert found(ProposedChange.from_deletes(Tenant.objects.filter(slug="acme"))) == []


def test_tenants_with_the_same_rules_cost_few_queries(django_assert_max_num_queries, platform):
    for number in range(20):
        make_site(f"t-{number:02}", paths=[OPEN])
    PathRuleFactory(tenant=platform, path="/private/")

    with django_assert_max_num_queries(16):
        widened = found(ProposedChange.from_deletes(PathRule.objects.filter(tenant=platform)))

    assert widened == [(f"t-{number:02}", ("/private/",)) for number in range(20)]
