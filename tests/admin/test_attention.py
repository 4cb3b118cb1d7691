"""What needs attention, on the app's start page and on the page of a tenant."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.dashboard import finding_groups, review, start
from corsadmin.models import Origin, Tenant
from tests.admin.conftest import grant, log_in
from tests.admin.queries import queries_of
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    UserFactory,
    make_site,
)
from tests.messages.screens import assert_says, assert_silent, filled, says

pytestmark = pytest.mark.slow

START = "/admin/corsadmin/"


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def shown(client):
    response = client.get(START)

    assert response.status_code == 200
    return response.content.decode()


def test_nothing_is_said_to_be_nothing(superuser, acme, platform):
    page = shown(superuser)

    assert_says(page, "attention-needed")
    assert_says(page, "attention-nothing")
    assert_says(page, "process-current")


def test_what_ends_soon_is_risky_or_wrong_is_listed(superuser, acme):
    soon = OriginFactory(
        tenant=acme, pattern="https://soon.example", valid_until=timezone.now() + timedelta(days=1)
    )
    OriginFactory(tenant=acme, pattern="http://plain.example", credentials=True, risk_accepted=True)
    Origin.objects.create(tenant=acme, pattern="https://Wrong.example")
    Tenant.objects.filter(slug="platform").delete()

    page = shown(superuser)

    assert reverse("admin:corsadmin_origin_change", args=[soon.pk]) in page
    assert_says(page, "attention-risky", counter=1)
    row = f"?tenant={acme.pk}&amp;q=https%3A%2F%2FWrong.example"
    assert reverse("admin:corsadmin_origin_changelist") + row in page
    assert_silent(page, "attention-nothing")


def test_errors_come_before_warnings_and_a_missing_platform_has_no_page(superuser, acme):
    Tenant.objects.filter(slug="platform").update(is_active=False)
    OriginFactory(tenant=acme, pattern="https://old.example", valid_until=timezone.now())

    groups = superuser.get(START).context["review"].groups
    assert [group.rows[0][0].code for group in groups] == ["platform-missing", "expired"]


@pytest.mark.parametrize("person", ["member", "viewer"])
def test_members_see_what_concerns_their_tenants_only(request, person, acme, rival):
    client = request.getfixturevalue(person)
    for tenant in (acme, rival):
        OriginFactory(
            tenant=tenant,
            pattern=f"https://{tenant.slug}-soon.example",
            valid_until=timezone.now() + timedelta(days=1),
        )
        OriginFactory(tenant=tenant, pattern=f"https://{tenant.slug}-Wrong.example")

    page = shown(client)

    assert "acme-soon" in page
    assert "acme-Wrong" in page
    assert "rival" not in page


def test_who_sees_no_tenant_sees_none_of_it(acme):
    client = log_in(grant(UserFactory(), "view_tenantmember"))

    assert_silent(shown(client), "attention-needed", "attention-nothing")


def broken(tenant):
    return Origin.objects.create(tenant=tenant, pattern=f"https://{tenant.slug}.Wrong.example")


def test_of_too_many_tenants_those_that_changed_last_are_looked_through(
    superuser, acme, rival, monkeypatch
):
    monkeypatch.setattr(review, "MAX_TENANTS", 1)
    broken(acme)
    broken(rival)
    acme.refresh_from_db()
    acme.save()

    page = shown(superuser)

    assert_says(page, "attention-looked-partly", counter=1)
    assert "acme.Wrong.example" in page
    assert "rival.Wrong.example" not in page
    assert_silent(page, "attention-nothing")


@pytest.mark.parametrize(("most", "looked"), [(3, 1), (2, 1), (1, 0)])
@pytest.mark.usefixtures("acme")
def test_of_too_many_origins_so_many_tenants_are_looked_through(
    superuser, rival, monkeypatch, most, looked
):
    monkeypatch.setattr(review, "MAX_ORIGINS", most)
    broken(Tenant.objects.get(slug="acme"))
    broken(rival)

    page = shown(superuser)

    assert_says(page, "attention-looked-partly", counter=looked)
    assert ("rival.Wrong.example" in page) == (looked > 0)
    assert "acme.Wrong.example" not in page


@pytest.mark.parametrize(("most", "said"), [
    (10, {"attention-ended": {"counter": 2}, "attention-risky": {"counter": 1}}),
    (0, {"attention-ended-many": {"most": 0}, "attention-risky-many": {"most": 0}}),
])  # fmt: skip
def test_what_has_ended_or_is_risky_is_counted_in_all_tenants(
    superuser, rival, monkeypatch, most, said
):
    monkeypatch.setattr(review, "MAX_TENANTS", 1)
    monkeypatch.setattr(start, "MAX_LISTED_ROWS", most)
    for tenant in (rival, make_site("acme")):
        OriginFactory(tenant=tenant, valid_until=timezone.now())
    OriginFactory(
        tenant=rival, pattern="http://plain.example", credentials=True, risk_accepted=True
    )

    page = shown(superuser)

    for code, values in said.items():
        assert_says(page, code, **values)


def findings(client):
    """Return the tenant and the code of what the start page has found."""
    return {(one.tenant, one.code) for one in client.get(START).context["review"].findings}


def lacking(client):
    """Return which tenants the start page says to lack what."""
    return {found for found in findings(client) if found[1].startswith("tenant-without")}


HOST, RULE = "tenant-without-host", "tenant-without-rule"
LACKS = [
    pytest.param({}, {HOST, RULE}, id="a tenant that lacks both"),
    pytest.param({"host": True}, {RULE}, id="one that has a host"),
    pytest.param({"rule": {}}, {HOST}, id="one that has a rule"),
    pytest.param({"rule": {"enabled": False}}, {HOST, RULE}, id="one whose rule is disabled"),
    pytest.param({"rule": {"methods": "GET"}}, {HOST}, id="one whose rule is not valid"),
    pytest.param({"entry": {"enabled": False}}, {HOST}, id="one without an enabled origin"),
    pytest.param({"is_active": False}, set(), id="one that is not active"),
    pytest.param({"inherits_platform": True}, {HOST, RULE}, id="one that inherits no rule"),
    pytest.param({"inherits_platform": True, "above": {}}, {HOST}, id="one that inherits a rule"),
    pytest.param(
        {"inherits_platform": True, "above": {"enabled": False}},
        {HOST, RULE},
        id="one that inherits a disabled rule",
    ),
    pytest.param({"above": {}}, {HOST, RULE}, id="one beside a rule that it does not inherit"),
    pytest.param({"resolver": "corsadmin.tenants.by_path"}, {RULE}, id="one that needs no host"),
]


# Both ways of finding out: all tenants are read, or one query is asked.
WAYS = (200, 0)


@pytest.mark.parametrize(("given", "wanted"), LACKS)
def test_every_tenant_is_checked_for_a_host_and_a_rule(
    superuser, settings, monkeypatch, given, wanted
):
    resolver = given.get("resolver", "corsadmin.tenants.by_host")
    settings.CORSADMIN = {**settings.CORSADMIN, "TENANT_RESOLVER": resolver}
    tenant = TenantFactory(
        slug="lost",
        is_active=given.get("is_active", True),
        inherits_platform=given.get("inherits_platform", False),
    )
    OriginFactory(tenant=tenant, **given.get("entry", {}))
    if "host" in given:
        TenantHostFactory(tenant=tenant)
    if "rule" in given:
        PathRuleFactory(tenant=tenant, **given["rule"])
    if "above" in given:
        PathRuleFactory(tenant=Tenant.objects.platform(), **given["above"])

    for most in WAYS:
        monkeypatch.setattr(review, "MAX_TENANTS", most)
        assert lacking(superuser) == {("lost", code) for code in wanted}, most


@pytest.mark.parametrize(("most", "said"), [
    (2, filled("attention-more-findings-at-least", more=1)),
    (3, filled("attention-more-findings", counter=2)),
])  # fmt: skip
def test_more_tenants_than_are_counted_are_told_of(superuser, platform, monkeypatch, most, said):
    monkeypatch.setattr(review, "MAX_TENANTS", 0)
    monkeypatch.setattr(review, "MAX_UNSERVED", most)
    monkeypatch.setattr(finding_groups, "MAX_SHOWN_FINDINGS", 1)
    for _number in range(3):
        TenantFactory()

    assert said in shown(superuser)


def test_a_member_is_told_of_ones_own_tenants_only(member, acme, rival, monkeypatch):
    monkeypatch.setattr(review, "MAX_TENANTS", 0)
    for tenant in (acme, rival):
        tenant.hosts.all().delete()

    assert lacking(member) == {("acme", HOST)}


@pytest.mark.parametrize(("known", "code", "values"), [
    pytest.param(None, "process-loaded-nothing", {}, id="nothing"),
    pytest.param(8, "process-current", {"stored": 8}, id="all"),
    pytest.param(7, "process-behind", {"known": 7, "stored": 8}, id="all but the last change"),
])  # fmt: skip
def test_what_the_process_knows_is_said(known, code, values):
    process = {"state": "ready", "known": known, "stored": 8}
    context = {"shown": True, "review": review.Review([], None), "process": process}

    page = render_to_string("corsadmin/card_process.html", context)

    assert_says(page, "process-state", state="ready")
    assert_says(page, code, **values)


def test_what_is_cut_says_so(superuser, acme, rival, platform, monkeypatch):
    monkeypatch.setattr(finding_groups, "MAX_SHOWN_FINDINGS", 1)
    for number in range(3):
        OriginFactory(tenant=acme, pattern=f"https://Wrong{number}.example")
        OriginFactory(tenant=acme, valid_until=timezone.now() + timedelta(days=number + 1))
    monkeypatch.setattr(start, "MAX_SHOWN", 2)

    page = shown(superuser)
    of_acme = superuser.get(reverse("admin:corsadmin_tenant_change", args=[acme.pk]))

    assert_says(page, "attention-more-findings", counter=2)
    assert_says(page, "attention-more-end-later")
    assert_says(of_acme, "attention-more-findings", counter=2)


def test_the_start_page_costs_few_queries(superuser):
    for number in range(20):
        make_site(f"tenant-{number}", origins=["https://x.example", "https://X.example"])

    assert len(queries_of(superuser, START)) < 20


@pytest.mark.parametrize("case", ["active", "not active", "too long"])
def test_the_page_of_a_tenant_says_what_is_wrong_with_it(superuser, acme, monkeypatch, case):
    PathRuleFactory(tenant=acme, path="/broken/", methods="GET")
    if case == "not active":
        Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    if case == "too long":
        monkeypatch.setattr(review, "MAX_ORIGINS", 0)

    page = superuser.get(reverse("admin:corsadmin_tenant_change", args=[acme.pk]))

    named = [finding.name for finding in page.context["review"].findings]
    assert ("/broken/" in named) == (case == "active")
    assert says(page, "attention-too-many-origins", tenant="acme") == (case == "too long")


def test_a_policy_of_the_platform_that_no_request_meets_is_named(superuser, monkeypatch):
    PathRuleFactory(tenant=TenantFactory(slug="platform"))

    for most in WAYS:
        monkeypatch.setattr(review, "MAX_TENANTS", most)
        assert ("platform", "platform-without-host") in findings(superuser), most
    make_site("acme")
    for most in WAYS:
        monkeypatch.setattr(review, "MAX_TENANTS", most)
        assert ("platform", "platform-without-host") not in findings(superuser), most
