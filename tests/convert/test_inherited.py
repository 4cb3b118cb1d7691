"""What the platform keeps shut stays shut in the files of tenants for other programs."""

import json

import pytest
import yaml

from corsadmin.convert.nginx.source import read_policies
from corsadmin.convert.nginx.target import SERVER_PART
from corsadmin.models import Tenant
from tests.convert.policies import exported
from tests.factories import PathRuleFactory, make_site
from tests.messages.screens import filled
from tests.messages.screens import text as text_of

pytestmark = pytest.mark.django_db

APP = "https://app.example.com"
GUARD = "/api/admin/"
CLOSED = text_of("convert-closed-exclusive")
NO_RULE = text_of("convert-s3-cannot-close")


def not_expressed(why):
    return filled("convert-not-expressed", remark=f"path {GUARD}: exclusive: {why}")


@pytest.fixture
def guard():
    return PathRuleFactory(tenant=Tenant.objects.platform(), path=GUARD, exclusive=True)


def site(*more, **tenant):
    origin = {"pattern": APP, "credentials": True}
    wide = {"path": "/", "credentials": True}
    return make_site("acme", origins=[origin], paths=[wide, *more], **tenant)


def listed_by_nginx():
    """Return whether each path is exclusive, as the file says it."""
    text, told = exported("acme", "nginx")
    maps, server = text.split(SERVER_PART)
    conversion = read_policies(f"http {{ {maps} server {{ server_name a.example; {server} }} }}")
    return {rule["path"]: rule["exclusive"] for rule in conversion.paths}, told


def listed_by_envoy():
    """Return how many origins Envoy lets in on each path."""
    text, told = exported("acme", "envoy")
    (host,) = yaml.safe_load(text)
    found = {}
    for route in host["routes"]:
        for policy in route.get("typed_per_filter_config", {}).values():
            found[route["match"]["prefix"]] = len(policy["allow_origin_string_match"])
    return found, told


def test_nginx_and_envoy_close_what_the_platform_keeps_shut(guard):
    site()
    told = [not_expressed(CLOSED)]

    assert listed_by_nginx() == ({GUARD: True, "/": False}, told)
    assert listed_by_envoy() == ({GUARD: 0, "/": 1}, told)


@pytest.mark.parametrize("owner", ["acme", "platform"])
def test_a_bucket_gets_no_rule_where_a_path_is_kept_shut(owner):
    site()
    PathRuleFactory(tenant=Tenant.objects.get(slug=owner), path=GUARD, exclusive=True)

    text, told = exported("acme", "s3")

    assert json.loads(text)["CORSRules"] == []
    assert told == [not_expressed(NO_RULE)]


@pytest.mark.parametrize(
    ("changes", "tenant", "more"),
    [
        pytest.param({"enabled": False}, {}, [], id="disabled"),
        pytest.param({"exclusive": False}, {}, [], id="an ordinary rule"),
        pytest.param({"path": "/"}, {}, [], id="for every path, where it keeps nobody out"),
        pytest.param({}, {"inherits_platform": False}, [], id="not inherited"),
        pytest.param({}, {}, [{"path": GUARD}], id="replaced by the tenant's own rule"),
    ],
)
def test_what_does_not_hold_for_a_tenant_is_left_out(guard, changes, tenant, more):
    site(*more, **tenant)
    type(guard).objects.filter(pk=guard.pk).update(**changes)

    found, told = listed_by_nginx()

    assert (found, told) == (dict.fromkeys([*(rule["path"] for rule in more), "/"], False), [])


def test_the_file_of_the_platform_has_its_rule_once(guard):
    text, told = exported("platform", "nginx")

    assert text.count("admin") == 1
    assert told == [not_expressed(CLOSED)]
