"""Every page of the app, asked for by every kind of person; a new page fails until it has a row."""

import pytest
from django.contrib import admin
from django.urls import reverse

from corsadmin.admin.history.change_number import change_number
from tests.factories import TenantMemberFactory

pytestmark = pytest.mark.slow

# What a page of acme, of rival or of any tenant answers to each of PEOPLE.
# The member and the viewer belong to acme. An empty form is posted.
PAGES = """
origin_add                  any    get   200 200 200 403 403
origin_add                  any    post  200 200 200 403 403
origin_audit                any    get   200 200 200 200 403
origin_audit                any    post  200 200 200 200 403
origin_change               acme   get   200 200 200 200 403
origin_change               rival  get   200 200 302 302 403
origin_change               acme   post  200 200 200 403 403
origin_change               rival  post  200 200 302 403 403
origin_changelist           any    get   200 200 200 200 403
origin_changelist           any    post  200 200 200 403 403
origin_delete               acme   get   200 200 200 403 403
origin_delete               rival  get   200 200 302 403 403
origin_delete               acme   post  200 200 200 403 403
origin_delete               rival  post  200 200 302 403 403
origin_history              acme   get   200 200 200 200 404
origin_history              rival  get   200 200 404 404 404
origin_history              acme   post  200 200 200 200 404
origin_history              rival  post  200 200 404 404 404
origin_replace              acme   get   200 200 200 403 404
origin_replace              rival  get   200 200 404 404 404
origin_replace              acme   post  200 200 200 403 404
origin_replace              rival  post  200 200 404 404 404
origin_simple_history       acme   get   200 200 200 200 404
origin_simple_history       rival  get   200 200 404 404 404
origin_simple_history       acme   post  200 200 200 403 404
origin_simple_history       rival  post  200 200 404 404 404
origin_tenants              any    get   200 200 200 200 403
origin_tenants              any    post  200 200 200 200 403
pathrule_add                any    get   200 200 200 403 403
pathrule_add                any    post  200 200 200 403 403
pathrule_audit              any    get   200 200 200 200 403
pathrule_audit              any    post  200 200 200 200 403
pathrule_change             acme   get   200 200 200 200 403
pathrule_change             rival  get   200 200 302 302 403
pathrule_change             acme   post  200 200 200 403 403
pathrule_change             rival  post  200 200 302 403 403
pathrule_changelist         any    get   200 200 200 200 403
pathrule_changelist         any    post  200 200 200 403 403
pathrule_delete             acme   get   200 200 200 403 403
pathrule_delete             rival  get   200 200 302 403 403
pathrule_delete             acme   post  200 200 200 403 403
pathrule_delete             rival  post  200 200 302 403 403
pathrule_history            acme   get   200 200 200 200 404
pathrule_history            rival  get   200 200 404 404 404
pathrule_history            acme   post  200 200 200 200 404
pathrule_history            rival  post  200 200 404 404 404
pathrule_simple_history     acme   get   200 200 200 200 404
pathrule_simple_history     rival  get   200 200 404 404 404
pathrule_simple_history     acme   post  200 200 200 403 404
pathrule_simple_history     rival  post  200 200 404 404 404
tenant_add                  any    get   200 200 403 403 403
tenant_add                  any    post  200 200 403 403 403
tenant_change               acme   get   200 200 200 200 403
tenant_change               rival  get   200 200 302 302 403
tenant_change               acme   post  200 200 200 403 403
tenant_change               rival  post  200 200 302 403 403
tenant_changelist           any    get   200 200 200 200 403
tenant_changelist           any    post  200 200 200 403 403
tenant_delete               any    get   200 200 403 403 403
tenant_delete               any    post  200 200 403 403 403
tenant_forget               acme   get   200 404 403 403 403
tenant_forget               acme   post  200 404 403 403 403
tenant_forget               rival  get   200 404 404 404 403
tenant_forget               rival  post  200 404 404 404 403
tenant_history              acme   get   200 200 200 200 404
tenant_history              rival  get   200 200 404 404 404
tenant_history              acme   post  200 200 200 200 404
tenant_history              rival  post  200 200 404 404 404
tenant_try                  any    get   200 200 200 200 403
tenant_try                  any    post  200 200 200 200 403
tenant_import               any    get   200 200 200 403 403
tenant_import               any    post  200 200 200 403 403
tenant_compare              any    get   200 200 200 200 403
tenant_compare              any    post  200 200 200 200 403
tenant_copy                 any    get   200 200 200 403 403
tenant_copy                 any    post  200 200 200 403 403
tenant_new_customer         any    get   200 200 403 403 403
tenant_new_customer         any    post  200 200 403 403 403
tenant_emergency            acme   get   200 403 403 403 403
tenant_emergency            rival  get   200 403 404 404 403
tenant_emergency            acme   post  200 403 403 403 403
tenant_emergency            rival  post  200 403 404 404 403
tenant_paste                acme   get   200 200 200 403 403
tenant_paste                acme   post  200 200 200 403 403
tenant_paste                rival  get   200 200 404 404 403
tenant_paste                rival  post  200 200 404 404 403
tenant_history_all          any    get   200 200 200 200 403
tenant_history_all          any    post  200 200 200 200 403
tenant_undo                 acme   get   200 200 200 403 403
tenant_undo                 acme   post  200 200 200 403 403
tenant_undo                 rival  get   200 200 404 403 403
tenant_undo                 rival  post  200 200 404 403 403
tenant_timeline             acme   get   301 301 301 301 403
tenant_timeline             acme   post  301 301 301 301 403
tenant_timeline             rival  get   301 301 404 404 403
tenant_timeline             rival  post  301 301 404 404 403
tenant_restore              acme   get   200 200 200 403 403
tenant_restore              acme   post  200 200 200 403 403
tenant_restore              rival  get   200 200 404 404 403
tenant_restore              rival  post  200 200 404 404 403
tenant_clean_up             any    get   200 403 200 200 403
tenant_clean_up             any    post  200 403 200 200 403
tenant_clean_up_of          acme   get   200 404 200 200 403
tenant_clean_up_of          acme   post  302 404 302 403 403
tenant_clean_up_of          rival  get   200 404 404 404 403
tenant_clean_up_of          rival  post  302 404 404 404 403
tenant_make                 any    get   302 302 302 302 403
tenant_make                 any    post  302 302 302 302 403
tenant_probe                any    get   200 403 403 403 403
tenant_probe                any    post  200 403 403 403 403
tenant_unknown_hosts        any    get   200 403 403 403 403
tenant_unknown_hosts        any    post  200 403 403 403 403
tenant_inbox                any    get   200 403 200 200 403
tenant_inbox                any    post  302 403 302 403 403
tenant_inbox_of             acme   get   200 404 200 200 403
tenant_inbox_of             acme   post  302 404 302 403 403
tenant_inbox_of             rival  get   200 404 404 404 403
tenant_inbox_of             rival  post  302 404 404 404 403
tenant_deleted              any    get   200 200 403 403 403
tenant_deleted              any    post  200 200 403 403 403
tenant_simple_history       acme   get   200 200 200 200 404
tenant_simple_history       rival  get   200 200 404 404 404
tenant_simple_history       acme   post  200 200 200 403 404
tenant_simple_history       rival  post  200 200 404 404 404
tenanthost_add              any    get   200 200 403 403 403
tenanthost_add              any    post  200 200 403 403 403
tenanthost_change           acme   get   200 200 200 200 403
tenanthost_change           rival  get   200 200 302 302 403
tenanthost_change           any    post  200 200 403 403 403
tenanthost_changelist       any    get   200 200 200 200 403
tenanthost_changelist       any    post  200 200 403 403 403
tenanthost_delete           any    get   200 200 403 403 403
tenanthost_delete           any    post  200 200 403 403 403
tenanthost_history          acme   get   200 200 200 200 404
tenanthost_history          rival  get   200 200 404 404 404
tenanthost_history          acme   post  200 200 200 200 404
tenanthost_history          rival  post  200 200 404 404 404
tenanthost_simple_history   acme   get   200 200 200 200 404
tenanthost_simple_history   rival  get   200 200 404 404 404
tenanthost_simple_history   acme   post  200 200 403 403 404
tenanthost_simple_history   rival  post  200 200 404 404 404
tenantmember_add            any    get   200 403 403 403 403
tenantmember_add            any    post  200 403 403 403 403
tenantmember_audit          any    get   200 403 403 403 403
tenantmember_audit          any    post  200 403 403 403 403
tenantmember_change         any    get   200 403 403 403 403
tenantmember_change         any    post  200 403 403 403 403
tenantmember_changelist     any    get   200 403 403 403 403
tenantmember_changelist     any    post  200 403 403 403 403
tenantmember_delete         any    get   200 403 403 403 403
tenantmember_delete         any    post  200 403 403 403 403
tenantmember_history        any    get   200 404 404 404 404
tenantmember_history        any    post  200 404 404 404 404
tenantmember_simple_history any    get   200 404 404 404 404
tenantmember_simple_history any    post  200 404 404 404 404
tenantmember_users          any    get   200 403 403 403 403
tenantmember_users          any    post  200 403 403 403 403
"""
PEOPLE = ("superuser", "editor", "member", "viewer", "outsider")


