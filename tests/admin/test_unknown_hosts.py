"""Hosts that callers asked for and no tenant has: for global staff, each given to a tenant by a form."""

import pytest
from django.urls import reverse

from corsadmin.models import TenantHost, UnknownHost
from tests.admin.conftest import grant, log_in
from tests.admin.forms import fields_of, submit
from tests.admin.queries import queries_of
from tests.factories import UserFactory
from tests.messages.screens import assert_says

PAGE = "/admin/corsadmin/tenant/unknown-hosts/"
HOST = "api.new.example"


def hosts(client):
    response = client.get(PAGE)

    assert response.status_code == 200
    return response.context["hosts"]


def test_the_busiest_come_first_and_those_of_tenants_are_left_out(superuser, acme):
    for name, hours, calls in (("b", 1, 9), ("c", 2, 1), ("a", 1, 9), ("acme", 9, 9)):
        UnknownHost.objects.create(host=f"{name}.example.net", hours=hours, calls=calls)

    assert [name for name, _host, _form in hosts(superuser)] == [
        f"{name}.example.net" for name in "cab"
    ]
    assert len(queries_of(superuser, PAGE)) <= 20


def test_a_host_is_given_to_a_tenant_through_the_ordinary_form(superuser, acme):
    UnknownHost.objects.create(host=HOST)
    ((_name, _host, address),) = hosts(superuser)

    assert fields_of(superuser.get(address))["host"] == HOST
    response = submit(superuser, address, {"tenant": acme.pk})
    assert response["Location"] == PAGE
    assert TenantHost.objects.get(host=HOST).tenant == acme
    assert hosts(superuser) == []
    assert_says(superuser.get(PAGE), "hosts-none-unknown")


PEOPLE = {
    "sees hosts and unknown hosts": (["view_tenanthost", "view_unknownhost"], 200),
    "sees unknown hosts": (["view_unknownhost"], 403),
    "sees hosts": (["view_tenanthost"], 403),
}


@pytest.mark.parametrize(("permissions", "status"), PEOPLE.values(), ids=PEOPLE)
def test_the_page_is_for_those_who_see_all_hosts(acme, permissions, status):
    UnknownHost.objects.create(host=HOST)
    client = log_in(grant(UserFactory(), "view_tenant", *permissions))
    response = client.get(PAGE)

    assert response.status_code == status
    lists = client.get(reverse("admin:corsadmin_tenant_changelist")).content.decode()
    assert (PAGE in lists) == (status == 200)
    if status == 200:
        ((_name, _host, address),) = response.context["hosts"]
        assert address == ""


def test_members_do_not_see_it(member, viewer):
    assert [client.get(PAGE).status_code for client in (member, viewer)] == [403, 403]


def test_nothing_of_a_name_runs(superuser):
    UnknownHost.objects.create(host="<script>\u202ealert(1)")
    shown = superuser.get(PAGE).content.decode()

    assert "<script>\\u202e" not in shown
    assert "&lt;script&gt;\\u202ealert(1)" in shown
    assert "\u202e" not in shown
