"""Exclusive rules on the screens: what the field says, and the question before it opens a path."""

import pytest
from django.urls import reverse

from corsadmin.admin.effective import effective, read_with_platform
from corsadmin.models import PathRule
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.test_trial import ask
from tests.factories import OriginFactory, PathRuleFactory
from tests.messages.screens import assert_says, text

pytestmark = pytest.mark.slow

OPENED = "lockout-exclusive-opened"


@pytest.fixture
def rule(acme):
    PathRuleFactory(tenant=acme, path="/")
    return PathRuleFactory(tenant=acme, path="/api/admin/", exclusive=True)


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def page(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


def test_an_exclusive_rule_becomes_ordinary_only_after_a_question(superuser, rule):
    asked = submit(superuser, page(rule), without=["exclusive"])

    assert errors_of(asked) == [text(OPENED)]
    rule.refresh_from_db()
    assert rule.exclusive

    meant = superuser.post(page(rule), {**fields_of(asked), "confirm_lockout": "on"})

    assert meant.status_code == 302
    rule.refresh_from_db()
    assert not rule.exclusive


def test_the_page_of_the_tenant_asks_too(superuser, acme, rule):
    number = next(
        name.removesuffix("-path")
        for name, value in fields_of(superuser.get(page(acme))).items()
        if value == "/api/admin/"
    )

    asked = submit(superuser, page(acme), without=[f"{number}-exclusive"])

    assert errors_of(asked) == [text(OPENED)]


@pytest.mark.parametrize("action", ["disable", "delete_selected"])
def test_actions_on_rules_ask_too(superuser, rule, action):
    address = reverse("admin:corsadmin_pathrule_changelist")

    asked = superuser.post(address, {"action": action, "_selected_action": [rule.pk]})

    assert_says(asked, OPENED)
    assert PathRule.objects.filter(pk=rule.pk, enabled=True).exists()


def test_a_rule_that_becomes_exclusive_asks_if_it_refuses_the_page(superuser, acme):
    OriginFactory(tenant=acme, pattern="http://testserver")
    rule = acme.paths.get()

    asked = submit(superuser, page(rule), {"exclusive": "on"})

    assert errors_of(asked) == [text("lockout-own-page")]


def test_the_form_refuses_it_with_any_origin(superuser, rule):
    refused = submit(superuser, page(rule), {"any_origin": "on", "reason": "public"})

    assert list(refused.context["adminform"].form.errors) == ["exclusive"]


def test_every_form_says_what_it_does(superuser, acme, rule):
    for row in (acme, rule):
        assert_says(superuser.get(page(row)), "tenant-exclusive-help")


def test_lists_and_the_policy_in_force_show_it(superuser, acme, rule):
    listed = superuser.get(reverse("admin:corsadmin_pathrule_changelist"), {"exclusive__exact": 1})
    shown = superuser.get(page(acme))

    assert [row.path for row in listed.context["cl"].result_list] == ["/api/admin/"]
    for response in (listed, shown):
        assert_says(response, "tenant-only-scoped")
    assert len(effective(read_with_platform(acme, with_origins=True))["lines"]) == 3


def test_the_trial_says_why_and_what_to_add(superuser, rule):
    response = ask(superuser, url="https://acme.example.net/api/admin/x")

    ((sentence, _ask),) = response.context["changes"]
    assert_says(sentence, "explain-add-scoped-origin", tenant="acme", scope="/api/admin/")
    assert [near.kind for near in response.context["found"].near_misses] == ["exclusive"]