def names():
    """Return the name of every URL that the app's screens add to the admin."""
    found = set()
    for model, screen in admin.site._registry.items():
        if model._meta.app_label == "corsadmin":
            found |= {pattern.name for pattern in screen.get_urls() if pattern.name}
    return sorted(found)


def address(name, tenant):
    model = name.split("_")[1]
    row = {
        "tenant": lambda: tenant,
        "tenanthost": tenant.hosts.get,
        "pathrule": tenant.paths.get,
        "origin": tenant.origins.get,
        "tenantmember": lambda: TenantMemberFactory(tenant=tenant, role="viewer"),
    }[model]()
    if name.endswith(
        (
            "_changelist",
            "_add",
            "_try",
            "_import",
            "_deleted",
            "_inbox",
            "_probe",
            "_make",
            "_clean_up",
            "_unknown_hosts",
            "_history_all",
            "_users",
            "_tenants",
            "_compare",
            "_copy",
            "_new_customer",
        )
    ):
        return reverse(f"admin:{name}")
    if name.endswith("_audit"):
        return reverse(f"admin:{name}", args=["csv"])
    if name.endswith("_undo"):
        number = change_number(row.history.latest().history_date)
        return reverse(f"admin:{name}", args=[number])
    if name.endswith("_restore"):
        return reverse(f"admin:{name}", args=[row.pk]) + "?before=2020-01-01T00:00:00Z"
    if name.endswith("_simple_history"):
        return reverse(f"admin:{name}", args=[row.pk, row.history.first().pk])
    return reverse(f"admin:{name}", args=[row.pk])


