"""The methods and request headers that path rules refused, and adding them to the rule."""

import pytest
from django.urls import reverse

from tests.admin.callers import ago, sighted_names
from tests.admin.conftest import log_in
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.inbox import ALL, of
from tests.factories import PathRuleFactory, TenantFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, assert_silent, filled, readable

pytestmark = pytest.mark.slow

PREFLIGHTS = filled("inbox-preflights", counter=8)
ORIGINS = filled("inbox-from-origins", counter=2)


def asked(client, page=ALL, **query):
    """Return what a page says was asked for, each with its rule."""
    return [
        (one.rule.path, one.sorted_methods, one.sorted_headers)
        for one, _address in client.get(page, query).context["asked"]
    ]


RULES = {
    "methods that it lacks": ({}, ["PUT", "GET"], [], ["PUT"], []),
    "headers that it lacks": ({}, [], ["x-a", "content-type"], [], ["x-a"]),
    "both": ({}, ["PUT"], ["x-a"], ["PUT"], ["x-a"]),
    "what it has by now": ({"methods": ["PUT"], "request_headers": ["x-a"]}, ["PUT"], ["x-a"], None, None),
    "stars": ({"methods": ["*"], "request_headers": ["*"]}, ["PUT"], ["x-a"], None, None),
    "what a star is not": ({"request_headers": ["*"]}, [], ["x-a", "authorization"], [], ["authorization"]),
    "what a star is with credentials": (
        {"request_headers": ["*"], "credentials": True}, [], ["authorization"], None, None,
    ),
    "what no rule may have": ({}, ["TRACE", "b d"], ["cookie", "b d"], None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", RULES.values(), ids=RULES)
def test_what_a_rule_lacks_is_listed(superuser, acme, case):
    fields, methods, headers, missing, names = case
    acme.paths.update(**fields)
    sighted_names(acme, methods=methods, request_headers=headers)

    expected = [] if missing is None else [("/api/", missing, names)]
    assert asked(superuser) == asked(superuser, of(acme)) == expected


def test_what_several_origins_asked_for_is_one_row(superuser, acme):
    sighted_names(acme, methods=["PUT"])
    sighted_names(acme, "https://other.acme.example", request_headers=["x-a"])

    ((one, _address),) = superuser.get(ALL).context["asked"]
    assert (one.sorted_methods, one.sorted_headers, one.preflights) == (["PUT"], ["x-a"], 8)
    assert f"{PREFLIGHTS} {ORIGINS}" in readable(superuser.get(ALL))


def test_the_most_asked_for_comes_first_and_the_time_counts(superuser, acme):
    PathRuleFactory(tenant=acme, path="/other/")
    sighted_names(acme, methods=["PUT"])
    sighted_names(acme, rule="/other/", methods=["PUT"], preflights=9)
    sighted_names(acme, methods=["DELETE"], last_seen=ago(days=9), origin="https://old.example")

    assert asked(superuser) == [("/other/", ["PUT"], []), ("/api/", ["PUT"], [])]
    assert asked(superuser, days="30")[1] == ("/api/", ["DELETE", "PUT"], [])


@pytest.mark.parametrize("gone", ["disabled", "deleted"])
def test_a_rule_that_is_gone_is_not_listed(superuser, acme, gone):
    sighted_names(acme, methods=["PUT"])
    if gone == "deleted":
        acme.paths.all().delete()
    else:
        acme.paths.update(enabled=False)

    assert asked(superuser) == []


def test_names_are_added_through_the_ordinary_form_which_leads_back(member, acme):
    sighted_names(acme, methods=["PUT", "DELETE"], request_headers=["x-a"])
    ((_one, address),) = member.get(of(acme)).context["asked"]

    opened = member.get(address)
    assert fields_of(opened)["methods"] == "GET, HEAD, POST, DELETE, PUT"
    assert fields_of(opened)["request_headers"] == "content-type, x-a"
    assert_says(opened, "inbox-not-saved")
    response = submit(member, address, {"change_reason": "OPS-13"})

    assert response["Location"] == of(acme)
    rule = acme.paths.get()
    assert rule.methods == ["GET", "HEAD", "POST", "DELETE", "PUT"]
    assert rule.request_headers == ["content-type", "x-a"]
    assert rule.history.first().history_change_reason == "OPS-13"
    assert asked(member, of(acme)) == []


def test_what_opens_a_rule_is_asked_about_as_ever(member, acme):
    acme.paths.update(credentials=True)
    rule = acme.paths.get()
    page = reverse("admin:corsadmin_pathrule_change", args=[rule.pk])

    response = submit(member, f"{page}?add_methods=*")
    assert_says(errors_of(response), "risk-give-a-reason")
    rule.refresh_from_db()
    assert rule.methods == ["GET", "HEAD", "POST"]


@pytest.mark.parametrize(
    ("query", "methods"),
    [
        pytest.param("add_methods=", "GET, HEAD, POST", id="nothing"),
        pytest.param("add_methods=GET,,PUT", "GET, HEAD, POST, PUT", id="what is there already"),
        pytest.param(
            "add_methods=" + ",".join(f"M{number:02}" for number in range(30)),
            "GET, HEAD, POST, " + ", ".join(f"M{number:02}" for number in range(20)),
            id="too many",
        ),
    ],
)
def test_a_link_offers_names(member, acme, query, methods):
    page = reverse("admin:corsadmin_pathrule_change", args=[acme.paths.get().pk])

    assert fields_of(member.get(f"{page}?{query}"))["methods"] == methods


def test_a_stored_list_that_is_none_stays_as_it_is(superuser, acme):
    acme.paths.update(methods="GET")
    page = reverse("admin:corsadmin_pathrule_change", args=[acme.paths.get().pk])

    assert fields_of(superuser.get(f"{page}?add_methods=PUT"))["methods"] == "GET"


@pytest.mark.parametrize("stored", [5, "PUT", {"PUT": 1}, [5], [None], [["PUT"]]])
def test_stored_names_that_are_not_a_list_of_text_are_not_listed(superuser, acme, stored):
    sighted_names(acme, methods=stored, request_headers=stored)

    assert superuser.get(ALL).context["asked"] == []


def test_a_viewer_is_offered_no_form(viewer, acme):
    sighted_names(acme, methods=["PUT"])
    ((_one, address),) = viewer.get(of(acme)).context["asked"]

    assert address == ""
    page = reverse("admin:corsadmin_pathrule_change", args=[acme.paths.get().pk])
    assert_silent(viewer.get(f"{page}?add_methods=PUT"), "inbox-not-saved")


def test_a_rule_of_the_platform_is_for_those_who_may_change_it(superuser, member, acme, platform):
    rule = PathRuleFactory(tenant=platform, path="/shared/")
    sighted_names(acme, rule="/shared/", methods=["PUT"])

    assert asked(member) == [("/shared/", ["PUT"], [])]
    ((one, address),) = member.get(of(acme)).context["asked"]
    assert (one.is_inherited, address) == (True, "")
    assert_says(member.get(of(acme)), "inbox-of-platform")
    ((_one, address),) = superuser.get(of(acme)).context["asked"]
    assert address.startswith(reverse("admin:corsadmin_pathrule_change", args=[rule.pk]))


def note(client, rule):
    """Return what the page of a rule says was asked of it, and where that is added."""
    response = client.get(reverse("admin:corsadmin_pathrule_change", args=[rule.pk]))

    return response.context.get("asked"), " ".join(response.content.decode().split())


def test_the_page_of_a_rule_says_what_it_refused_and_offers_to_add_it(member, viewer, acme, rival):
    sighted_names(acme, methods=["PUT"])
    sighted_names(acme, "https://other.acme.example", request_headers=["b d"])
    sighted_names(acme, methods=["DELETE"], origin="https://old.example", last_seen=ago(days=8))
    sighted_names(rival, methods=["PATCH"])

    ((one, address), page) = note(member, acme.paths.get())
    assert (one.sorted_methods, one.sorted_headers) == (["PUT"], [])
    assert f"<code>PUT</code> ({PREFLIGHTS} {ORIGINS}" in page
    assert fields_of(member.get(address))["methods"] == "GET, HEAD, POST, PUT"
    assert_says(page, "inbox-names-refused")
    assert_silent(member.get(address), "inbox-names-refused")
    assert note(viewer, acme.paths.get())[0][1] == ""


def test_the_page_of_the_platforms_rule_joins_what_its_heirs_were_asked(superuser, acme, platform):
    rule = PathRuleFactory(tenant=platform, path="/shared/")
    alone = TenantFactory(slug="alone", inherits_platform=False)
    for tenant, name in ((acme, "PUT"), (TenantFactory(), "PATCH"), (alone, "DELETE")):
        sighted_names(tenant, rule="/shared/", methods=[name])

    (one, _address), _page = note(superuser, rule)

    assert (one.sorted_methods, one.preflights) == (["PATCH", "PUT"], 8)


def test_members_read_on_the_platforms_rule_what_their_own_callers_asked(acme, rival, platform):
    rule = PathRuleFactory(tenant=platform, path="/shared/")
    user = UserFactory()
    for tenant in (acme, platform):
        TenantMemberFactory(tenant=tenant, user=user, role="viewer")
    for tenant, name in ((acme, "PUT"), (rival, "PATCH")):
        sighted_names(tenant, rule="/shared/", methods=[name])

    assert note(log_in(user), rule)[0][0].sorted_methods == ["PUT"]


def test_who_sees_no_sightings_reads_nothing_of_them_on_the_page_of_a_rule(editor, acme):
    sighted_names(acme, methods=["PUT"])

    assert note(editor, acme.paths.get())[0] is None


def test_who_does_not_inherit_a_rule_was_not_refused_by_it(superuser, platform):
    alone = TenantFactory(slug="alone", inherits_platform=False)
    PathRuleFactory(tenant=platform, path="/shared/")
    sighted_names(alone, rule="/shared/", methods=["PUT"])

    assert asked(superuser) == []
