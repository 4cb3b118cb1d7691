"""The banner: every page says that an emergency is on, to those who may see it, and for how long."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Emergency, PathRule
from tests.admin.emergencies import START, banner, page, shown, switch
from tests.factories import PathRuleFactory
from tests.messages.screens import assert_says, assert_silent, says, text

PAGES = {
    "the start page of the site": lambda acme: "/admin/",
    "the start page": lambda acme: START,
    "tenants": lambda acme: reverse("admin:corsadmin_tenant_changelist"),
    "hosts": lambda acme: reverse("admin:corsadmin_tenanthost_changelist"),
    "path rules": lambda acme: reverse("admin:corsadmin_pathrule_changelist"),
    "origins": lambda acme: reverse("admin:corsadmin_origin_changelist"),
    "members": lambda acme: reverse("admin:corsadmin_tenantmember_changelist"),
    "a tenant": lambda acme: reverse("admin:corsadmin_tenant_change", args=[acme.pk]),
    "an origin": lambda acme: reverse("admin:corsadmin_origin_change", args=[acme.origins.get().pk]),
    "a new rule": lambda acme: reverse("admin:corsadmin_pathrule_add"),
    "a deletion": lambda acme: reverse("admin:corsadmin_tenant_delete", args=[acme.pk]),
    "a history": lambda acme: reverse("admin:corsadmin_tenant_history", args=[acme.pk]),
    "a version": lambda acme: reverse("admin:corsadmin_tenant_history", args=[acme.pk]) + f"{acme.history.get().pk}/",
    "the trial": lambda acme: reverse("admin:corsadmin_tenant_try"),
    "the inbox": lambda acme: reverse("admin:corsadmin_tenant_inbox"),
    "the history": lambda acme: reverse("admin:corsadmin_tenant_history_all"),
    "its own page": page,
}  # fmt: skip
UNTIL_LIFTED = text("emergency-until-lifted")


@pytest.mark.slow
def test_every_page_says_that_one_is_on(superuser, acme):
    assert {banner(superuser, where(acme)) for where in PAGES.values()} == {""}
    switch(superuser, acme)

    for name, where in PAGES.items():
        shown_there = banner(superuser, where(acme))

        assert_says(shown_there, "emergency-stopped", tenant="acme", end=UNTIL_LIFTED)
        assert "by superuser" in shown_there, name
        assert "INC-1" in shown_there, name
        assert page(acme) in shown_there, name


def test_the_banner_says_until_when_browsers_go_on(superuser, acme, platform):
    PathRule.objects.update(max_age=None)
    PathRuleFactory(tenant=platform, max_age=3_600)
    row = Emergency.objects.create(tenant=acme, reason="x")

    def said(**passed):
        Emergency.objects.update(modified=timezone.now() - timedelta(**passed))
        return says(banner(superuser), "emergency-preflights")

    assert (said(minutes=59), said(minutes=61), said(days=2)) == (True, False, False)
    PathRule.objects.filter(tenant=platform).delete()
    assert (said(seconds=1), said(seconds=6)) == (True, False)
    row.delete()
    Emergency.objects.create(tenant=platform, reason="x")
    assert said(seconds=1)


def test_it_reminds_every_day_until_it_is_lifted(superuser, acme):
    Emergency.objects.create(tenant=acme, reason="x", by=None)
    assert_silent(banner(superuser), "emergency-on-for-days")

    Emergency.objects.update(created=timezone.now() - timedelta(days=3, hours=1))

    assert_says(banner(superuser), "emergency-on-for-days", days=3)
    assert_says(shown(superuser, START), "emergency-still-needed")


def test_a_level_that_is_not_known_is_said(superuser, acme):
    Emergency.objects.create(tenant=acme, reason="x")
    Emergency.objects.update(level="<b>")

    assert_says(banner(superuser), "emergency-level-unknown", level="<b>")


def test_what_is_over_is_not_said(superuser, acme):
    Emergency.objects.create(tenant=acme, reason="x", until=timezone.now())

    assert banner(superuser) == ""
    assert_silent(shown(superuser, page(acme)), "emergency-lift")


def test_of_very_many_the_first_are_named(superuser, acme, rival, monkeypatch):
    monkeypatch.setattr("corsadmin.admin.emergency.banner.MAX_LINES", 1)
    for tenant in (acme, rival):
        Emergency.objects.create(tenant=tenant, reason="x")

    assert_says(banner(superuser), "emergency-stopped", tenant="acme")
    assert_silent(banner(superuser), "emergency-stopped", tenant="rival")
    assert_says(banner(superuser), "emergency-more")


@pytest.mark.usefixtures("stopped")
def test_members_read_of_their_tenants_and_the_platform(viewer, superuser, outsider, ops):
    assert [f"why {slug}" in banner(superuser) for slug in ("acme", "rival", "platform")] == [
        True
    ] * 3
    for client in (viewer, ops):
        found = [f"why {slug}" in banner(client) for slug in ("acme", "rival", "platform")]
        assert found == [True, False, True]
    assert banner(outsider, "/admin/") == ""
    assert banner(ops).count("<a ") == 1
    assert banner(viewer).count("<a ") == 0
