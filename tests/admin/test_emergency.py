"""The emergency switch in the admin: two clicks and a reason, a banner, and who may do it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from corsadmin.models import Emergency, PathRule
from corsadmin.models.emergency_switch import emergency_version
from tests.admin.callers import sighted
from tests.admin.conftest import grant, log_in
from tests.admin.emergencies import START, banner, lift, page, shown, switch
from tests.admin.inbox import listed
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, assert_silent, filled, readable, says, text

APP = "https://app.acme.example"


def test_it_is_two_clicks_and_a_reason(ops, acme):
    tenant_page = shown(ops, reverse("admin:corsadmin_tenant_change", args=[acme.pk]))
    assert f'href="{page(acme)}"' in tenant_page

    done = switch(ops, acme)

    row = Emergency.objects.get()
    assert (row.tenant, row.level, row.until, row.reason) == (acme, "all", None, "INC-1")
    assert row.by == acme.members.get().user
    assert done.url == reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    until = text("emergency-until-lifted")
    assert_says(shown(ops, done.url), "emergency-on", tenant="acme", until=until)
    assert LogEntry.objects.get().object_id == str(acme.pk)


def test_the_start_page_stops_every_tenant(superuser, platform):
    label = text("emergency-of-everybody")
    assert f'href="{page(platform)}">{label}' in shown(superuser, START)
    assert_says(shown(superuser, page(platform)), "emergency-platform")

    switch(superuser, platform, level="credentials", until="2099-01-01T00:00")

    end = filled("command-until-shown", time="Jan. 1, 2099, midnight UTC")
    assert_says(banner(superuser), "emergency-no-credentials-anywhere", end=end)


def test_what_it_would_stop_is_said_and_never_asked(superuser, acme):
    sighted(acme, "https://x.sub.acme.example", "allowed", calls=700)
    OriginFactory(tenant=acme, pattern="https://*.sub.acme.example", credentials=True)
    PathRule.objects.update(credentials=True)

    looked = shown(superuser, page(acme))

    assert_says(looked, "impact-lost", number=1)
    assert_says(looked, "impact-without-credentials", number=1)
    assert switch(superuser, acme).status_code == 302


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        pytest.param({"change_reason": " "}, "required", id="no reason"),
        pytest.param({"level": "x"}, "invalid_choice", id="a level that is not known"),
        pytest.param({"until": "2020-01-01T00:00"}, "until-past", id="an end that has passed"),
        pytest.param({"until": "0001-01-01T00:00"}, "moment-out-of-range", id="the year 1"),
    ],
)
def test_what_is_wrong_is_said(superuser, acme, values, wrong):
    response = switch(superuser, acme, **values)

    assert response.status_code == 200
    assert told(response) == [wrong]
    assert not Emergency.objects.exists()


def told(response):
    """Return the codes of what is wrong, which the page says."""
    forms = (response.context["lift"], response.context["switch"][0].form)
    wrong = [error for form in forms for kept in form.errors.values() for error in kept.as_data()]
    found = [(error.code, error.messages[0]) for error in wrong]
    refused = response.context["refused"]
    found += [(refused.code, str(refused))] if refused else []
    assert all(said in readable(response) for _code, said in found)
    return [code for code, _said in found]


def test_the_time_zone_is_named(superuser, acme, settings):
    settings.TIME_ZONE = "Europe/Berlin"

    looked = shown(superuser, page(acme))

    zones = [f"Europe/Berlin (UTC+0{hours}00)" for hours in (1, 2)]
    assert any(says(looked, "emergency-time-zone", zone=zone) for zone in zones)


def test_a_time_that_the_clocks_skip_is_refused(superuser, acme, settings):
    settings.TIME_ZONE = "Europe/Berlin"

    response = switch(superuser, acme, until="2099-03-29T02:30")

    assert told(response) == ["ambiguous_timezone"]
    assert not Emergency.objects.exists()


def test_lifting_says_whom_it_lets_in_and_wants_a_reason(superuser, acme):
    switch(superuser, acme)
    sighted(acme, APP, "emergency", calls=70)
    assert_says(shown(superuser, page(acme)), "impact-opened", number=1)

    refused = lift(superuser, acme, change_reason="")
    assert told(refused) == ["required"]
    done = lift(superuser, acme)

    assert_says(done, "emergency-lifted", tenant="acme")
    assert not Emergency.objects.exists()
    assert Emergency.history.latest().history_change_reason == "over"


def test_of_two_people_at_once_the_second_looks_again(superuser, acme):
    switch(superuser, acme, level="credentials")
    seen = emergency_version(acme.emergency)
    switch(superuser, acme)
    acme.refresh_from_db()

    refused = lift(superuser, acme, version=seen)

    assert told(refused) == ["has-changed"]
    again = fields_of_lift(refused)
    assert (again["change_reason"], Emergency.objects.get().level) == ("over", "all")
    assert lift(superuser, acme, **again).redirect_chain
    assert not Emergency.objects.exists()


def fields_of_lift(response):
    form = response.context["lift"]
    return {name: form[name].value() for name in ("change_reason", "version")}


def test_lifting_what_is_lifted_is_said(superuser, acme):
    version = emergency_version(Emergency.objects.create(tenant=acme, reason="x"))
    Emergency.objects.all().delete()

    done = superuser.post(
        page(acme), {"change_reason": "x", "version": version, "lift": ""}, follow=True
    )

    assert_says(done, "emergency-off-already", tenant="acme")


def test_taking_less_away_is_asked(superuser, acme):
    switch(superuser, acme)

    asked = switch(superuser, acme, level="credentials")
    assert 'name="loosens"' in asked.content.decode()
    assert Emergency.objects.get().level == "all"
    switch(superuser, acme, level="credentials", loosens="on")

    assert Emergency.objects.get().level == "credentials"
    assert "checked" in shown(superuser, page(acme)).partition('value="credentials"')[2][:80]


@pytest.mark.usefixtures("stopped")
def test_without_the_permission_nothing_can_be_switched(member, editor, acme, platform):
    before = [*Emergency.objects.values()]

    for client in (member, editor):
        start = shown(client, START)
        assert_silent(start, "emergency-of-everybody")
        assert page(platform) not in start
        assert page(acme) not in shown(
            client, reverse("admin:corsadmin_tenant_change", args=[acme.pk])
        )
        assert client.get(page(acme)).status_code == 403
        assert switch(client, acme).status_code == 403
        assert lift(client, acme).status_code == 403
        assert switch(client, platform).status_code in (403, 404)

    assert [*Emergency.objects.values()] == before


@pytest.mark.usefixtures("stopped")
def test_with_it_only_what_one_sees(ops, rival, platform):
    for tenant in (rival, platform):
        assert ops.get(page(tenant)).status_code == 404
        assert switch(ops, tenant).status_code == 404
        assert lift(ops, tenant).status_code == 404
    user = grant(UserFactory(), "emergency", "view_tenant")

    lift(log_in(user), platform)

    assert not Emergency.objects.filter(tenant=platform).exists()
    assert page(platform) in shown(log_in(user), START)
    assert page(platform) not in shown(ops, START)


def test_a_form_without_its_token_is_refused(acme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    assert switch(client, acme).status_code == 403
    assert not Emergency.objects.exists()


def test_the_inbox_never_offers_what_only_an_emergency_refuses(superuser, acme):
    sighted(acme, "https://listed.example")
    OriginFactory(tenant=acme, pattern="https://listed.example")
    sighted(acme, "https://new.example", "emergency")
    sighted(acme, "https://other.example")
    Emergency.objects.create(tenant=acme, reason="x")

    assert listed(superuser) == ["https://other.example"]


def test_the_trial_says_what_to_lift_and_whom_to_ask(acme, superuser, settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]
    Emergency.objects.create(tenant=acme, reason="x")
    question = {"url": "https://acme.example.net/api/x", "origin": APP, "method": "GET"}
    lacking = log_in(TenantMemberFactory(tenant=acme, user=UserFactory(), role="editor").user)

    answers = [
        " ".join(
            client.get(reverse("admin:corsadmin_tenant_try"), question).content.decode().split()
        )
        for client in (superuser, lacking)
    ]

    for answer in answers:
        assert_says(answer, "explain-lift-emergency", tenant="acme")
    assert ["corsadmin.emergency" in answer for answer in answers] == [False, True]
