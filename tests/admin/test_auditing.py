"""What auditors ask of the list of origins: conditions that combine, and the tenants that meet them."""

import re

import pytest
from django.urls import reverse

from corsadmin.admin.audit_files import tenants
from corsadmin.models import Origin
from tests.admin.conftest import grant, log_in
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site
from tests.messages.screens import assert_says, text

ORIGINS = reverse("admin:corsadmin_origin_changelist")
TENANTS = reverse("admin:corsadmin_origin_tenants")


def written(tenant, name, reason="", user=None, **values):
    """Return an entry that somebody wrote for a reason."""
    row = Origin(tenant=tenant, pattern=name if "://" in name else f"https://{name}.example")
    return rewritten(row, reason, user, **values)


def rewritten(row, reason="", user=None, **values):
    for field, value in values.items():
        setattr(row, field, value)
    row._change_reason, row._history_user = reason, user
    row.save()
    return row


@pytest.fixture
def people(db):
    return {name: UserFactory(username=name) for name in ("ann", "bob")}


@pytest.fixture
def site(people):
    acme = make_site("acme", origins=[])
    ann, bob = people["ann"], people["bob"]
    written(acme, "https://*.one.example", "OPS-1", ann, credentials=True)
    written(acme, "https://*.two.example", "", ann, valid_until="2040-01-01T00:00:00Z")
    taken = written(
        acme, "http://three.example", "OPS-3", ann, credentials=True, risk_accepted=True
    )
    rewritten(taken, "", bob, note="changed by somebody else")
    again = written(acme, "http://four.example", "", ann, credentials=True, risk_accepted=True)
    rewritten(again, "", None, risk_accepted=False)
    rewritten(again, "", bob, risk_accepted=True)
    Origin.objects.bulk_create(
        [Origin(tenant=acme, pattern="http://five.example", credentials=True, risk_accepted=True)]
    )
    return acme


def names(response):
    rows = response.context["cl"].result_list
    return {row.pattern.removesuffix(".example").replace("*.", "").split("//")[1] for row in rows}


FILTERS = {
    "wildcards": ("risk=wildcard", {"one", "two"}),
    "wildcards with credentials": ("risk=wildcard,credentials", {"one"}),
    "in any order, twice": ("risk=credentials,wildcard,credentials", {"one"}),
    "plain http with credentials": ("risk=http,credentials", {"three", "four", "five"}),
    "no end": ("risk=no-end", {"one", "three", "four", "five"}),
    "wildcard without an end": ("risk=wildcard,no-end", {"one"}),
    "no reason": ("risk=no-reason", {"two", "four", "five"}),
    "no reason with credentials": ("risk=no-reason,credentials", {"four", "five"}),
    "accepted": ("risk=accepted", {"three", "four", "five"}),
    "accepted by the first person": ("accepted_by={ann}", {"three"}),
    "accepted again by another": ("risk=accepted&accepted_by={bob}", {"four"}),
    "accepted by nobody knows whom": ("accepted_by=unknown", {"five"}),
    "accepted by somebody, no reason": ("risk=no-reason&accepted_by={bob}", {"four"}),
    "with a search": ("risk=http&q=four", {"four"}),
    "with another tenant": ("risk=http&tenant=999999", set()),
    "an unknown condition": ("risk=wildcard,none", set()),
}


def test_conditions_combine(superuser, site, people):
    keys = {name: user.pk for name, user in people.items()}

    for what, (query, expected) in FILTERS.items():
        assert names(superuser.get(f"{ORIGINS}?{query.format(**keys)}")) == expected, what


def filters(response):
    """Return the filters that the list offers beside those by a field."""
    specs = response.context["cl"].filter_specs
    return {getattr(spec, "parameter_name", ""): spec for spec in specs}


def choices(response, name):
    return {
        str(one["display"]): (one["selected"], one["query_string"])
        for one in filters(response)[name].choices(response.context["cl"])
    }


def test_each_choice_adds_to_the_others_or_is_taken_away(superuser, site):
    plain = choices(superuser.get(ORIGINS), "risk")
    found = choices(superuser.get(f"{ORIGINS}?risk=wildcard,credentials&state=current"), "risk")
    last = choices(superuser.get(f"{ORIGINS}?risk=http"), "risk")

    assert plain["All"] == (True, "?")
    assert plain["Wildcard"] == (False, "?risk=wildcard")
    assert found["All"] == (False, "?state=current")
    assert found["Wildcard"] == (True, "?risk=credentials&state=current")
    assert found["and: No end"] == (False, "?risk=wildcard%2Ccredentials%2Cno-end&state=current")
    assert last["Plain http"] == (True, "?")


