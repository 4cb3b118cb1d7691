"""Who may set up a new customer, and what the page tells whom."""

import pytest
from django.urls import reverse

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import CANNOT_BE_ADDED
from tests.admin.conftest import ROW_PERMISSIONS, grant, log_in
from tests.admin.customers import PAGE, look, said, save
from tests.factories import TenantMemberFactory, UserFactory

pytestmark = pytest.mark.slow

ADDS = ["add_tenant", "add_tenanthost", "add_pathrule", "add_origin"]
VIEWS = ["view_tenant", "view_tenanthost", "view_pathrule", "view_origin"]


def person(*codenames):
    return log_in(grant(UserFactory(), *codenames))


@pytest.mark.parametrize("missing", ADDS)
def test_who_may_not_add_all_that_it_writes_has_no_such_page(acme, missing):
    client = person(*({*ADDS, *VIEWS} - {missing}))

    assert client.get(PAGE).status_code == 403
    assert look(client).status_code == 403
    assert PAGE not in client.get("/admin/corsadmin/tenant/").content.decode()


def test_who_adds_everything_is_offered_it(acme):
    client = person(*ADDS, *VIEWS)

    assert PAGE in client.get("/admin/corsadmin/tenant/").content.decode()
    assert save(client, look(client)).status_code == 302


def test_the_first_step_of_an_empty_site_leads_to_it(superuser):
    assert PAGE in superuser.get("/admin/corsadmin/").content.decode()


@pytest.mark.parametrize("who", ["member", "viewer", "outsider"])
def test_people_of_one_tenant_have_no_such_page(request, who):
    assert request.getfixturevalue(who).get(PAGE).status_code == 403


def test_where_all_requests_are_the_platforms_nobody_sets_up_customers(superuser, settings):
    settings.CORSADMIN = {"TENANT_RESOLVER": "corsadmin.tenants.single"}

    assert superuser.get(PAGE).status_code == 403


def test_where_hosts_name_no_tenant_no_call_is_judged(superuser, acme, settings):
    settings.CORSADMIN = {
        "TENANT_RESOLVER": "corsadmin.tenants.by_subdomain",
        "TENANT_BASE_DOMAIN": "example.net",
    }
    shown = look(superuser)

    assert shown.context["outlook"].example is None
    assert save(superuser, shown).status_code == 302


def test_who_sees_one_tenant_only_is_told_nothing_of_others(acme, rival):
    """Neither whose a slug or a host is, nor what the platform opens."""
    Origin.objects.create(tenant=Tenant.objects.platform(), pattern="https://secret.example")
    user = grant(UserFactory(), *ADDS)
    TenantMemberFactory(tenant=acme, user=user)
    client = log_in(user)

    taken = look(client, slug="rival", hosts="rival.example.net")
    assert taken.context["form"].errors["slug"] == [str(CANNOT_BE_ADDED[Tenant])]
    shown = look(client, hosts="rival.example.net")
    assert shown.context["lines"][0].messages == [str(CANNOT_BE_ADDED[TenantHost])]
    assert shown.context["outlook"] is None
    assert "secret" not in shown.content.decode()
    saved = save(client, shown)
    assert saved.url == reverse("admin:corsadmin_tenant_changelist")
    assert "href" not in said(saved)[0]


def test_the_people_who_write_everything_may_set_up(acme):
    client = person(*ROW_PERMISSIONS)

    saved = save(client, look(client))

    assert "/tenantmember/" not in said(saved)[0]
    assert PathRule.objects.filter(tenant__slug="new-customer-inc").exists()
