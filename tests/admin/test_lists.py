"""Lists end somewhere and say so; pages, searches and actions stay within bounds."""

from itertools import product
from operator import attrgetter

import pytest
from django.urls import reverse

from corsadmin.admin.changelist import bounded, delete_summary, search
from corsadmin.models import Generation, Origin, Tenant, generation
from tests.admin.conftest import ROW_PERMISSIONS, grant, log_in
from tests.admin.queries import queries_of
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
    UserFactory,
)
from tests.messages.screens import assert_says, assert_silent

pytestmark = pytest.mark.slow

MODELS = ("tenant", "tenanthost", "pathrule", "origin", "tenantmember")


def address(model):
    return reverse(f"admin:corsadmin_{model}_changelist")


def listed(client, model, query=None):
    """Return the list that a client is shown, and the page's text."""
    response = client.get(address(model), query or {})

    assert response.status_code == 200, response
    return response.context["cl"], response.content.decode()


@pytest.fixture
def crowd(acme):
    """Eight more origins of acme, in a world whose lists end after five."""
    return [OriginFactory(tenant=acme, pattern=f"https://n{number}.example") for number in range(8)]


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(bounded, "MAX_LISTED_ROWS", 5)


def test_a_list_ends_and_says_so(superuser, crowd, short):
    shown, text = listed(superuser, "origin")

    assert [row.pk for row in shown.result_list] == [row.pk for row in crowd[:2:-1]]
    assert shown.result_count == 5
    assert_says(text, "list-cut", most=5)


def test_a_list_that_shows_all_says_nothing(superuser, crowd):
    shown, text = listed(superuser, "origin")

    assert shown.result_count == 9
    assert_silent(text, "list-cut", "list-cut-about")


@pytest.fixture
def pages_of_two(monkeypatch):
    monkeypatch.setattr(bounded.BoundedLists, "list_per_page", 2)


@pytest.mark.usefixtures("crowd", "short", "pages_of_two")
def test_pages_follow_each_other_up_to_the_end(superuser):
    for page, numbers in {"1": [7, 6], "2": [5, 4], "3": [3]}.items():
        shown, _text = listed(superuser, "origin", {"p": page})

        assert [str(row) for row in shown.result_list] == [f"https://n{n}.example" for n in numbers]


@pytest.mark.usefixtures("crowd", "short", "pages_of_two")
def test_a_page_beyond_the_end_is_none(superuser):
    response = superuser.get(address("origin"), {"p": "4"})

    assert response.status_code == 302


@pytest.mark.usefixtures("crowd", "pages_of_two")
def test_all_of_a_short_list_are_shown_on_one_page(superuser):
    shown, _text = listed(superuser, "origin", {"all": ""})

    assert len(shown.result_list) == 9


def test_a_page_is_sorted_as_the_whole(superuser, crowd, rival):
    columns = {1: "pattern", 2: "tenant.slug", 7: "modified"}
    for number in (1, -1, 2, -2, 7, -7):
        shown, _text = listed(superuser, "origin", {"o": number})

        found = [attrgetter(columns[abs(number)])(row) for row in shown.result_list]
        assert found == sorted(found, reverse=number < 0), number
        assert len(found) == 10


def test_columns_without_an_index_offer_no_order(superuser, acme):
    _shown, text = listed(superuser, "origin")

    for column in ("scope_in_words", "with_credentials", "state", "last_seen"):
        assert f"column-{column}" in text
        assert f"sortable column-{column}" not in text


def test_nobody_is_offered_to_count_every_choice_of_every_filter(superuser, acme):
    _shown, text = listed(superuser, "origin")
    asked, _text = listed(superuser, "origin", {"_facets": "True"})

    assert "_facets" not in text
    assert not asked.add_facets


def test_lists_cost_few_queries_however_long(superuser, member, acme):
    user = UserFactory(username="acme.example")
    with generation.change():
        for number in range(55):
            tenant = TenantFactory()
            TenantHostFactory(tenant=tenant)
            TenantMemberFactory(tenant=tenant, user=user)
            OriginFactory(tenant=acme)
            PathRuleFactory(tenant=acme, path=f"/{number}/")

    asked = ("", "q=acme+example", "o=1", "p=2")
    seen = [(superuser, *one) for one in product(MODELS, asked)]
    seen += [(member, *one) for one in product(MODELS[:-1], asked[:-1])]
    seen += [(member, model, "p=2") for model in ("origin", "pathrule")]
    for client, model, query in seen:
        assert len(queries_of(client, f"{address(model)}?{query}")) < 16, (model, query)


@pytest.fixture(params=["few keys", "many keys"])
def told_apart(request, acme, rival, monkeypatch):
    """Rows that a word tells apart, related by few keys and by more than are named."""
    if request.param == "many keys":
        monkeypatch.setattr(search, "MAX_KEYS", 0)
    Tenant.objects.filter(pk=acme.pk).update(name="Acme Inc.")
    acme.origins.update(note="OPS-7")
    OriginFactory(tenant=rival, pattern="https://shop")
    OriginFactory(tenant=rival, pattern="https://shop.rival.example")