def test_people_are_named_once_accepted_risks_are_asked_for(superuser, site, people):
    assert "accepted_by" not in filters(superuser.get(ORIGINS))

    found = choices(superuser.get(f"{ORIGINS}?risk=accepted"), "accepted_by")
    nobody = choices(superuser.get(f"{ORIGINS}?accepted_by=999999"), "accepted_by")

    assert [*found] == ["All", "ann", "bob", "Unknown"]
    assert found["bob"][1] == f"?accepted_by={people['bob'].pk}&risk=accepted"
    assert not any(is_chosen for is_chosen, _query in nobody.values())


def test_a_member_is_named_nobody_who_accepted_at_other_tenants(site):
    member = UserFactory()
    TenantMemberFactory(tenant=make_site("other"), user=member)

    page = log_in(member).get(f"{ORIGINS}?risk=accepted&accepted_by=1").content.decode()

    assert not re.search(r"\b(ann|bob)\b", page)


def test_questions_keep_the_tenant_and_are_marked_when_they_are_asked(superuser, site):
    response = superuser.get(f"{ORIGINS}?tenant={site.pk}&risk=http%2Ccredentials&p=1")
    found = {str(title): (page, asked) for title, page, asked in response.context["questions"]}

    assert found[text("audit-wildcard-credentials")] == (
        f"?tenant={site.pk}&risk=wildcard%2Ccredentials",
        False,
    )
    assert found[text("audit-http-credentials")] == (f"?tenant={site.pk}", True)
    assert found[text("audit-not-used")] == (f"?tenant={site.pk}&seen=90", False)
    assert response.context["tenants_page"] == (
        f"{TENANTS}?tenant={site.pk}&risk=http%2Ccredentials&p=1"
    )
    assert "questions" not in superuser.get(f"{ORIGINS}?_popup=1").context


def test_questions_about_other_rows_need_the_view_of_those(site):
    shown = log_in(grant(UserFactory(), "view_origin")).get(ORIGINS).context

    assert text("audit-not-used") not in {str(title) for title, *_rest in shown["questions"]}
    assert shown["tenants_page"] == ""


def test_the_tenants_that_have_such_origins_those_with_the_most_first(superuser, site):
    rival = make_site("rival", origins=["https://a.example"])
    for number in range(4):
        written(rival, f"http://{number}.example", credentials=True, risk_accepted=True)
    make_site("third", origins=["https://b.example"])

    response = superuser.get(f"{TENANTS}?risk=http,credentials&q=http&tenant_name=")
    found = response.context["tenants"]

    assert [(one.tenant.slug, one.number) for one in found] == [("rival", 4), ("acme", 3)]
    assert len(superuser.get(found[1].page).context["cl"].result_list) == 3
    assert response.context["back"] == f"{ORIGINS}?risk=http%2Ccredentials&q=http"
    assert "<strong>http · Plain http · With credentials</strong>" in response.content.decode()
    assert_says(superuser.get(f"{TENANTS}?q=zzz"), "audit-no-tenant")


def test_a_member_is_told_the_numbers_of_their_tenants(site):
    member = UserFactory()
    TenantMemberFactory(tenant=site, user=member)
    rival = make_site("rival", origins=["https://*.rival.example"])

    found = log_in(member).get(f"{TENANTS}?risk=wildcard").context["tenants"]

    assert rival
    assert [(one.tenant.slug, one.number) for one in found] == [("acme", 2)]


def test_very_many_are_counted_in_part_and_the_page_says_so(superuser, site, monkeypatch):
    monkeypatch.setattr(tenants, "MAX_COUNTED_ORIGINS", 3)
    monkeypatch.setattr(tenants, "MAX_COUNTED_TENANTS", 1)
    OriginFactory(tenant=make_site("last"), pattern="https://z.example")

    page = superuser.get(TENANTS)

    assert [(one.tenant.slug, one.number) for one in page.context["tenants"]] == [("acme", 2)]
    assert_says(page, "audit-counted-partly", most=3)
    assert_says(page, "pages-more-tenants")
