"""What is said of a row that cannot be added, to those who may not see the one in its way."""

import json

import pytest
from django.urls import reverse

from corsadmin.models import Origin, TenantHost
from tests.admin.conftest import grant, log_in
from tests.admin.forms import codes_of, errors_of, submit
from tests.admin.past import url
from tests.factories import OriginFactory, TenantHostFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import text

pytestmark = pytest.mark.slow

TENANTS = "/admin/corsadmin/tenant/"


def document(**keys):
    return json.dumps({"version": 1, "tenants": [{"slug": "acme", **keys}]})


ADDED = {
    "a host": ("tenanthost", {"host": "rival.example.net"}, "cannot-add-host"),
    "an origin": ("origin", {"pattern": "https://app.acme.example"}, "cannot-add-origin"),
    "a path rule": ("pathrule", {"path": "/api/"}, "cannot-add-rule"),
}
# What Django says of a host that is there.
TAKEN = TenantHost().unique_error_message(TenantHost, ("host",)).messages[0]


@pytest.mark.parametrize(("model", "given", "said"), ADDED.values(), ids=ADDED)
def test_who_adds_without_a_view_reads_no_more_than_that_it_cannot_be(
    acme, rival, model, given, said
):
    client = log_in(grant(UserFactory(), "view_tenant", f"add_{model}"))

    response = submit(client, reverse(f"admin:corsadmin_{model}_add"), {"tenant": acme.pk, **given})

    assert codes_of(response) == {"cannot-be-added"}
    assert errors_of(response) == [text(said)]


def test_who_adds_tenants_without_a_view_reads_no_more_than_that_it_cannot_be(acme):
    client = log_in(grant(UserFactory(), "add_tenant"))

    response = submit(client, reverse("admin:corsadmin_tenant_add"), {"slug": "acme"})

    assert errors_of(response) == [text("cannot-add-tenant")]


def test_who_sees_the_row_in_the_way_is_told_of_it(editor, acme, rival):
    page = reverse("admin:corsadmin_tenanthost_add")

    response = submit(editor, page, {"tenant": acme.pk, "host": "rival.example.net"})

    assert codes_of(response) == {"unique"}


def test_pasted_lines_that_are_there_cannot_be_added_without_a_view(acme):
    client = log_in(grant(UserFactory(), "view_tenant", "add_origin"))

    response = client.post(
        reverse("admin:corsadmin_tenant_paste", args=[acme.pk]),
        {"lines": "https://app.acme.example\nhttps://new.example"},
    )

    assert [line.messages for line in response.context["lines"]] == [
        [text("cannot-add-origin")],
        [],
    ]


def test_copies_that_are_there_cannot_be_added_without_a_view(acme, rival):
    user = grant(UserFactory(), "view_tenant", "add_origin", "delete_origin")
    TenantMemberFactory(tenant=acme, user=user, role="viewer")
    entry = acme.origins.get()
    OriginFactory(tenant=rival, pattern=entry.pattern)

    response = log_in(user).post(
        reverse("admin:corsadmin_origin_changelist"),
        {
            "action": "copy_to_tenants",
            "_selected_action": [entry.pk],
            "tenants": [rival.pk],
            "check": "Check",
        },
    )

    assert [copy.message for copy in response.context_data["copies"]] == [text("cannot-add-origin")]


def test_a_row_that_is_elsewhere_now_cannot_be_put_back_by_those_who_do_not_see_it(
    member, acme, rival, clock
):
    clock()
    entry = acme.origins.get()
    before = clock()
    Origin.objects.filter(pk=entry.pk).update(tenant=rival)

    page = reverse("admin:corsadmin_tenant_restore", args=[acme.pk])
    response = member.get(page, {"before": before.isoformat()})

    assert [move.forbidden for move in response.context["moves"]] == [text("cannot-add-origin")]


RESTORERS = {
    "who does not see its owner": (["add_tenanthost"], text("cannot-add-host")),
    "who sees it without its owner": (
        ["add_tenanthost", "view_tenanthost"],
        text("cannot-add-host"),
    ),
    "who sees its owner": (["add_tenanthost", "view_tenanthost", "view_tenant"], TAKEN),
}


@pytest.mark.parametrize(("codenames", "said"), RESTORERS.values(), ids=RESTORERS)
def test_a_host_that_has_gone_to_another_tenant_is_not_put_back_for(
    acme, rival, clock, codenames, said
):
    user = grant(UserFactory(), *codenames)
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    clock()
    before = clock()
    host = acme.hosts.get()
    host.delete()
    TenantHostFactory(tenant=rival, host=host.host)

    response = submit(log_in(user), url("restore", acme, before))

    assert response.context["refused"] == f"host {host.host}: {said}"
    assert "rival" not in response.content.decode()
    assert not acme.hosts.exists()


IMPORTS = {
    "another tenant's host": ({"hosts": ["rival.example.net"]}, ["cannot-be-added"]),
    "the tenant's own host": ({"hosts": ["acme.example.net"]}, ["cannot-be-added"]),
    "nobody's host": ({"hosts": ["new.example"]}, []),
    "a rule that is there": ({"paths": [{"path": "/api/"}]}, ["cannot-be-added"]),
    "a new rule": ({"paths": [{"path": "/new/"}]}, []),
}


@pytest.mark.parametrize(("keys", "codes"), IMPORTS.values(), ids=IMPORTS)
def test_an_import_of_rows_that_are_there_without_a_view(acme, rival, keys, codes):
    permissions = ("change_tenant", "change_origin", "add_tenanthost", "add_pathrule")
    client = log_in(grant(UserFactory(), *permissions))

    response = client.post(f"{TENANTS}import/", {"text": document(name="Acme", **keys)})

    found = response.context.get("problems", ())
    assert [fault.code for fault, _correction in found] == codes
    assert "rival" not in response.content.decode().replace("rival.example.net", "")


MOVES = {
    "who may add and see hosts": (
        ["view_tenanthost", "add_tenanthost"],
        ["change hosts of acme (1)"],
    ),
    "who may change hosts": (["change_tenanthost"], []),
}


@pytest.mark.parametrize(("codenames", "said"), MOVES.values(), ids=MOVES)
def test_a_host_goes_to_another_tenant_of_the_file_for(acme, rival, codenames, said):
    user = grant(UserFactory(), "change_origin", *codenames)
    for tenant in (acme, rival):
        TenantMemberFactory(tenant=tenant, user=user, role="editor")
    tenants = [
        {"slug": "acme", "name": "Acme", "hosts": ["rival.example.net"]},
        {"slug": "rival", "name": "Rival"},
    ]

    response = log_in(user).post(
        f"{TENANTS}import/", {"text": json.dumps({"version": 1, "tenants": tenants})}
    )

    found = response.context.get("problems", ())
    assert [fault.value for fault, _correction in found] == said
    assert TenantHost.objects.filter(tenant=rival).count() == 1
