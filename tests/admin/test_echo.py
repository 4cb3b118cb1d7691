"""A star with credentials asks why, whatever door it takes, and says what it opens."""

import pytest
from django.urls import reverse

from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import PathRule
from corsadmin.proposed_change.risk_acceptance import accepts_risk
from tests.admin.forms import errors_of, fields_of, submit
from tests.factories import PathRuleFactory
from tests.messages.screens import assert_says, assert_silent

pytestmark = pytest.mark.slow

STAR = "risk-echo"


def stars(**fields):
    given = {"path": "/stars/", "credentials": True, "request_headers": ["*"], **fields}
    return PathRule(**given)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, stars(), True, id="a star with credentials"),
        pytest.param(None, stars(methods=["*"], request_headers=[]), True, id="any method"),
        pytest.param(None, stars(credentials=False), False, id="a star without credentials"),
        pytest.param(stars(credentials=False), stars(), True, id="credentials on a star"),
        pytest.param(stars(request_headers=["x-a"]), stars(), True, id="a star on credentials"),
        pytest.param(
            stars(methods=["*"], request_headers=[]), stars(methods=["*"]), True, id="one star more"
        ),
        pytest.param(stars(methods=["*"]), stars(), False, id="one star less"),
        pytest.param(stars(), stars(max_age=5), False, id="the star as before"),
        pytest.param(stars(), stars(path="/more/"), True, id="the star somewhere else"),
        pytest.param(stars(enabled=False), stars(), True, id="the star switched on"),
    ],
)
def test_what_a_star_opens_must_be_explained(before, after, expected):
    assert accepts_risk(before, after) is expected


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        pytest.param({"request_headers": ["*"]}, {"credentials": "on"}, id="credentials on a star"),
        pytest.param({"credentials": True}, {"methods": "GET, *"}, id="any method"),
    ],
)
def test_the_form_asks_why_before_it_opens(superuser, acme, stored, sent):
    rule = PathRuleFactory(tenant=acme, path="/stars/", **stored)

    opens_when_explained(superuser, rule, rule, sent)


def test_the_page_of_the_tenant_asks_why_too(superuser, acme):
    rule = PathRuleFactory(tenant=acme, path="/stars/", credentials=True)
    rows = [row.pk for row in acme.paths.order_by("path")]
    sent = {f"paths-{rows.index(rule.pk)}-request_headers": "content-type *"}

    opens_when_explained(superuser, rule, acme, sent)


def opens_when_explained(client, rule, row, sent):
    """Send the form of a row's page as a reader does: without a reason, then with one."""
    page = reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])

    asked = submit(client, page, sent)
    answered = client.post(page, {**fields_of(asked), "change_reason": "OPS-7"})

    assert set(errors_of(asked)) == {str(SAY_WHY)}
    assert_says(asked, STAR, value="/stars/")
    assert answered.status_code == 302, errors_of(answered)
    rule.refresh_from_db()
    assert rule.credentials
    assert rule.history.first().history_change_reason == "OPS-7"


def test_the_risk_stands_beside_the_credentials(superuser, acme):
    rule = PathRuleFactory(tenant=acme, path="/stars/", credentials=True, request_headers=["*"])

    response = superuser.get(reverse("admin:corsadmin_pathrule_change", args=[rule.pk]))

    fields = response.context["adminform"].form.fields
    assert_says(fields["credentials"].help_text, STAR, value="/stars/")
    assert_silent(fields["any_origin"].help_text, STAR)


def test_a_rule_with_a_star_is_changed_without_a_reason_where_nothing_opens(superuser, acme):
    rule = PathRuleFactory(tenant=acme, path="/stars/", credentials=True, request_headers=["*"])
    page = reverse("admin:corsadmin_pathrule_change", args=[rule.pk])

    response = submit(superuser, page, {"max_age": "60"})

    assert response.status_code == 302, errors_of(response)
