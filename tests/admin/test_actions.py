"""What is done to many rows at once is one change, with a history row for each."""

import json
from itertools import product

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.urls import reverse

from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Generation, Origin, Tenant
from tests.admin.conftest import grant, log_in
from tests.admin.forms import without_effect
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow


def act(client, model, action, rows, **extra):
    url = reverse(f"admin:corsadmin_{model}_changelist")
    values = {"action": action, "_selected_action": [row.pk for row in rows], **extra}
    return client.post(url, values, follow=True)


def moves():
    return Generation.objects.get().value


def told(response):
    return [str(message) for message in without_effect(response.context["messages"])]


def levels(response):
    return [message.level_tag for message in without_effect(response.context["messages"])]


@pytest.mark.parametrize(
    ("model", "field"),
    [("origin", "enabled"), ("pathrule", "enabled"), ("tenant", "is_active")],
)
def test_disable_and_enable_move_once_and_write_history(superuser, acme, rival, model, field):
    kind = apps.get_model("corsadmin", model)
    rows = list(kind.objects.exclude(**{"slug" if kind is Tenant else "tenant__slug": "platform"}))

    for action, on in (("disable", False), ("enable", True)):
        before = moves()
        given = {"change_reason": f"{action} them", "confirm_lockout": "on"}
        response = act(superuser, model, action, rows, **given)

        assert moves() == before + 1
        assert told(response) == [filled("action-rows-changed", count=2)]
        for row in kind.objects.filter(pk__in=[row.pk for row in rows]):
            version = row.history.first()
            assert getattr(row, field) is on
            assert getattr(version, field) is on
            assert version.history_type == "~"
            assert version.history_user.username == "superuser"
            assert version.history_change_reason == f"{action} them"
            # A tenant's date moves once more, with the stamp of its rows.
            assert row.modified >= version.modified


@pytest.mark.parametrize(
    ("model", "action", "field"),
    [
        pytest.param("origin", "disable", "Enabled", id="origins"),
        pytest.param("origin", "set_end", "Valid until", id="their end"),
        pytest.param("pathrule", "disable", "Enabled", id="rules"),
        pytest.param("tenant", "disable", "Active", id="tenants"),
    ],
)
@pytest.mark.usefixtures("rival")
def test_each_row_that_an_action_changes_is_a_recent_action(member, acme, model, action, field):
    kind = apps.get_model("corsadmin", model)
    given = {"valid_until": "2090-01-01T00:00", "confirm_lockout": "on"}

    act(member, model, action, kind.objects.all(), **given)

    (logged,) = LogEntry.objects.all()
    own = acme if model == "tenant" else kind.objects.get(tenant=acme)
    assert (logged.action_flag, logged.object_repr) == (CHANGE, str(own))
    assert logged.get_edited_object() == own
    assert json.loads(logged.change_message) == [{"changed": {"fields": [field]}}]
    assert logged.user.username == "member"


def test_what_an_action_leaves_alone_is_no_recent_action(superuser, acme):
    act(superuser, "origin", "enable", acme.origins.all())

    assert not LogEntry.objects.exists()


def test_what_is_so_already_is_left_alone(superuser, acme):
    before = moves()

    response = act(superuser, "origin", "enable", acme.origins.all())

    assert levels(response) == ["warning"]
    assert moves() == before
    assert acme.origins.get().history.count() == 1


def test_rows_that_are_not_sound_stay_off(superuser, acme):
    for number in range(12):
        OriginFactory(tenant=acme, pattern=f"https://Upper-{number}.example", enabled=False)

    response = act(superuser, "origin", "enable", acme.origins.all())

    messages = told(response)
    assert len(messages) == 12
    assert messages[-1].startswith("2 ")
    assert not acme.origins.filter(pattern__contains="Upper", enabled=True).exists()


