"""Dangerous rows: only who may accept a risk can put them in force, forged forms included."""

import pytest
from django.urls import reverse

from corsadmin.admin.risks.acceptance import MAY_NOT_OPEN
from corsadmin.models import Origin, PathRule
from tests.admin.conftest import grant, log_in
from tests.admin.forms import codes_of, errors_of, fields_of, submit
from tests.factories import OriginFactory, PathRuleFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

RISKY = "http://intranet.acme.example"


def tenant_page(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def change_page(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def risk_editor(acme):
    user = grant(UserFactory(username="risk-editor"), "accept_risk", "allow_any_origin")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    return log_in(user)


@pytest.fixture
def risky(acme):
    return OriginFactory(tenant=acme, pattern=RISKY, credentials=True, risk_accepted=True)


@pytest.fixture
def open_rule(acme):
    return PathRuleFactory(tenant=acme, path="/open/", any_origin=True)


@pytest.mark.parametrize("person", ["superuser", "risk_editor"])
def test_who_may_accept_risks_ticks_the_box(person, request, acme):
    client = request.getfixturevalue(person)

    response = submit(
        client,
        tenant_page(acme),
        {
            "origins-1-pattern": RISKY,
            "origins-1-credentials": "on",
            "origins-1-enabled": "on",
            "origins-1-risk_accepted": "on",
            "paths-0-any_origin": "on",
            "change_reason": "OPS-1",
        },
    )

    assert response.status_code == 302, errors_of(response)
    assert Origin.objects.get(pattern=RISKY).risk_accepted
    assert PathRule.objects.get().any_origin


@pytest.mark.parametrize("person", ["editor", "member"])
@pytest.mark.parametrize("field", ["origins-0-risk_accepted", "paths-0-any_origin"])
def test_others_find_the_box_disabled_and_a_forged_tick_refused(person, field, request, acme):
    client = request.getfixturevalue(person)
    shown = client.get(tenant_page(acme)).content.decode()

    response = submit(client, tenant_page(acme), {field: "on"})

    assert f'name="{field}"' in shown
    assert field not in fields_of(client.get(tenant_page(acme)))
    assert response.status_code == 200
    assert "not-permitted" in codes_of(response)
    assert not Origin.objects.get().risk_accepted
    assert not PathRule.objects.get().any_origin


@pytest.mark.parametrize("person", ["editor", "member"])
def test_an_unaccepted_risk_is_refused_beside_the_origin(person, request, acme):
    client = request.getfixturevalue(person)

    response = submit(
        client,
        tenant_page(acme),
        {"origins-1-pattern": RISKY, "origins-1-credentials": "on", "origins-1-enabled": "on"},
    )

    assert response.status_code == 200
    form = response.context["inline_admin_formsets"][0].formset.forms[1]
    codes = [error.code for error in form.errors.as_data()["pattern"]]
    assert codes == ["risk-plain-http", "whom-to-ask"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pattern": "http://other.acme.example"}, id="another origin"),
        pytest.param({"scope": "/api/"}, id="another scope"),
        pytest.param({"valid_until": "2090-01-01T00:00"}, id="another end"),
    ],
)
def test_an_accepted_risk_cannot_become_another_one(change, member, risky):
    response = submit(member, change_page(risky), change)

    assert response.status_code == 200
    assert_says(errors_of(response), "permission-accept-risk")
    assert Origin.objects.filter(pattern=RISKY, scope="", valid_until=None).exists()


@pytest.mark.parametrize(
    ("row", "changes", "without"),
    [
        pytest.param("risky", {"note": "seen"}, [], id="a note on a risky origin"),
        pytest.param("risky", {}, ["enabled"], id="disabling a risky origin"),
        pytest.param("open_rule", {"note": "seen"}, [], id="a note on an open path"),
        pytest.param("open_rule", {}, ["enabled"], id="disabling an open path"),
        pytest.param("risky", {}, [], id="nothing at all"),
    ],
)
def test_taking_away_needs_no_permission_to_accept_risks(row, changes, without, request, member):
    found = request.getfixturevalue(row)

    response = submit(member, change_page(found), changes, without=without)

    assert response.status_code == 302, errors_of(response)
    found.refresh_from_db()
    assert found.note == changes.get("note", "")
    assert found.enabled == ("enabled" not in without)


def test_switching_a_risky_row_on_again_needs_the_permission(member, risky, open_rule):
    Origin.objects.update(enabled=False)
    PathRule.objects.filter(pk=open_rule.pk).update(enabled=False)

    for row in (risky, open_rule):
        response = submit(member, change_page(row), {"enabled": "on"})

        assert response.status_code == 200
        row.refresh_from_db()
        assert not row.enabled


def test_what_is_open_to_all_stays_where_it_is(member, open_rule):
    response = submit(member, change_page(open_rule), {"path": "/secret/"})

    assert response.status_code == 200
    assert str(MAY_NOT_OPEN) in errors_of(response)


def test_a_risk_that_is_none_any_more_binds_nobody(member, acme):
    entry = OriginFactory(tenant=acme, pattern=RISKY, risk_accepted=True)

    response = submit(member, change_page(entry), {"scope": "/api/"})

    assert response.status_code == 302, errors_of(response)


def test_any_origin_with_credentials_is_refused_at_its_field(superuser, acme):
    response = submit(
        superuser, tenant_page(acme), {"paths-0-any_origin": "on", "paths-0-credentials": "on"}
    )

    rules = response.context["inline_admin_formsets"][2].formset
    (error,) = rules.forms[0].errors.as_data()["any_origin"]
    assert error.code == "any-origin-with-credentials"


def test_the_platform_needs_its_own_permission(editor, superuser, platform):
    page = tenant_page(platform)

    assert editor.get(page).status_code == 200
    assert editor.post(page, {"name": "Mine"}).status_code == 403
    assert submit(superuser, page, {"name": "Ours"}).status_code == 302


def test_a_rule_cannot_be_added_to_the_platform_without_it(editor, platform):
    response = editor.post(
        reverse("admin:corsadmin_pathrule_add"), {"tenant": platform.pk, "path": "/x/"}
    )

    assert response.status_code == 200
    assert "tenant" in response.context["adminform"].form.errors
    assert not platform.paths.exists()
