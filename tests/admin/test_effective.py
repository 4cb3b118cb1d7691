"""The policy in force, as the page of a tenant shows it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.effective import effective, read_with_platform
from corsadmin.models import Tenant
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory
from tests.messages.screens import assert_says, filled, says, text

pytestmark = pytest.mark.slow


def in_force(tenant):
    return effective(read_with_platform(tenant, with_origins=True))


def lines(tenant):
    return [
        (line.rule.path, "platform" if line.inherited else "own", line.idle)
        for line in in_force(tenant)["lines"]
    ]


def test_rules_are_shown_in_the_order_in_which_they_decide(platform, acme):
    PathRuleFactory(tenant=acme, path="/api/*/x", enabled=False)
    PathRuleFactory(tenant=acme, path="/api/broken", methods="GET")
    PathRuleFactory(tenant=platform, path="/api/")
    PathRuleFactory(tenant=platform, path="/api/orders")
    PathRuleFactory(tenant=platform, path="/")

    assert lines(acme) == [
        ("/api/broken", "own", text("effective-invalid")),
        ("/api/orders", "platform", ""),
        ("/api/*/x", "own", "disabled"),
        ("/api/", "own", ""),
        ("/api/", "platform", text("effective-shadowed")),
        ("/", "platform", ""),
    ]


def test_a_rule_for_one_path_is_shown_as_such(acme, superuser):
    PathRuleFactory(tenant=acme, path="/api/{$}")
    OriginFactory(tenant=acme, pattern="https://alone.example", scope="/{$}")

    shown = in_force(acme)["lines"]
    rules = superuser.get(reverse("admin:corsadmin_pathrule_changelist")).content.decode()
    origins = superuser.get(reverse("admin:corsadmin_origin_changelist")).content.decode()

    def alone(path):
        return filled("customer-only-path", path=path)

    assert [line.path for line in shown] == [alone("/api/"), "/api/"]
    assert alone("/api/<wbr>") + "</a>" in rules
    assert f">{alone('/')}</td>" in origins


def test_a_disabled_own_rule_shadows_nothing(platform, acme):
    acme.paths.update(enabled=False)
    PathRuleFactory(tenant=platform, path="/api/")

    assert lines(acme) == [("/api/", "own", "disabled"), ("/api/", "platform", "")]


@pytest.mark.parametrize("case", ["does not inherit", "is the platform", "platform is off"])
def test_nothing_is_inherited_where_the_tenant(case, platform, acme):
    PathRuleFactory(tenant=platform, path="/orders")
    OriginFactory(tenant=platform)
    if case == "does not inherit":
        Tenant.objects.filter(pk=acme.pk).update(inherits_platform=False)
    if case == "platform is off":
        Tenant.objects.filter(pk=platform.pk).update(is_active=False)
    tenant = Tenant.objects.get(slug="platform" if case == "is the platform" else "acme")

    shown = in_force(tenant)

    assert not any(line.inherited for line in shown["lines"])
    assert shown["inherits"] == (case == "platform is off")
    assert shown["origins"] == []
    assert shown["more"] == 0


def test_inherited_origins_are_named_and_the_rest_counted(platform, acme):
    for _number in range(23):
        OriginFactory(tenant=platform)
    OriginFactory(tenant=platform, enabled=False)
    OriginFactory(tenant=platform, valid_until=timezone.now())

    shown = in_force(acme)

    assert len(shown["origins"]) == 20
    assert shown["more"] == 4


@pytest.mark.parametrize(
    ("ages", "seconds"),
    [
        pytest.param([], None, id="no rule"),
        pytest.param([None], 5, id="the browser's default"),
        pytest.param([None, 0], 5, id="default and zero"),
        pytest.param([0], 0, id="not at all"),
        pytest.param([60, 86400, 10], 86400, id="the longest"),
    ],
)
def test_a_revocation_waits_for_the_longest_memory(superuser, ages, seconds):
    tenant = TenantFactory(slug="ages")
    for number, age in enumerate(ages):
        PathRuleFactory(tenant=tenant, path=f"/{number}/", max_age=age)
    PathRuleFactory(tenant=tenant, path="/off/", max_age=80_000, enabled=False)

    page = superuser.get(reverse("admin:corsadmin_tenant_change", args=[tenant.pk]))

    expected = None if seconds is None else timedelta(seconds=seconds)
    assert page.context["policy"]["remembered"] == expected
    assert says(page, "effective-revoked-access") == bool(seconds)
    assert says(page, "effective-revoked-access", seconds=seconds) == bool(seconds)


def test_an_inactive_tenant_is_said_to_have_no_policy(superuser, acme):
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)

    page = superuser.get(reverse("admin:corsadmin_tenant_change", args=[acme.pk]))

    assert_says(page, "effective-inactive")
