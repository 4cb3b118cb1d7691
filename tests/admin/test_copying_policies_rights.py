"""Who may copy which policy to whom, and what nobody can force."""

from typing import Any

import pytest

from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Origin, PathRule
from tests.admin.conftest import ROW_PERMISSIONS, grant, log_in
from tests.admin.copies import APP, errors, patterns, plan
from tests.admin.copies import look as look_at_rows
from tests.admin.policy_copies import confirm, look
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)
from tests.messages.screens import assert_says, filled, text

pytestmark = pytest.mark.slow

LOOKS = ["view_tenant", "view_pathrule", "view_origin"]


@pytest.fixture
def both(acme, rival):
    """Make the member an editor of rival too."""
    TenantMemberFactory(tenant=rival, user=acme.members.get().user, role="editor")
    return rival


def test_a_member_copies_between_their_tenants(member, acme, both):
    assert confirm(member, look(member)).status_code == 302
    assert APP in patterns(both)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"slugs": "SLUG"}, "copy-no-such-targets"),
        ({"source": "SLUG", "slugs": "acme"}, "copy-no-source"),
    ],
)
def test_a_foreign_slug_is_answered_like_one_that_does_not_exist(member, acme, rival, given, code):
    said = []
    for slug in ("rival", "nobody"):
        sent = {name: value.replace("SLUG", slug) for name, value in given.items()}
        for button in ({}, {"copy": "x", "digest": "x"}):
            response = look(member, **sent, **button)
            assert plan(response) == []
            said.append(str(errors(response)).replace(slug, "…"))

    assert len(set(said)) == 1
    assert_says(said[0], code)
    assert patterns(rival) == {"https://app.rival.example"}


def test_a_tenant_that_one_only_views_is_a_source_and_no_target(member, acme, rival):
    TenantMemberFactory(tenant=rival, user=acme.members.get().user, role="viewer")

    assert errors(look(member, slugs="rival"))["slugs"]
    assert [row[1] for row in plan(look(member, source="rival", slugs="acme"))] == [
        "/api/",
        "https://app.rival.example",
    ]


def test_rows_of_other_tenants_are_not_copied_by_their_keys(member, acme, rival, both):
    other = make_site("other", origins=["https://secret.example"])
    keys = " ".join(f"origin-{row.pk}" for row in other.origins.all())

    response = look(member, rows=keys)

    assert errors(response)["__all__"] == [text("copy-nothing-chosen")]
    assert "secret" not in response.content.decode()


def test_who_may_only_add_overwrites_nothing(acme, rival):
    client = log_in(grant(UserFactory(), *LOOKS, "add_pathrule", "add_origin"))
    rival.paths.update(note="theirs")

    shown = look(client, existing="overwrite")

    assert plan(shown)[0] == ("rival", "/api/", "kept")
    assert_says(shown, "permission-change-row")
    confirm(client, shown, overwritten=[f"pathrule-{rival.paths.get().pk}"])
    assert rival.paths.get().note == "theirs"


def test_who_may_not_look_at_rows_learns_nothing_of_them(acme, rival):
    """May add path rules everywhere, and look at those of acme."""
    user = grant(UserFactory(), "view_tenant", "add_pathrule", "change_tenant")
    TenantMemberFactory(tenant=acme, user=user, role="viewer")
    rival.paths.update(note="zztheirs")

    shown = look(log_in(user), rules="on", existing="overwrite")

    assert plan(shown) == [("rival", "/api/", "refused")]
    assert "zztheirs" not in shown.content.decode()
    assert_says(shown, "cannot-add-rule")


LOCKED: dict[str, Any] = {
    "any origin": (PathRuleFactory, {"path": "/x/"}, {"any_origin": True}),
    "risk accepted": (
        OriginFactory,
        {"pattern": "http://intranet.example"},
        {"credentials": True, "risk_accepted": True},
    ),
}


