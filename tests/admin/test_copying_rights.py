"""Who may copy which rows to whom, and what nobody can force."""

from typing import Any

import pytest

from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Origin, PathRule, Tenant
from tests.admin.conftest import grant, log_in
from tests.admin.copies import APP, confirm, errors, look, patterns, plan, send
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantMemberFactory,
    UserFactory,
)
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

RISKY = {"pattern": "http://intranet.example", "credentials": True, "risk_accepted": True}


@pytest.fixture
def both(acme, rival):
    """Make the member an editor of rival too."""
    TenantMemberFactory(tenant=rival, user=acme.members.get().user, role="editor")
    return rival


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        pytest.param(OriginFactory, RISKY, id="a danger"),
        pytest.param(PathRuleFactory, {"path": "/open/", "any_origin": True}, id="any origin"),
    ],
)
def test_copying_a_risk_needs_permission_and_a_reason(member, superuser, both, make, fields):
    code = "permission-accept-risk" if make is OriginFactory else "permission-open"
    row = make(tenant=Tenant.objects.get(slug="acme"), **fields)
    model = row._meta.model_name

    refused = look(member, [row], "rival", model=model)
    assert plan(refused) == [("rival", str(row), "refused")]
    assert_says(refused.context_data["copies"][0].message, code)
    confirm(member, refused, [row], change_reason="OPS-1")

    shown = look(superuser, [row], "rival", model=model)
    assert str(SAY_WHY) in shown.content.decode()
    silent = confirm(superuser, shown, [row])
    assert silent.context_data["unexplained"] == SAY_WHY
    kind = type(row)
    assert kind.objects.filter(tenant=both).count() == 1
    assert confirm(superuser, shown, [row], change_reason="OPS-1").status_code == 302
    assert kind.objects.filter(tenant=both).count() == 2


@pytest.mark.parametrize("case", ["slug", "number", "nothing", "viewed", "platform"])
def test_a_member_copies_to_own_tenants_only(member, acme, rival, platform, case):
    seen = TenantFactory(slug="seen")
    TenantMemberFactory(tenant=seen, user=acme.members.get().user, role="viewer")
    cases: dict[str, dict[str, Any]] = {
        "slug": {"slugs": "rival"},
        "number": {"tenants": [rival.pk]},
        "nothing": {"tenants": [987654]},
        "viewed": {"tenants": [seen.pk]},
        "platform": {"slugs": "platform"},
    }

    for button in ("check", "copy"):
        response = send(member, acme.origins.all(), **cases[case], **{button: "x"})

        assert errors(response)
        assert response.context_data["copies"] == []
        assert ">rival<" not in response.content.decode()
    assert not Origin.objects.filter(pattern=APP).exclude(tenant=acme).exists()


def test_a_slug_that_is_not_ones_own_is_told_like_one_that_is_nobodys(member, acme, rival):
    told = [
        errors(look(member, acme.origins.all(), slug))["slugs"][0].replace(slug, "…")
        for slug in ("rival", "nobody")
    ]

    assert told == [filled("copy-no-such-targets", slugs="…")] * 2


def test_rows_of_others_are_not_copied(member, acme, rival):
    foreign = rival.origins.get()

    shown = look(member, [foreign], "acme")
    confirm(member, shown, [foreign])

    assert plan(shown) == []
    assert patterns(acme) == {APP}


def test_an_editor_of_both_tenants_copies_between_them(member, acme, both):
    entry = acme.origins.get()

    confirm(member, look(member, [entry], "rival"), [entry])

    assert APP in patterns(both)


def test_the_platform_needs_its_own_permission(editor, acme, platform):
    entry = acme.origins.get()

    assert "slugs" in errors(look(editor, [entry], "platform"))
    permissions = ("view_tenant", "change_origin", "add_origin", "change_platform")
    mighty = log_in(grant(UserFactory(), *permissions))
    confirm(mighty, look(mighty, [entry], "platform"), [entry])
    assert patterns(platform) == {APP}


@pytest.mark.parametrize("person", ["viewer", "outsider"])
def test_a_user_who_may_not_add_cannot_copy(request, acme, person):
    client = request.getfixturevalue(person)

    assert look(client, acme.origins.all(), "acme").status_code == 403


def test_copies_stay_copies(superuser, acme, rival):
    """What is copied belongs to the tenant it went to: keys in the form change nothing."""
    entry = acme.origins.get()
    shown = look(superuser, [entry], "rival")

    confirm(superuser, shown, [entry], id=entry.pk, tenant=acme.pk)

    entry.refresh_from_db()
    assert entry.tenant == acme
    assert PathRule.objects.count() == 2
    assert patterns(rival) == {"https://app.rival.example", APP}
