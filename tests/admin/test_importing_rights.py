"""Import in the admin: nobody does by a file what the forms would refuse them."""

import pytest
from django.test import Client
from django.urls import reverse

from corsadmin.models import Tenant, TenantMember
from tests.admin.conftest import grant, log_in
from tests.admin.forms import fields_of
from tests.admin.imports import (
    NEW,
    OLD,
    PAGE,
    TABLE,
    check,
    confirm,
    document,
    moves,
    origins,
    patterns,
    problems,
    steps,
)
from tests.factories import TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, filled, text

pytestmark = pytest.mark.slow


def test_who_lost_the_right_meanwhile_is_refused(member, acme, rival):
    TenantMemberFactory(tenant=rival, user__username="other")
    user = TenantMember.objects.get(user__username="member").user
    extra = TenantMemberFactory(tenant=rival, user=user, role="editor")
    shown = check(member, f"tenant,pattern\nrival,{NEW}\n")
    extra.delete()

    response = confirm(member, shown)

    assert response.status_code == 200
    assert [row.number for row in response.context["wrong_rows"]] == [2]
    assert patterns(rival) == {"https://app.rival.example"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"tenant,pattern\nrival,{NEW}\n", id="R53 a row of another tenant"),
        pytest.param(f"tenant,pattern\nnobody,{NEW}\n", id="R53 a tenant that does not exist"),
        pytest.param(f"tenant,pattern\nplatform,{NEW}\n", id="R53 the platform"),
        pytest.param(document({"slug": "rival"}), id="R53 nothing but another tenant's name"),
        pytest.param(
            document(origins({"pattern": "http://a.example", "risk_accepted": True})),
            id="R54 an accepted risk",
        ),
        pytest.param(
            document({"slug": "acme", "paths": [{"path": "/x/", "any_origin": True}]}),
            id="R54 any origin",
        ),
        pytest.param(document({"slug": "acme", "hosts": ["rival.example.net"]}), id="R53 a host"),
    ],
)
def test_members_import_only_what_they_may_write(member, acme, rival, text):
    before = moves()

    response = check(member, text)

    codes = (
        {code for _place, code in problems(response)} if "problems" in response.context else set()
    )
    assert codes == {"not-permitted"} or response.context["wrong"] == 1
    assert "app.rival.example" not in response.content.decode()
    assert confirm(member, response).status_code == 200
    assert moves() == before


def test_r74_the_platform_and_risks_need_their_permissions(editor, superuser, acme, platform):
    risky = document(
        origins({"pattern": "http://a.example", "credentials": True, "risk_accepted": True})
    )
    everybody = f"tenant,pattern\nplatform,{NEW}\n"

    for sent in (risky, everybody):
        refused = check(editor, sent)
        assert_says(refused, "import-not-permitted")
        assert "digest" not in fields_of(refused)
        shown = check(superuser, sent)
        assert confirm(superuser, shown, change_reason="OPS-1").status_code == 302
    assert patterns(platform) == {NEW}


def test_permission_for_all_tenants_makes_new_ones(editor):
    shown = check(
        editor, document(origins({"pattern": NEW}, slug="fresh", hosts=["fresh.example"]))
    )

    assert confirm(editor, shown).status_code == 302
    assert Tenant.objects.get(slug="fresh").hosts.get().host == "fresh.example"


def test_a_permission_for_one_kind_alone_opens_the_page_for_that_kind(acme):
    client = log_in(grant(UserFactory(), "view_tenant", "change_origin"))

    changed = check(client, f"tenant,pattern,credentials\nacme,{OLD},true\n")

    assert steps(changed) == [("~", "origin", OLD, [("credentials", "no", "yes")])]


def test_who_may_not_see_tenants_gets_no_page(acme):
    assert log_in(grant(UserFactory(), "change_origin")).get(PAGE).status_code == 403


@pytest.mark.parametrize("person", ["viewer", "outsider"])
def test_r73_who_may_not_write_gets_no_page(request, acme, person, member):
    client = request.getfixturevalue(person)
    plan = fields_of(check(member, TABLE))
    plan.pop("file")
    before = moves()

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {**plan, "apply": "Import this"}).status_code == 403
    assert moves() == before


def test_a_post_from_elsewhere_is_refused(acme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    assert check(client, TABLE).status_code == 403


def test_who_may_write_finds_the_way(member, viewer, acme):
    tenants = reverse("admin:corsadmin_tenant_changelist")

    assert PAGE in member.get(tenants).content.decode()
    assert PAGE not in viewer.get(tenants).content.decode()


ROWS = f"tenant,pattern,credentials,risk_accepted\nacme,{NEW},no,no\nacme,{OLD},yes,no\n"


@pytest.mark.parametrize(
    ("permissions", "rows", "written"),
    [
        pytest.param(
            ["view_origin", "add_origin"],
            [(3, filled("import-not-permitted", value=f"change {OLD} of acme"))],
            [("+", NEW)],
            id="who may only add adds, and what would change is refused by name",
        ),
        pytest.param(
            ["change_origin"],
            [(2, filled("import-not-permitted", value=f"add {NEW} of acme"))],
            [("~", OLD)],
            id="who may only change changes, and what would be added is refused by name",
        ),
        pytest.param(
            ["add_origin"],
            [(3, text("cannot-add-origin"))],
            [("+", NEW)],
            id="who may not look at origins is not told that one is there",
        ),
    ],
)
def test_rows_that_somebody_may_not_write_are_refused_by_themselves(
    acme, permissions, rows, written
):
    client = log_in(grant(UserFactory(), "view_tenant", *permissions))

    shown = check(client, ROWS)
    confirmed = confirm(client, shown)

    found = shown.context["wrong_rows"]
    said = [" ".join(one.text for cell in row.cells for one in cell.complaints) for row in found]
    assert [row.number for row in found] == [number for number, _text in rows]
    assert all(text in sentence for (_, text), sentence in zip(rows, said, strict=True))
    assert [(sign, title) for sign, _kind, title, _fields in steps(shown)] == written
    assert [row.number for row in confirmed.context["wrong_rows"]] == [row for row, _text in rows]
    assert NEW in patterns(acme) or written[0][0] == "~"


def test_a_risk_that_somebody_may_not_accept_is_refused_in_its_row(editor, acme):
    text = f"tenant,pattern,risk_accepted\nacme,{NEW},no\nacme,http://a.example,yes\n"

    shown = check(editor, text)

    (row,) = shown.context["wrong_rows"]
    assert [cell.label for cell in row.cells if cell.complaints] == ["risk accepted"]
    assert [title for _sign, _kind, title, _fields in steps(shown)] == [NEW]