@pytest.mark.parametrize("word", LOCKED)
def test_what_forms_lock_is_not_overwritten(editor, superuser, acme, rival, word):
    make, fields, stored = LOCKED[word]
    row, there = make(tenant=acme, **fields), make(tenant=rival, **fields, **stored)
    name = f"{row._meta.model_name}-{row.pk}"

    refused = look(editor, rows=name, existing="overwrite")

    assert plan(refused) == [("rival", str(row), "kept")]
    assert_says(refused, "permission-change-field", field=word)
    confirm(superuser, look(superuser, rows=name, existing="overwrite"), confirm_lockout="on")
    there.refresh_from_db()
    assert not any(getattr(there, field) for field in stored)


def test_overwriting_with_a_risk_needs_permission_and_a_reason(editor, superuser, acme, rival):
    fields = {"pattern": "http://intranet.example"}
    row = OriginFactory(tenant=acme, **fields, credentials=True, risk_accepted=True)
    there = OriginFactory(tenant=rival, **fields)
    sent = {"rows": f"origin-{row.pk}", "existing": "overwrite"}

    assert plan(look(editor, **sent)) == [("rival", row.pattern, "kept")]
    silent = confirm(superuser, look(superuser, **sent))
    assert silent.context_data["unexplained"] == SAY_WHY
    assert confirm(superuser, silent, change_reason="OPS-1").status_code == 302
    there.refresh_from_db()
    assert there.credentials


def test_a_path_opened_by_overwriting_is_said(superuser, acme, rival):
    PathRule.objects.filter(tenant=acme).update(any_origin=True, credentials=False)

    shown = look(superuser, rules="on", existing="overwrite")

    assert shown.context_data["widened"] == ["rival: " + filled("widening-paths", paths="/api/")]
    assert confirm(superuser, shown).context_data["unexplained"]


def test_the_platform_needs_its_own_permission(editor, acme, platform):
    assert errors(look(editor, slugs="platform"))["slugs"]
    codes = (*ROW_PERMISSIONS, "change_platform")
    mighty = log_in(grant(UserFactory(), *codes))
    confirm(mighty, look(mighty, slugs="platform"), confirm_lockout="on", change_reason="x")
    assert patterns(platform) == {APP}


@pytest.mark.parametrize("person", ["viewer", "outsider"])
def test_who_adds_nothing_copies_nothing(request, acme, person):
    client = request.getfixturevalue(person)

    assert look(client).status_code == 403
    assert client.get("/admin/corsadmin/tenant/copy/").status_code == 403


@pytest.mark.parametrize("action", ["copy_policy_from", "copy_policy_to"])
def test_who_only_changes_tenants_is_not_offered_to_copy_policies(acme, action):
    client = log_in(grant(UserFactory(), "view_tenant", "change_tenant"))
    tenants = "/admin/corsadmin/tenant/"

    forced = client.post(tenants, {"action": action, "_selected_action": [acme.pk]}, follow=True)

    assert action not in client.get(tenants).content.decode()
    assert "No action selected." in forced.content.decode()


def test_targets_are_those_of_every_kind_that_is_copied(acme, rival):
    """May add origins everywhere, and path rules to acme alone."""
    user = grant(UserFactory(), *LOOKS, "add_origin")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    client = log_in(user)

    assert errors(look(client))["slugs"] == [filled("copy-no-such-targets", slugs="rival")]
    assert plan(look(client, origins="on")) == [("rival", APP, "new")]
    assert "slugs" in errors(look(client, settings="on"))


def test_rows_of_the_lists_are_overwritten_by_the_same_choice(superuser, acme, rival):
    Origin.objects.filter(tenant=acme).update(note="ours")
    OriginFactory(tenant=rival, pattern=APP)

    assert plan(look_at_rows(superuser, acme.origins.all(), "rival", existing="overwrite")) == [
        ("rival", APP, "overwritten")
    ]