@pytest.mark.parametrize("person", ["editor", "member"])
def test_a_risk_is_switched_on_only_by_who_may_accept_it(person, request, superuser, acme):
    client = request.getfixturevalue(person)
    entry = OriginFactory(
        tenant=acme,
        pattern="http://plain.example",
        credentials=True,
        risk_accepted=True,
        enabled=False,
    )
    rule = PathRuleFactory(tenant=acme, path="/open/", any_origin=True, enabled=False)

    assert_says(told(act(client, "origin", "enable", [entry]))[1], "permission-accept-risk")
    assert_says(told(act(client, "pathrule", "enable", [rule]))[1], "permission-open")
    for model, row in (("origin", entry), ("pathrule", rule)):
        assert str(SAY_WHY) in told(act(superuser, model, "enable", [row]))[1]
        meant = act(superuser, model, "enable", [row], change_reason="OPS-1")
        assert told(meant) == [filled("action-rows-changed", count=1)]


def test_a_member_switches_only_what_they_may_edit(member, acme, rival):
    seen = make_site("seen", origins=["https://app.seen.example"])
    user = acme.members.get().user
    TenantMemberFactory(tenant=seen, user=user, role="viewer")

    response = act(member, "origin", "disable", Origin.objects.all(), confirm_lockout="on")

    assert levels(response) == ["success", "warning"]
    assert [message[:2] for message in told(response)] == ["1 ", "1 "]
    assert [row.tenant.slug for row in Origin.objects.filter(enabled=False)] == ["acme"]


def test_delete_selected_is_one_change_and_keeps_the_reason(superuser, acme):
    for _number in range(5):
        OriginFactory(tenant=acme)
    before = moves()

    asked = act(superuser, "origin", "delete_selected", acme.origins.all(), change_reason="old")
    given = {"post": "yes", "change_reason": "old", "confirm_lockout": "on"}
    act(superuser, "origin", "delete_selected", acme.origins.all(), **given)

    assert 'value="old"' in asked.content.decode()
    assert moves() == before + 1
    deleted = Origin.history.filter(history_type="-")
    assert {version.history_change_reason for version in deleted} == {"old"}
    assert len(deleted) == 6


def test_a_rolled_back_action_moves_nothing(superuser, acme):
    before = moves()

    def fail(execute, sql, *rest):
        if sql.startswith("INSERT") and "historicalorigin" in sql:
            raise RuntimeError
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(RuntimeError):
        act(superuser, "origin", "disable", acme.origins.all(), confirm_lockout="on")

    assert moves() == before
    assert acme.origins.get().enabled


def test_a_viewer_can_act_on_nothing(viewer, acme):
    listed = {
        "origin": acme.origins.all(),
        "pathrule": acme.paths.all(),
        "tenant": [acme],
        "tenanthost": acme.hosts.all(),
    }
    for (model, rows), action in product(listed.items(), ("enable", "disable", "delete_selected")):
        assert act(viewer, model, action, rows, post="yes").status_code == 403, (model, action)


def test_exported_tenants_can_be_imported(superuser, acme, rival):
    response = act(superuser, "tenant", "export", [acme])

    (tenant,) = response.json()["tenants"]
    assert tenant["slug"] == "acme"
    assert tenant["origins"][0]["pattern"] == "https://app.acme.example"
    assert "policies.json" in response["Content-Disposition"]


def test_an_export_is_refused_to_a_user_who_does_not_see_all_of_it(acme):
    client = log_in(grant(UserFactory(), "change_tenant"))

    response = act(client, "tenant", "export", [acme])

    assert levels(response) == ["error"]
    assert_says(told(response)[0], "permission-export")


def test_a_question_about_rows_does_not_name_a_tenant_that_the_user_may_not_see(acme):
    client = log_in(grant(UserFactory(), "view_origin", "delete_origin"))

    response = act(client, "origin", "delete_selected", acme.origins.all())

    assert response.status_code == 200
    assert "acme" not in response.context["title"]


def test_a_member_exports_only_what_they_see(member, acme, rival):
    response = act(member, "tenant", "export", [acme, rival])

    assert [tenant["slug"] for tenant in response.json()["tenants"]] == ["acme"]
