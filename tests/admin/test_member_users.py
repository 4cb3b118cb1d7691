"""Members are chosen by name or e-mail address, and nobody is shown who may not be seen."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from corsadmin.models import Generation, TenantMember
from tests.admin.conftest import grant, log_in
from tests.admin.forms import codes_of, errors_of, fields_of, submit
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, assert_silent, filled, says

pytestmark = pytest.mark.slow

ADD = "/admin/corsadmin/tenantmember/add/"
SEARCH = "/admin/corsadmin/tenantmember/users/"


@pytest.fixture
def bob(db):
    return UserFactory(
        username="bob.b", email="bob@acme.example", first_name="Bob", last_name="van Bobson"
    )


def view_users(user):
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    return user


def change(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize(
    "text", ["bob.b", " bob.b ", "bob@acme.example", "BOB@acme.example", "bob van bobson"]
)
def test_a_user_is_named_as_people_know_them(superuser, acme, bob, text):
    response = submit(superuser, ADD, {"tenant": acme.pk, "user": text, "role": "editor"})

    assert response.status_code == 302, errors_of(response)
    assert TenantMember.objects.get().user == bob


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bob", "unknown-user"),
        ("shared@acme.example", "several"),
        ("", "required"),
        ("b\x00b", "null_characters_not_allowed"),
    ],
    ids=["a part of a name", "an address that two users have", "nothing", "a NUL"],
)
def test_who_is_not_one_user_is_not_taken(superuser, acme, bob, text, code):
    for _number in range(2):
        UserFactory(email="shared@acme.example")

    response = submit(superuser, ADD, {"tenant": acme.pk, "user": text, "role": "editor"})

    assert (codes_of(response), len(errors_of(response))) == ({code}, 1)
    assert fields_of(response)["user"] == text.strip() or "\x00" in text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"is_staff": False}, ["member-no-staff"]),
        ({"is_active": False}, ["member-inactive"]),
    ],
    ids=["staff", "not staff", "not active"],
)
def test_who_cannot_log_in_is_told_of(superuser, acme, bob, fields, expected):
    for name, value in fields.items():
        setattr(bob, name, value)
    bob.save()

    submit(superuser, ADD, {"tenant": acme.pk, "user": "bob.b", "role": "viewer"})

    for page in ("/admin/corsadmin/tenantmember/", change(acme)):
        shown = superuser.get(page)
        told = [code for code in ("member-no-staff", "member-inactive") if says(shown, code)]
        assert told == expected


def test_members_stand_on_the_page_of_their_tenant(superuser, acme, bob):
    TenantMemberFactory(tenant=acme)
    before = Generation.objects.get().value
    sent = {"members-TOTAL_FORMS": "2", "members-1-user": "bob.b", "members-1-role": "editor"}

    response = submit(superuser, change(acme), sent, change_reason="hired")

    assert response.status_code == 302, errors_of(response)
    member = acme.members.get(user=bob)
    assert (member.role, member.history.get().history_change_reason) == ("editor", "hired")
    assert Generation.objects.get().value == before


def test_a_member_keeps_the_user_on_the_page_of_the_tenant(superuser, acme, bob):
    member = TenantMemberFactory(tenant=acme)
    sent = {"members-0-user": "bob.b", "members-0-role": "editor"}

    submit(superuser, change(acme), sent)

    assert [(row.user, row.role) for row in acme.members.all()] == [(member.user, "editor")]


@pytest.mark.parametrize("person", ["editor", "member", "viewer"])
def test_who_may_not_see_members_sees_none_on_the_page(request, acme, bob, person):
    TenantMemberFactory(tenant=acme, user=bob)
    client = request.getfixturevalue(person)

    assert "bob.b" not in client.get(change(acme)).content.decode()


def test_users_are_suggested_to_who_may_view_them(acme, bob):
    user = view_users(grant(UserFactory(), "add_tenantmember", "view_tenant"))
    client = log_in(user)

    assert f'data-corsadmin-users="{SEARCH}"' in client.get(ADD).content.decode()
    for term in ("bob", "BOBSON", "acme.example"):
        (found,) = client.get(SEARCH, {"term": term}).json()["users"]
        assert found == {"name": "bob.b", "label": "bob@acme.example Bob van Bobson"}
    for term in ("", " ", "b\x00"):
        assert client.get(SEARCH, {"term": term}).json() == {"users": []}


@pytest.mark.parametrize(
    "permissions",
    [["add_tenantmember", "view_tenant"], ["view_tenantmember"], []],
    ids=["who may not view users", "who may not add members", "who may neither"],
)
def test_users_are_not_suggested_to(acme, bob, permissions):
    user = grant(UserFactory(), *permissions)
    if "add_tenantmember" not in permissions:
        view_users(user)
    client = log_in(user)

    assert client.get(SEARCH, {"term": "bob"}).status_code == 403
    if "add_tenantmember" in permissions:
        assert "data-corsadmin-users" not in client.get(ADD).content.decode()
        sent = {"tenant": acme.pk, "user": "bob.b", "role": "viewer"}
        assert submit(client, ADD, sent).status_code == 302


@pytest.mark.parametrize(
    ("model", "sent"),
    [("origin", {"pattern": "https://new.example"}), ("pathrule", {"path": "/new/"})],
)
def test_a_member_of_one_tenant_is_not_asked_which(member, acme, model, sent):
    page = reverse(f"admin:corsadmin_{model}_add")
    opened = member.get(page)
    text = opened.content.decode()

    assert f'<input type="hidden" name="tenant" value="{acme.pk}"' in text
    assert "· acme" in text
    response = member.post(page, {**fields_of(opened), **sent})
    assert response.status_code == 302, errors_of(response)


def test_a_member_of_two_tenants_is_asked(member, rival):
    user = TenantMember.objects.get().user
    TenantMemberFactory(tenant=rival, user=user, role="editor")

    assert (
        'type="hidden" name="tenant"'
        not in member.get("/admin/corsadmin/origin/add/").content.decode()
    )


DANGER = {"pattern": "http://risky.example", "credentials": "on"}


def test_who_may_not_accept_a_risk_reads_whom_to_ask(member, superuser, acme):
    page = f"/admin/corsadmin/origin/add/?tenant={acme.pk}"
    holder = grant(UserFactory(username="holder"), "accept_risk")
    group = Group.objects.create(name="Security team")
    group.permissions.add(Permission.objects.get(codename="accept_risk"))

    ask = filled("whom-risk")
    assert ask in errors_of(submit(member, page, DANGER))
    user = view_users(TenantMember.objects.get().user)
    user.user_permissions.add(Permission.objects.get(codename="view_group"))
    named = errors_of(submit(log_in(type(user).objects.get(pk=user.pk)), page, DANGER))
    people = filled("whom-example", names=f"Security team, {holder}, superuser")
    assert f"{ask} {people}" in named
    assert_silent(errors_of(submit(superuser, page, DANGER)), "whom-risk")


def test_an_accepted_risk_that_is_not_ones_own_names_whom_to_ask(member, acme):
    row = OriginFactory(
        tenant=acme, pattern="http://a.example", credentials=True, risk_accepted=True, enabled=False
    )

    assert_says(errors_of(submit(member, change(row), {"enabled": "on"})), "whom-risk")


def test_a_page_for_viewers_says_who_cannot_log_in(acme, bob):
    TenantMemberFactory(tenant=acme, user=bob)
    bob.is_staff = False
    bob.save()
    client = log_in(grant(UserFactory(), "view_tenant", "view_tenantmember"))

    response = client.get(change(acme))

    assert_says(response, "member-no-staff")
