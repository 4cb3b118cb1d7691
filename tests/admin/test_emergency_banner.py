"""The banner: every page says that an emergency is on, to those who may see it, and for how long."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Emergency, PathRule
from tests.admin.emergencies import START, banner, page, shown, switch
from tests.factories import PathRuleFactory

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


@pytest.mark.slow
def test_every_page_says_that_one_is_on(superuser, acme):
    assert {banner(superuser, where(acme)) for where in PAGES.values()} == {""}
    switch(superuser, acme)

    for name, where in PAGES.items():
        text = banner(superuser, where(acme))

        assert "every origin of acme is stopped, until somebody lifts it." in text, name
        assert "by superuser" in text, name
        assert "INC-1" in text, name
        assert page(acme) in text, name


def test_the_banner_says_until_when_browsers_go_on(superuser, acme, platform):
    PathRule.objects.update(max_age=None)
    PathRuleFactory(tenant=platform, max_age=3_600)
    row = Emergency.objects.create(tenant=acme, reason="x")

    def said(**passed):
        Emergency.objects.update(modified=timezone.now() - timedelta(**passed))
        return "Browsers that still remember a preflight may keep sending requests until" in banner(
            superuser
        )

    assert (said(minutes=59), said(minutes=61), said(days=2)) == (True, False, False)
    PathRule.objects.filter(tenant=platform).delete()
    assert (said(seconds=1), said(seconds=6)) == (True, False)
    row.delete()
    Emergency.objects.create(tenant=platform, reason="x")
    assert said(seconds=1)


def test_it_reminds_every_day_until_it_is_lifted(superuser, acme):
    Emergency.objects.create(tenant=acme, reason="x", by=None)
    assert "has been on for" not in banner(superuser)

    Emergency.objects.update(created=timezone.now() - timedelta(days=3, hours=1))

    assert "The emergency has been on for 3 days. Lift it, or set an end." in banner(superuser)
    assert "It has been on since" in shown(superuser, START)


def test_a_level_that_is_not_known_is_said(superuser, acme):
    Emergency.objects.create(tenant=acme, reason="x")
    Emergency.objects.update(level="<b>")

    assert "The level “&lt;b&gt;” is unknown, so every origin is stopped." in banner(superuser)


def test_what_is_over_is_not_said(superuser, acme):
    Emergency.objects.create(tenant=acme, reason="x", until=timezone.now())

    assert banner(superuser) == ""
    assert "Lift the emergency" not in shown(superuser, page(acme))


def test_of_very_many_the_first_are_named(superuser, acme, rival, monkeypatch):
    monkeypatch.setattr("corsadmin.admin.emergency.banner.MAX_LINES", 1)
    for tenant in (acme, rival):
        Emergency.objects.create(tenant=tenant, reason="x")

    assert "every origin of acme is stopped" in banner(superuser)
    assert "every origin of rival is stopped" not in banner(superuser)
    assert "More emergencies are on" in banner(superuser)


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
