"""What is risky stands beside its field, in words, and is said once more after a save."""

import pytest
from django.urls import reverse

from tests.admin.forms import submit, without_effect
from tests.factories import OriginFactory, PathRuleFactory
from tests.messages.screens import times

pytestmark = pytest.mark.slow

PLAIN = "http://plain.example"
BADGE = '<span class="corsadmin-state corsadmin-{0}">{0}</span> '


def page(row, name="change"):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_{name}", args=[row.pk])


def told(response):
    return [str(message) for message in without_effect(response.wsgi_request._messages)]


@pytest.mark.parametrize(
    ("fields", "severities"),
    [
        pytest.param({"pattern": PLAIN}, ["warning"], id="plain http"),
        pytest.param(
            {"pattern": PLAIN, "credentials": True, "risk_accepted": True}, ["danger"], id="danger"
        ),
        pytest.param({"pattern": "https://*.example.org:*"}, ["note", "note"], id="two"),
        pytest.param({"pattern": "https://a.example"}, [], id="none"),
    ],
)
@pytest.mark.parametrize("place", ["its own page", "the tenant's page"])
def test_risks_stand_beside_the_origin(member, acme, fields, severities, place):
    acme.origins.all().delete()
    entry = OriginFactory(tenant=acme, **fields)
    on_page = place == "its own page"

    shown = member.get(page(entry if on_page else acme)).content.decode()

    key = "id_pattern_risks" if on_page else "id_origins-0-pattern_risks"
    assert shown.count('class="corsadmin-risks"') == bool(severities)
    assert (f'aria-details="{key}"' in shown) == bool(severities)
    assert (f'id="{key}"' in shown) == bool(severities)
    for severity in severities:
        assert BADGE.format(severity) in shown


def test_the_risk_of_a_form_that_was_filled_in_by_a_link_is_shown(member, acme):
    given = {"tenant": acme.pk, "pattern": PLAIN, "credentials": "on"}

    shown = member.get(reverse("admin:corsadmin_origin_add"), given).content.decode()

    assert BADGE.format("danger") in shown


@pytest.mark.parametrize("place", ["its own page", "the tenant's page", "pasted"])
def test_a_danger_that_is_refused_is_told_once(superuser, acme, place):
    given = {"pattern": PLAIN, "credentials": "on"}
    if place == "pasted":
        sent = {"lines": PLAIN, "credentials": "on", "check": "Check"}
        response = superuser.post(page(acme, "paste"), sent)
    elif place == "its own page":
        response = submit(
            superuser, reverse("admin:corsadmin_origin_add"), {"tenant": acme.pk} | given
        )
    else:
        response = submit(
            superuser, page(acme), {f"origins-1-{name}": value for name, value in given.items()}
        )

    shown = response.content.decode()
    assert response.status_code == 200
    # The refusal begins with the words of the finding.
    assert times(shown, "finding-plain-http", value=PLAIN) == 1
    assert BADGE.format("danger") not in shown


def test_what_else_is_risky_stands_beside_the_refusal(superuser, acme):
    given = {"pattern": "http://*.example.org:*", "credentials": "on", "tenant": acme.pk}

    response = submit(superuser, reverse("admin:corsadmin_origin_add"), given)

    assert BADGE.format("warning") in response.content.decode()
    assert BADGE.format("danger") not in response.content.decode()


def test_a_danger_that_was_accepted_stands_beside_another_mistake(superuser, acme):
    given = {"pattern": PLAIN, "credentials": "on", "risk_accepted": "on", "scope": "x"}

    response = submit(superuser, reverse("admin:corsadmin_origin_add"), {"tenant": acme.pk} | given)

    assert response.status_code == 200
    assert BADGE.format("danger") in response.content.decode()


@pytest.mark.parametrize("opened", [True, False])
def test_the_risk_of_a_rule_stands_beside_its_box(superuser, acme, opened):
    rule = PathRuleFactory(tenant=acme, path="/open/", any_origin=opened)

    for address in (page(rule), page(acme)):
        shown = superuser.get(address).content.decode()

        assert (BADGE.format("warning") in shown) == opened


def test_who_only_looks_sees_the_page(viewer, acme):
    OriginFactory(tenant=acme, pattern=PLAIN)
    rule = PathRuleFactory(tenant=acme, path="/open/", any_origin=True)

    for row in (acme, rule, acme.origins.latest("pk")):
        assert viewer.get(page(row)).status_code == 200


@pytest.mark.parametrize(
    ("pattern", "on", "expected"),
    [
        pytest.param(PLAIN, True, 1, id="a risk"),
        pytest.param(PLAIN, False, 0, id="a risk that is off"),
        pytest.param("https://*.example.org", True, 0, id="a note"),
    ],
)
def test_after_a_save_its_risks_are_said(member, acme, pattern, on, expected):
    added = submit(
        member,
        reverse("admin:corsadmin_origin_add"),
        {"tenant": acme.pk, "pattern": pattern},
        without=[] if on else ["enabled"],
    )
    saved = submit(
        member,
        page(acme),
        {"origins-0-pattern": pattern, "origins-0-scope": "/x/", "confirm_lockout": "on"},
        without=[] if on else ["origins-0-enabled"],
    )

    for response in (added, saved):
        assert response.status_code == 302
        assert sum(text.startswith("Warning: ") for text in told(response)) == expected
