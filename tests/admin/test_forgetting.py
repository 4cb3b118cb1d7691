"""Deleting what was recorded of a tenant's callers, on request."""

import logging
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from corsadmin.models import (
    Dismissal,
    EntrySeen,
    Origin,
    RuleNames,
    Sighting,
    TenantMember,
    Traffic,
    Unseen,
)
from corsadmin.sightings.removing import count_sightings, remove_sightings
from tests.admin import inbox
from tests.admin.callers import ago, sighted
from tests.admin.conftest import grant, log_in
from tests.factories import UserFactory
from tests.messages.screens import assert_says

KEPT = (Sighting, Traffic, RuleNames, Unseen, Dismissal, EntrySeen)


def of(tenant):
    return reverse("admin:corsadmin_tenant_forget", args=[tenant.pk])


def record(tenant):
    """Store a row of each kind."""
    sighted(tenant)
    Traffic.objects.create(tenant=tenant, outcome="allowed", hour=ago(hours=1), calls=3)
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 2)}
    RuleNames.objects.create(tenant=tenant, rule="/api/", **days)
    Unseen.objects.create(tenant=tenant, hour=ago(hours=1), turned_away=1)
    Dismissal.objects.create(tenant=tenant, origin="https://new.example")
    EntrySeen.objects.create(entry=tenant.origins.get(), **days)


@pytest.fixture
def recorded_twice(acme, rival):
    for tenant in (acme, rival):
        record(tenant)
    return acme


@pytest.fixture
def officer(acme):
    """Looks at acme, and may delete what was recorded."""
    user = grant(UserFactory(username="officer"), "delete_sighting")
    TenantMember.objects.create(tenant=acme, user=user, role="viewer")
    return log_in(user)


def test_the_page_says_what_goes_and_a_visit_deletes_nothing(officer, recorded_twice):
    response = officer.get(of(recorded_twice))

    page = " ".join(response.content.decode().split())
    assert_says(page, "forget-deletes", tenant="acme")
    assert "<td>Sightings</td> <td>1</td>" in page
    assert_says(page, "forget-button", counter=6)
    assert officer.post(of(recorded_twice)).status_code == 200
    assert [model.objects.count() for model in KEPT] == [2] * 6


def test_all_of_one_tenant_goes_and_the_act_is_kept(officer, recorded_twice, rival, caplog):
    caplog.set_level(logging.INFO, "corsadmin")
    response = officer.post(of(recorded_twice), {"remove": "x"}, follow=True)

    assert_says(response, "forget-done", count=6)
    assert [model.objects.count() for model in KEPT] == [1] * 6
    assert Sighting.objects.get().tenant == rival
    assert Origin.objects.count() == 2
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.object_id) == ("officer", str(recorded_twice.pk))
    assert_says(caplog.text, "log-forgot-callers", user="'officer'", count=6, tenant="acme")
    assert_says(officer.get(of(recorded_twice)), "forget-nothing", tenant="acme")


def test_what_is_written_meanwhile_is_said(superuser, recorded_twice, monkeypatch):
    def removing(tenants):
        yield from remove_sightings(tenants)
        sighted(recorded_twice)

    monkeypatch.setattr("corsadmin.admin.forget_callers.remove_sightings", removing)

    response = superuser.post(of(recorded_twice), {"remove": "x"}, follow=True)

    assert_says(response, "forget-written-meanwhile")


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        pytest.param([], 404, id="nothing"),
        pytest.param(["view_tenant", "delete_sighting"], 404, id="who may delete and not look"),
        pytest.param(["view_tenant", "view_sighting"], 403, id="who may look and not delete"),
        pytest.param(["view_tenant", "view_sighting", "delete_sighting"], 200, id="who may both"),
    ],
)
def test_who_may_delete(recorded_twice, permissions, status):
    client = log_in(grant(UserFactory(), "view_tenanthost", "view_tenant", *permissions))

    assert client.get(of(recorded_twice)).status_code == status
    client.post(of(recorded_twice), {"remove": "x"})
    assert Sighting.objects.filter(tenant=recorded_twice).exists() == (status != 200)


def test_other_tenants_are_as_if_they_did_not_exist(officer, rival):
    record(rival)

    assert officer.post(of(rival), {"remove": "x"}).status_code == 404
    assert sum(count_sightings(type(rival).objects.filter(pk=rival.pk)).values()) == 6


def test_the_inbox_leads_there_those_who_may(officer, member, superuser, recorded_twice):
    link = f'href="{of(recorded_twice)}"'

    assert link in inbox.text(officer, inbox.of(recorded_twice))
    assert link in inbox.text(superuser, inbox.of(recorded_twice))
    assert link not in inbox.text(member, inbox.of(recorded_twice))
    assert "forget-callers" not in inbox.text(superuser)
