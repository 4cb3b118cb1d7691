"""Whichever door a change comes through: what refuses the very page in use asks first."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Origin, PathRule, TenantHost
from corsadmin.proposed_change.losses import LAST, OWN
from corsadmin.proposed_change.widening import OTHERS
from tests.admin.conftest import grant, log_in
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.imports import check
from tests.admin.imports import confirm as confirm_import
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.slow

PAGE = "http://testserver"


def address(row, view="change"):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_{view}", args=[row.pk])


def list_of(model):
    return reverse(f"admin:corsadmin_{model._meta.model_name}_changelist")


@pytest.fixture
def site(acme, platform):
    """Acme lists the page in use beside another origin; so does the platform, without rules."""
    OriginFactory(tenant=acme, pattern=PAGE)
    return acme


@pytest.fixture
def heir(acme, platform):
    """Acme has neither rules nor the page of its own: it inherits both."""
    acme.paths.all().delete()
    PathRuleFactory(tenant=platform, path="/api/")
    OriginFactory(tenant=platform, pattern=PAGE)
    return acme


# The same is done to rows by test_pages_of_rows, test_pages_that_delete_rows and test_actions.
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"paths-0-DELETE": "on"}, id="its rule deleted"),
        pytest.param({"hosts-0-host": "other.example.net"}, id="its host renamed"),
        pytest.param({"origins-0-scope": "/api/x/"}, id="its entry narrowed"),
        pytest.param({"origins-0-valid_until": "2020-01-01T00:00"}, id="its entry ended"),
    ],
)
def test_rows_on_the_page_of_a_tenant(superuser, site, changes):
    asked = submit(superuser, address(site), changes)

    assert errors_of(asked) == [OWN]
    assert asked.context["losses"]
    meant = superuser.post(address(site), {**fields_of(asked), "confirm_lockout": "on"})
    assert meant.status_code == 302, errors_of(meant)


def test_what_is_taken_away_and_given_back_in_one_save_is_no_loss(superuser, site):
    saved = submit(
        superuser,
        address(site),
        {
            "paths-0-DELETE": "on",
            "paths-TOTAL_FORMS": "2",
            "paths-1-path": "/",
            "paths-1-enabled": "on",
            "paths-1-methods": "GET",
        },
    )

    assert saved.status_code == 302


def test_inheriting_no_longer(superuser, heir):
    OriginFactory(tenant=heir)

    asked = submit(superuser, address(heir), without=["inherits_platform"])

    assert errors_of(asked) == [OWN]


def test_inheriting_no_longer_takes_the_last_origin_too(superuser, heir):
    heir.origins.all().delete()

    asked = submit(superuser, address(heir), without=["inherits_platform"])

    assert errors_of(asked) == [LAST, OWN]
    heir.refresh_from_db()
    assert heir.inherits_platform


@pytest.mark.parametrize("model", [PathRule, TenantHost])
def test_pages_of_rows(superuser, site, model):
    row = model.objects.get(tenant=site)
    changes = {"path": "/other/"} if model is PathRule else {"host": "other.example.net"}

    asked = submit(superuser, address(row), changes)
    meant = superuser.post(address(row), {**fields_of(asked), "confirm_lockout": "on"})

    assert errors_of(asked) == [OWN]
    assert meant.status_code == 302
    row.refresh_from_db()
    assert str(row) in changes.values()


@pytest.mark.parametrize("model", [PathRule, TenantHost])
def test_pages_that_delete_rows(superuser, site, model):
    row = model.objects.get(tenant=site)

    asked = superuser.post(address(row, "delete"), {"post": "yes"})

    assert asked.context["losses"] == [f"acme: {OWN}"]
    superuser.post(address(row, "delete"), fields_of(asked))
    assert not model.objects.exists()


@pytest.mark.parametrize(
    ("model", "action"),
    [
        pytest.param(PathRule, "disable", id="rules disabled"),
        pytest.param(PathRule, "delete_selected", id="rules deleted"),
        pytest.param(TenantHost, "delete_selected", id="hosts deleted"),
    ],
)
def test_actions(superuser, site, model, action):
    rows = model.objects.filter(tenant=site)
    sent = {"action": action, "_selected_action": [row.pk for row in rows]}

    asked = superuser.post(list_of(model), sent)

    assert asked.context_data["losses"] == [f"acme: {OWN}"]
    assert superuser.post(list_of(model), fields_of(asked)).status_code == 302
    assert not [row for row in model.objects.all() if getattr(row, "enabled", True)]


PLAIN = {"pattern": PAGE}
OTHER = {"pattern": "https://app.acme.example"}
RULE = {"path": "/api/"}


@pytest.mark.parametrize(
    ("tenants", "prune", "lost"),
    [
        pytest.param([{"paths": [{**RULE, "enabled": False}]}], "", OWN, id="a rule off"),
        pytest.param([{"hosts": [], "origins": [PLAIN, OTHER], "paths": [RULE]}], "on", OWN,
                     id="a host removed"),
        pytest.param([{"hosts": ["acme.example.net"], "origins": [PLAIN, OTHER], "paths": []}],
                     "on", OWN, id="a rule removed"),
        pytest.param([{}, {"slug": "rival", "hosts": ["acme.example.net"]}], "", OWN,
                     id="a host moved"),
        pytest.param([{}, {"slug": "new", "hosts": ["acme.example.net"]}], "", OWN,
                     id="a host moved to a new tenant"),
        pytest.param([{}, {"slug": "rival", "hosts": ["acme.example.net"], "origins": [PLAIN]}],
                     "", "", id="a host moved to where the page is listed"),
        pytest.param([{"inherits_platform": False}], "", "", id="nothing of its own"),
        pytest.param([{"paths": [{"path": "/x/"}]}, {"slug": "new", "paths": [RULE]}], "", "",
                     id="more rules"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("site", "rival")
def test_imports(superuser, tenants, prune, lost):
    text = json.dumps({"version": 1, "tenants": [{"slug": "acme", **one} for one in tenants]})

    shown = check(superuser, text, **({"prune": prune} if prune else {}))

    assert shown.context["losses"] == ([f"acme: {lost}"] if lost else [])
    refused = confirm_import(superuser, shown)
    assert refused.status_code == (200 if lost else 302)


def test_putting_back(superuser, site):
    PathRule.objects.all().delete()
    page = reverse("admin:corsadmin_tenant_restore", args=[site.pk])
    before = timezone.now()
    PathRuleFactory(tenant=site, path="/api/")

    shown = superuser.get(page, {"before": before.isoformat()})
    unmeant = superuser.post(page, fields_of(shown))

    assert shown.context["losses"] == [OWN]
    assert unmeant.status_code == 200
    assert site.paths.exists()
    meant = superuser.post(page, {**fields_of(shown), "confirm_lockout": "on"})
    assert meant.status_code == 302
    assert not site.paths.exists()


def test_an_old_version_of_a_rule(superuser, site):
    rule = site.paths.get()
    rule.path = "/old/"
    rule.save()
    old = rule.history.latest()
    rule.path = "/api/"
    rule.save()
    page = reverse("admin:corsadmin_pathrule_simple_history", args=[rule.pk, old.pk])

    asked = submit(superuser, page)
    meant = superuser.post(page, {**fields_of(asked), "confirm_lockout": "on"})

    assert asked.context["losses"]
    assert meant.status_code == 302
    rule.refresh_from_db()
    assert rule.path == "/old/"


def test_a_rule_of_the_platform_is_one_of_all_that_inherit_it(superuser, site, rival, platform):
    site.paths.all().delete()
    rule = PathRuleFactory(tenant=platform, path="/api/")

    asked = submit(superuser, address(rule), without=["enabled"])

    assert errors_of(asked) == [f"acme: {OWN}"]


def test_what_the_platform_lists_it_lists_for_all(superuser, heir):
    PathRule.objects.update(tenant=heir)
    entry = Origin.objects.get(pattern=PAGE)
    OriginFactory(tenant=entry.tenant)

    asked = submit(superuser, address(entry), without=["enabled"])

    assert errors_of(asked) == [f"acme: {OWN}"]


def test_what_the_platform_itself_loses_is_told_of_it_alone(superuser, heir, platform):
    asked = submit(superuser, address(platform.paths.get()), without=["enabled"])

    assert errors_of(asked) == [OWN]


def test_who_does_not_see_a_tenant_is_not_told_its_name(site, rival, platform):
    site.paths.all().delete()
    rule = PathRuleFactory(tenant=platform, path="/api/")
    user = grant(UserFactory(), "change_platform")
    TenantMemberFactory(tenant=platform, user=user, role="editor")

    asked = submit(log_in(user), address(rule), without=["enabled"])

    assert errors_of(asked) == [f"{OTHERS}: {OWN}"]
    assert "acme" not in asked.content.decode()
