"""An action that locks somebody out asks first, and a yes carries it out as it was."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from corsadmin.admin.lockout.question import loss_sentences
from corsadmin.models import Origin, Tenant
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.losses import LAST, OWN
from tests.admin.forms import fields_of, submit
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

PAGE = "http://testserver"
PAST = {"valid_until": "2020-01-01T00:00"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def act(client, model, action, rows, **extra):
    url = reverse(f"admin:corsadmin_{model}_changelist")
    return client.post(
        url, {"action": action, "_selected_action": [row.pk for row in rows], "index": "0", **extra}
    )


def confirm(client, model, asked):
    return client.post(reverse(f"admin:corsadmin_{model}_changelist"), fields_of(asked))


def is_in_force(tenant):
    return tenant.origins.filter(enabled=True, valid_until=None, tenant__is_active=True).exists()


@pytest.mark.parametrize(
    ("model", "action", "extra"),
    [
        pytest.param("origin", "disable", {}, id="disable origins"),
        pytest.param("origin", "set_end", PAST, id="end origins"),
        pytest.param("origin", "delete_selected", {}, id="delete origins"),
        pytest.param("origin", "delete_selected", {"post": "yes"}, id="delete them unasked"),
        pytest.param("tenant", "disable", {}, id="switch off tenants"),
        pytest.param("tenant", "delete_selected", {}, id="delete tenants"),
    ],
)
def test_the_last_origin_goes_only_after_a_question(superuser, acme, model, action, extra):
    rows = [acme] if model == "tenant" else acme.origins.all()

    asked = act(superuser, model, action, rows, change_reason="OPS-1", **extra)

    assert asked.status_code == 200
    assert asked.context_data["losses"] == [f"acme: {LAST}"]
    assert_says(asked, "lockout-question")
    assert is_in_force(acme)

    meant = confirm(superuser, model, asked)

    assert meant.status_code == 302
    assert not is_in_force(acme)
    kind = Tenant if model == "tenant" else Origin
    assert kind.history.first().history_change_reason == "OPS-1"


@pytest.mark.parametrize(
    ("action", "extra"),
    [
        pytest.param("disable", {}, id="disabled"),
        pytest.param("set_end", PAST, id="ended"),
    ],
)
def test_the_origin_of_the_page_itself_goes_only_after_a_question(superuser, acme, action, extra):
    entry = OriginFactory(tenant=acme, pattern="http://testserver:*")

    asked = act(superuser, "origin", action, [entry], **extra)

    assert asked.context_data["losses"] == [f"acme: {OWN}"]
    assert is_in_force(acme)


@pytest.mark.parametrize(
    ("action", "extra"),
    [
        pytest.param("set_end", {"valid_until": "2090-01-01T00:00"}, id="an end to come"),
        pytest.param("disable", {}, id="not the last one"),
    ],
)
def test_where_nothing_is_lost_nobody_is_asked(superuser, acme, action, extra):
    OriginFactory(tenant=acme)

    response = act(superuser, "origin", action, [acme.origins.earliest("pk")], **extra)

    assert response.status_code == 302


def test_other_rows_lock_nobody_out(superuser, acme):
    assert act(superuser, "pathrule", "disable", acme.paths.all()).status_code == 302


def test_select_across_is_asked_and_carried_out_for_all(superuser, acme, rival):
    asked = act(superuser, "origin", "disable", [acme.origins.get()], select_across="1")

    assert asked.context_data["losses"] == [f"acme: {LAST}", f"rival: {LAST}"]
    confirm(superuser, "origin", asked)
    assert not Origin.objects.filter(enabled=True).exists()


def test_a_member_is_told_of_own_tenants_only(member, acme, rival):
    asked = act(member, "origin", "disable", [acme.origins.get(), rival.origins.get()])

    assert asked.context_data["losses"] == [f"acme: {LAST}"]
    assert "rival" not in asked.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"enabled": False}, id="disabled"),
        pytest.param({"valid_until": LONG_AGO}, id="ended"),
        pytest.param({"valid_from": datetime(2090, 1, 1, tzinfo=UTC)}, id="not yet valid"),
    ],
)
def test_what_is_not_in_force_is_no_loss_and_saves_nobody(superuser, acme, fields):
    idle = OriginFactory(tenant=acme, **fields)

    assert (
        find_consequences(
            ProposedChange.from_deletes(Origin.objects.filter(pk=idle.pk)), PAGE
        ).losses
        == []
    )
    page = reverse("admin:corsadmin_origin_change", args=[acme.origins.earliest("pk").pk])
    asked = submit(superuser, page, without=["enabled"])
    assert asked.context["losses"]


def test_long_lists_of_losses_are_cut(db):
    for number in range(22):
        make_site(f"acme-{number:02}", origins=["https://app.example"])

    said = loss_sentences(
        find_consequences(ProposedChange.from_deletes(Origin.objects.all()), PAGE).losses
    )

    assert len(said) == 21
    assert said[0] == f"acme-00: {LAST}"
    assert said[-1] == filled("impact-further-tenants", count=2)


@pytest.mark.parametrize("model", ["origin", "tenant"])
def test_deleting_one_row_says_who_is_locked_out(superuser, acme, model):
    row = acme if model == "tenant" else acme.origins.get()
    page = reverse(f"admin:corsadmin_{model}_delete", args=[row.pk])

    shown = superuser.get(page)
    unasked = superuser.post(page, {"post": "yes"})

    assert f"acme: {LAST}" in unescape(shown.content.decode())
    assert unasked.status_code == 200
    assert is_in_force(acme)
    assert superuser.post(page, fields_of(unasked)).status_code == 302
    assert not is_in_force(acme)


def test_switching_a_tenant_off_on_its_page_asks(superuser, acme):
    page = reverse("admin:corsadmin_tenant_change", args=[acme.pk])

    asked = submit(superuser, page, without=["is_active"])

    assert asked.context["adminform"].form.non_field_errors() == [str(LAST)]
    assert asked.context["losses"]
    meant = superuser.post(page, {**fields_of(asked), "confirm_lockout": "on"})
    assert meant.status_code == 302
    assert not is_in_force(acme)


@pytest.mark.parametrize("case", ["without origins", "off already", "a new one"])
def test_switching_off_what_lets_nobody_in_does_not_ask(superuser, acme, case):
    if case == "a new one":
        page, given = reverse("admin:corsadmin_tenant_add"), {"slug": "new"}
    else:
        page, given = reverse("admin:corsadmin_tenant_change", args=[acme.pk]), {"name": "Other"}
        acme.origins.all().delete()
    if case == "off already":
        Tenant.objects.filter(pk=acme.pk).update(is_active=False)

    assert submit(superuser, page, given, without=["is_active"]).status_code == 302


def test_an_old_version_that_locks_somebody_out_asks_too(superuser, acme):
    entry = acme.origins.get()
    Origin.objects.filter(pk=entry.pk).update(pattern="https://other.example")
    old = entry.history.get()
    type(old).objects.filter(pk=old.pk).update(enabled=False)
    page = reverse("admin:corsadmin_origin_simple_history", args=[entry.pk, old.pk])

    asked = submit(superuser, page)

    assert asked.context["losses"]
    assert "confirm_lockout" in asked.content.decode()
    meant = superuser.post(page, {**fields_of(asked), "confirm_lockout": "on"})
    assert meant.status_code == 302
    assert not is_in_force(acme)