def test_every_page_has_its_rows():
    listed = {line.split()[0] for line in PAGES.strip().splitlines()}

    assert {f"corsadmin_{name}" for name in listed} == set(names())


@pytest.mark.sweep
@pytest.mark.parametrize("person", PEOPLE)
def test_who_gets_which_page(request, acme, rival, person):
    client = request.getfixturevalue(person)
    tenants = {"acme": acme, "rival": rival}
    wanted = {}
    for line in PAGES.strip().splitlines():
        name, of, method, *answers = line.split()
        # A page of no tenant has one address.
        for where in {
            address(f"corsadmin_{name}", tenants[tenant])
            for tenant in (tenants if of == "any" else (of,))
        }:
            wanted[method, where] = int(answers[PEOPLE.index(person)])

    assert {
        (method, where): getattr(client, method)(where).status_code for method, where in wanted
    } == wanted


def test_the_app_is_on_the_front_page_of_those_who_have_something_to_see(request, acme):
    for person in PEOPLE:
        shown = request.getfixturevalue(person).get("/admin/").content.decode()

        assert ("/admin/corsadmin/origin/" in shown) == (person != "outsider")
        assert ("/admin/corsadmin/tenantmember/" in shown) == (person == "superuser")


def test_who_is_not_logged_in_is_asked_to(client, acme):
    for name in names():
        response = client.get(address(name, acme))

        assert response.status_code == 302, name
        assert response["Location"].startswith("/admin/login/"), name
