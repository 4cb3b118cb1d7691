"""The cards of the start page: how to begin, who was refused today, who waits, what was changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.dashboard import review
from corsadmin.models import Tenant, Traffic
from corsadmin.sightings.process import process_sightings
from tests.admin.callers import ago, sighted
from tests.admin.conftest import grant, log_in
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, UserFactory
from tests.messages.screens import assert_says, assert_silent, filled, says

pytestmark = pytest.mark.slow

START = "/admin/corsadmin/"
ADD = reverse("admin:corsadmin_tenant_add")


def text(client):
    response = client.get(START)

    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def refused(tenant, hours, calls, outcome="origin-not-listed"):
    """Store that calls were refused so many hours ago."""
    at = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    Traffic.objects.create(tenant=tenant, hour=at, outcome=outcome, calls=calls)


def test_an_empty_site_says_how_to_begin(superuser, platform):
    page = text(superuser)

    assert_says(page, "start-here")
    assert f'<a class="button corsadmin-button" href="{ADD}">Add a tenant</a>' in page
    assert_says(page, "picture-nothing-recorded")
    assert_says(page, "start-nothing-changed")


def test_who_may_not_add_a_tenant_reads_whom_to_ask(platform):
    page = text(log_in(grant(UserFactory(), "view_tenant")))

    assert_says(page, "start-may-not-add")
    assert ADD not in page


@pytest.mark.parametrize("resolver", ["by_host", "single"])
def test_a_tenant_that_lets_nobody_in_is_the_next_step(superuser, settings, platform, resolver):
    settings.CORSADMIN = {**settings.CORSADMIN, "TENANT_RESOLVER": f"corsadmin.tenants.{resolver}"}
    tenant = platform if resolver == "single" else TenantFactory(slug="lost")
    OriginFactory(tenant=tenant)

    page = text(superuser)
    assert_says(page, "start-allows-nobody", tenant=tenant)
    assert reverse("admin:corsadmin_tenant_change", args=[tenant.pk]) in page
    PathRuleFactory(tenant=tenant)
    assert_silent(text(superuser), "start-here", "start-allows-nobody")


def test_calls_that_were_refused_today_are_counted_beside_yesterdays(
    superuser, acme, rival, monkeypatch
):
    noon = datetime(2026, 5, 6, 12, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    for tenant, hours, calls in ((acme, 0, 900), (rival, 12, 350), (acme, 13, 7), (acme, 30, 40)):
        refused(tenant, hours, calls)
    refused(acme, 1, 5, "allowed")

    page = text(superuser)

    assert "<strong>1,250</strong> calls" in page
    yesterday = filled("start-yesterday", number=40)
    assert f"{yesterday} · UTC" in page
    assert page.index(">acme</a>") < page.index(">rival</a>")
    assert '<span class="corsadmin-count">907</span>' in page


def test_a_tenant_that_is_gone_is_not_among_the_busiest(superuser, acme, rival):
    refused(acme, 0, 5)
    refused(rival, 0, 9)
    rival.delete()

    page = text(superuser)

    assert page.count('<span class="corsadmin-count">') == 1
    assert '<span class="corsadmin-count">5</span>' in page


def test_origins_that_wait_are_named_and_the_new_ones_counted(member, superuser, acme, rival):
    refused(acme, 1, 5)
    sighted(acme, "https://old.example", first_seen=ago(days=3))
    sighted(acme, "https://new.example", first_seen=ago(hours=1))
    sighted(acme, "")
    sighted(acme, "https://app.acme.example")  # is allowed by now
    sighted(rival, "https://theirs.example")

    page = text(member)

    waiting = filled("start-waiting", count=3)
    assert f"<strong>3</strong> {waiting}" in page
    assert_says(page, "start-new-waiting", counter=1)
    assert "<code>https://<wbr>new.<wbr>example</code>" in page
    assert "theirs" not in page
    assert "<strong>4</strong>" in text(superuser)


def test_of_many_tenants_the_inbox_of_the_busiest_is_looked_through(
    superuser, acme, rival, monkeypatch
):
    monkeypatch.setattr(review, "MAX_TENANTS", 1)
    refused(acme, 1, 5)
    for tenant in (acme, rival):
        sighted(tenant, f"https://new.{tenant.slug}.example")

    page = text(superuser)

    waiting = filled("start-waiting", count=1)
    assert f"<strong>1+</strong> {waiting}" in page
    assert_says(page, "start-busiest-only")


def test_nothing_that_waits_and_recording_that_is_off_are_said(superuser, settings, acme):
    settings.CORSADMIN = {**settings.CORSADMIN, "SIGHTINGS": False}
    refused(acme, 1, 5)

    page = text(superuser)

    assert_says(page, "start-none-waiting")
    assert_says(page, "inbox-recording-off")


def test_the_last_changes_name_person_reason_and_tenant(member, superuser, acme, rival):
    acme.name = "Acme & Sons"
    acme._history_user = UserFactory(username="alice")
    acme._change_reason = "OPS-12"
    acme.save()

    page = text(member)

    assert "<strong>acme</strong> alice: <bdi>OPS-12</bdi>" in page
    assert "rival" not in page
    assert "<strong>rival</strong>" in text(superuser)


def test_who_sees_tenants_alone_reads_of_their_changes_alone(acme):
    rows = acme.history.count()

    page = text(log_in(grant(UserFactory(), "view_tenant")))

    assert f"({rows} row" in page
    assert Tenant.history.count() >= rows


WRITTEN = {
    "nothing yet": ({}, {}),
    "recorded calls": (
        {"written": datetime(2026, 5, 6, 7, 8, tzinfo=UTC)},
        {"process-wrote": {"time": "May 6, 2026, 7:08 a.m."}},
    ),
    "nothing, for it fails": ({"fails_to_write": True}, {"process-cannot-write": {}}),
}


@pytest.mark.parametrize(("fields", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_what_the_process_wrote_last_is_said(fields, expected):
    process = {"state": "ready", "known": 8, "stored": 8, "age": 2, **fields}

    card = " ".join(render_to_string("corsadmin/card_process.html", {"process": process}).split())

    assert_says(card, "process-checked", counter=2)
    codes = ("process-wrote", "process-cannot-write")
    assert {code for code in codes if says(card, code)} == expected.keys()
    for code, values in expected.items():
        assert_says(card, code, **values)


def test_the_process_knows_when_it_wrote_last(superuser, acme):
    process_sightings.flush()

    assert_says(text(superuser), "process-wrote")
