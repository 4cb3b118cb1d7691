"""What lists and pages say instead of Python: words for yes and no, names for lists."""

import pytest
from django.urls import reverse

from corsadmin.models import PathRule
from tests.admin.forms import fields_of, submit
from tests.factories import OriginFactory, PathRuleFactory
from tests.messages.screens import assert_says, text

pytestmark = pytest.mark.slow

YES, NO = '<span class="corsadmin-state corsadmin-badge">yes</span>', "no"
LISTED = text("tenant-listed-origins")
WITH_COOKIES, REFUSED = text("tenant-with-cookies"), text("tenant-others-refused")
RISKY = f'<span class="corsadmin-state corsadmin-warning">{text("tenant-any-origin")}</span>'


def cell(response, field):
    text = response.content.decode()
    return text.split(f' class="field-{field}">')[1].split("</td>")[0]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        pytest.param({}, LISTED, id="those that are listed"),
        pytest.param({"any_origin": True}, RISKY, id="any origin is a warning"),
        pytest.param({"exclusive": True}, text("tenant-only-scoped"), id="exclusive"),
        pytest.param({"credentials": True}, f"{LISTED}, {WITH_COOKIES}", id="credentials"),
        pytest.param(
            {"refuse_unlisted": True},
            f"{LISTED}, {REFUSED}",
            id="refusing others",
        ),
    ],
)
def test_a_list_says_in_words_whom_a_rule_lets_in(superuser, acme, fields, shown):
    acme.paths.update(**{"credentials": False, **fields})

    response = superuser.get(reverse("admin:corsadmin_pathrule_changelist"))

    assert cell(response, "lets_in") == shown


@pytest.mark.parametrize("credentials", [True, False])
def test_an_origin_is_told_in_words(superuser, acme, credentials):
    acme.origins.update(credentials=credentials)

    response = superuser.get(reverse("admin:corsadmin_origin_changelist"))

    assert cell(response, "with_credentials") == (YES if credentials else NO)


def test_no_list_praises_or_blames_what_is_let_in(superuser, acme):
    PathRuleFactory(tenant=acme, path="/open/", any_origin=True)
    OriginFactory(tenant=acme, credentials=True)
    marks = {}
    for model in ("tenant", "origin", "pathrule", "tenanthost"):
        response = superuser.get(reverse(f"admin:corsadmin_{model}_changelist"))
        cells = response.content.decode().split(' class="field-')
        marks[model] = {one.split('"')[0] for one in cells if "img/icon-" in one.split("</td>")[0]}

    # A tick is left where it means that something works.
    assert marks == {
        "tenant": {"is_active"},
        "origin": set(),
        "pathrule": {"enabled"},
        "tenanthost": set(),
    }


LISTS = {
    "methods": ["GET", "POST"],
    "request_headers": ["content-type", "authorization"],
    "exposed_headers": [],
}


@pytest.fixture
def rule(acme, superuser):
    """A rule with lists of names, and a history of them."""
    row = acme.paths.get()
    page = reverse("admin:corsadmin_pathrule_change", args=[row.pk])
    given = {name: " ".join(names) for name, names in LISTS.items()}
    assert submit(superuser, page, given).status_code == 302
    return row


@pytest.fixture(params=["the rule's page", "the tenant's page", "an old version"])
def looked_at(request, viewer, acme, rule):
    """What somebody who may only look reads of the rule, at each place that shows it."""
    pages = {
        "the rule's page": reverse("admin:corsadmin_pathrule_change", args=[rule.pk]),
        "the tenant's page": reverse("admin:corsadmin_tenant_change", args=[acme.pk]),
        "an old version": reverse(
            "admin:corsadmin_pathrule_simple_history",
            args=[rule.pk, rule.history.latest("history_id").pk],
        ),
    }
    return viewer.get(pages[request.param]).content.decode()


def test_who_only_looks_reads_names(looked_at):
    fields = looked_at.split('class="readonly">')

    assert "GET, POST" in looked_at
    assert "content-type, authorization" in looked_at
    assert "[" not in "".join(part.split("<")[0] for part in fields[1:])
    assert "&quot;GET&quot;" not in looked_at


def test_what_is_stored_as_no_list_is_shown_as_it_is(viewer, rule):
    PathRule.objects.filter(pk=rule.pk).update(methods="GET", exposed_headers={"x": "y"})

    text = viewer.get(reverse("admin:corsadmin_pathrule_change", args=[rule.pk])).content.decode()

    assert '<div class="readonly">GET</div>' in text
    assert "{&#x27;x&#x27;: &#x27;y&#x27;}" in text


def test_the_history_tells_changes_in_words(viewer, superuser, rule):
    page = reverse("admin:corsadmin_pathrule_change", args=[rule.pk])
    submit(superuser, page, {"methods": "GET", "credentials": "on", "max_age": "60"})

    text = viewer.get(reverse("admin:corsadmin_pathrule_history", args=[rule.pk])).content.decode()

    assert "<li>methods: <del>GET, POST</del> → <ins>GET</ins></li>" in text
    assert "<li>credentials: <del>no</del> → <ins>yes</ins></li>" in text
    assert "<li>max age: <ins>60</ins></li>" in text


def test_who_only_looks_reads_yes_and_no(looked_at):
    fields = looked_at.split('class="readonly">')
    lines = [" ".join(part.split("</div>")[0].split()) for part in fields]

    assert "img/icon-yes" not in looked_at
    assert "img/icon-no" not in looked_at
    assert {"yes", "no"} <= {*lines}


def test_what_stands_beside_a_box_explains_its_words(viewer, acme):
    page = reverse("admin:corsadmin_pathrule_change", args=[acme.paths.get().pk])

    text = viewer.get(page).content.decode()

    assert "<label>Any origin:</label>" in text
    assert_says(text, "rows-any-origin-help")


def test_two_versions_are_told_in_words(superuser, acme):
    page = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    stale = {
        **fields_of(superuser.get(page)),
        "origins-0-credentials": "on",
        "origins-0-valid_until": "2100-01-01T00:00",
        "paths-0-max_age": "soon",
        "paths-0-methods": "PUT, GET",
    }
    del stale["is_active"]
    superuser.post(page, {**fields_of(superuser.get(page)), "name": "First"})

    response = superuser.post(page, stale)

    assert {found[1:] for found in response.context["conflict"]["differences"]} == {
        ("Name", "First", "Acme"),
        ("Active", "yes", "no"),
        ("Credentials", "no", "yes"),
        ("Valid until", "", "Jan. 1, 2100, midnight"),
        ("Max age", "", "soon"),
        ("Methods", "GET, HEAD, POST", "PUT, GET"),
    }
