"""A user who accepts a risk gives a reason, at every door."""

from typing import Any

import pytest
from django.urls import reverse

from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.proposed_change.risk_acceptance import accepts_risk
from tests.admin.forms import errors_of, submit
from tests.factories import OriginFactory, PathRuleFactory

pytestmark = pytest.mark.slow

RISKY = "http://intranet.acme.example"
OPEN = "/open/"


def tenant_page(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def change_page(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


def risky(tenant, **fields):
    fields = {"pattern": RISKY, "credentials": True, "risk_accepted": True, **fields}
    return OriginFactory(tenant=tenant, **fields)


def is_asked_why(response):
    return response.context["adminform"].form.errors.get("change_reason") == [str(SAY_WHY)]


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.parametrize(
    ("model", "given"),
    [
        pytest.param(
            "origin",
            {"pattern": RISKY, "credentials": "on", "risk_accepted": "on"},
            id="a danger accepted",
        ),
        pytest.param(
            "origin", {"pattern": "https://a.example", "risk_accepted": "on"}, id="just the box"
        ),
        pytest.param("pathrule", {"path": OPEN, "any_origin": "on"}, id="any origin"),
    ],
)
def test_a_new_row_that_accepts_a_risk_needs_a_reason(superuser, acme, model, given, reason):
    page = reverse(f"admin:corsadmin_{model}_add")
    given = {**given, "tenant": acme.pk}
    kind: Any = {"origin": Origin, "pathrule": PathRule}[model]

    silent = submit(superuser, page, {**given, "change_reason": reason})
    assert is_asked_why(silent)
    assert kind.objects.count() == 1

    meant = submit(superuser, page, {**given, "change_reason": "OPS-1"})
    assert meant.status_code == 302, errors_of(meant)
    row = kind.objects.latest("pk")
    assert row.history.get().history_change_reason == "OPS-1"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(
            {
                "origins-1-pattern": RISKY,
                "origins-1-credentials": "on",
                "origins-1-risk_accepted": "on",
            },
            id="an origin",
        ),
        pytest.param({"paths-0-any_origin": "on"}, id="a path rule"),
    ],
)
def test_on_the_page_of_a_tenant_the_reason_is_asked_for_in_its_place(superuser, acme, given):
    silent = submit(superuser, tenant_page(acme), given)

    assert is_asked_why(silent)
    assert not Origin.objects.filter(risk_accepted=True).exists()
    assert not PathRule.objects.filter(any_origin=True).exists()
    meant = submit(superuser, tenant_page(acme), {**given, "change_reason": "OPS-1"})
    assert meant.status_code == 302, errors_of(meant)


@pytest.mark.parametrize(
    ("changes", "without", "asked"),
    [
        pytest.param({"pattern": "http://other.acme.example"}, [], True, id="another origin"),
        pytest.param({"note": "seen"}, [], False, id="a note"),
        pytest.param({"scope": "/api/"}, [], False, id="a narrower scope"),
        pytest.param({}, ["credentials"], False, id="no longer dangerous"),
        pytest.param({}, ["risk_accepted", "credentials"], False, id="no longer accepted"),
    ],
)
def test_what_was_accepted_once_is_asked_for_again_as_another_danger(
    superuser, acme, changes, without, asked
):
    response = submit(superuser, change_page(risky(acme)), changes, without=without)

    assert response.status_code == (200 if asked else 302)
    assert not asked or is_asked_why(response)


@pytest.mark.parametrize("model", ["origin", "pathrule"])
def test_a_danger_that_is_switched_on_again_needs_a_reason(superuser, acme, model):
    row = (
        risky(acme, enabled=False)
        if model == "origin"
        else PathRuleFactory(tenant=acme, path=OPEN, any_origin=True, enabled=False)
    )

    assert is_asked_why(submit(superuser, change_page(row), {"enabled": "on"}))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, PathRule(path=OPEN), False, id="a closed rule"),
        pytest.param(None, PathRule(path=OPEN, any_origin=True), True, id="an open rule"),
        pytest.param(
            PathRule(path=OPEN, any_origin=True),
            PathRule(path="/more/", any_origin=True),
            True,
            id="open somewhere else",
        ),
        pytest.param(
            PathRule(path=OPEN, any_origin=True),
            PathRule(path=OPEN, any_origin=True, max_age=5),
            False,
            id="open as before",
        ),
        pytest.param(
            Origin(pattern=RISKY, risk_accepted=True),
            Origin(pattern=RISKY, risk_accepted=True, credentials=True),
            True,
            id="credentials on top",
        ),
        pytest.param(
            Origin(pattern="https://a.example", risk_accepted=True),
            Origin(pattern="https://b.example", risk_accepted=True, credentials=True),
            False,
            id="no danger",
        ),
        pytest.param(None, Tenant(slug="acme"), False, id="a tenant"),
    ],
)
def test_what_counts_as_accepting(before, after, expected):
    assert accepts_risk(before, after) is expected