# What is searched for in which list, and what is found.
SEARCHES = {
    "part of a slug, in upper case": ("tenant", "ACM", ["acme"]),
    "part of a name": ("tenant", "inc", ["acme"]),
    "a host": ("tenant", "acme.example.net", ["acme"]),
    "no tenant has both words": ("tenant", "acme rival", []),
    "words in quotes": ("tenant", '"Acme Inc"', ["acme"]),
    "a lonely quote": ("tenant", '"', []),
    "words of a host": ("tenanthost", "acme EXAMPLE", ["acme.example.net"]),
    "a path of a tenant": ("pathrule", "/api/ rival", ["/api/"]),
    "part of a pattern": ("origin", "app.riv", ["https://app.rival.example"]),
    "part of a note": ("origin", "ops-7", ["https://app.acme.example"]),
    "upper case": ("origin", "App", ["https://app.acme.example", "https://app.rival.example"]),
    "the beginning of an origin": ("origin", "https://app.acme", ["https://app.acme.example"]),
    "a host of one label, and part of another": (
        "origin",
        "shop",
        ["https://shop", "https://shop.rival.example"],
    ),
}


@pytest.mark.usefixtures("told_apart")
def test_what_a_search_finds(superuser):
    for what, (model, term, expected) in SEARCHES.items():
        shown, _text = listed(superuser, model, {"q": term})

        assert sorted(map(str, shown.result_list)) == expected, what


def test_an_origin_is_looked_up_and_not_searched_for(superuser, acme, rival):
    OriginFactory(tenant=rival, pattern="https://*.acme.example")
    OriginFactory(tenant=rival, pattern="https://app.acme.example.org")

    found = queries_of(superuser, f"{address('origin')}?q=https://app.acme.example/page")

    assert not [query for query in found if "LIKE" in query]
    shown, _text = listed(superuser, "origin", {"q": "https://app.acme.example/page"})
    assert sorted(str(row) for row in shown.result_list) == [
        "https://*.acme.example",
        "https://app.acme.example",
    ]


def act_on_all(client, model, action, **extra):
    rows = {"_selected_action": ["1"], "select_across": "1"}
    response = client.post(address(model), {"action": action, **rows, **extra}, follow=True)

    assert response.status_code == 200
    return response


@pytest.mark.parametrize(
    ("action", "limit"), [("disable", "MAX_ACTION_ROWS"), ("delete_selected", "MAX_DELETED_ROWS")]
)
def test_an_action_on_all_of_too_many_rows_is_refused(superuser, crowd, monkeypatch, action, limit):
    monkeypatch.setattr(bounded, limit, 8)
    before = Generation.objects.get().value

    response = act_on_all(superuser, "origin", action, post="yes", confirm_lockout="on")

    assert_says(response, "list-too-many-selected", most=8)
    assert Origin.objects.filter(enabled=True).count() == 9
    assert Generation.objects.get().value == before


def test_an_action_on_all_of_few_rows_is_carried_out(superuser, crowd):
    act_on_all(superuser, "origin", "disable", confirm_lockout="on")

    assert not Origin.objects.filter(enabled=True).exists()


@pytest.fixture
def confirmed(acme):
    return reverse("admin:corsadmin_tenant_delete", args=[acme.pk])


def test_the_question_before_a_large_tenant_goes_counts_what_goes(
    superuser, acme, crowd, confirmed, monkeypatch
):
    monkeypatch.setattr(delete_summary, "MAX_NAMED_ROWS", 10)

    text = superuser.get(confirmed).content.decode()
    superuser.post(confirmed, {"post": "yes", "confirm_lockout": "on"})

    assert "Origins: 9" in text
    assert "n3.example" not in text
    assert f"{reverse('admin:corsadmin_tenant_change', args=[acme.pk])}" in text
    assert not Tenant.objects.filter(pk=acme.pk).exists()


def test_the_question_before_a_small_tenant_goes_names_what_goes(superuser, crowd, confirmed):
    assert "n3.example" in superuser.get(confirmed).content.decode()


def test_a_large_tenant_goes_only_with_all_that_the_user_may_delete(
    acme, crowd, confirmed, monkeypatch
):
    monkeypatch.setattr(delete_summary, "MAX_NAMED_ROWS", 10)
    allowed = set(ROW_PERMISSIONS) - {"delete_origin"}
    somebody = log_in(grant(UserFactory(), *allowed))

    asked = somebody.get(confirmed)
    sent = somebody.post(confirmed, {"post": "yes", "confirm_lockout": "on"})

    assert list(asked.context["perms_lacking"]) == ["origin"]
    assert sent.status_code == 403
    assert Tenant.objects.filter(pk=acme.pk).exists()
