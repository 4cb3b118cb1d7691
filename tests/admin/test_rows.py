"""The lists and pages of hosts, path rules, origins and members."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Generation, TenantMember
from tests.admin.forms import codes_of, errors_of, fields_of, submit
from tests.admin.queries import queries_of
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
    UserFactory,
)
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


def moves():
    return Generation.objects.get().value


def list_page(model):
    return reverse(f"admin:corsadmin_{model}_changelist")


def listed(client, model, query):
    """Return what a list shows for a query string."""
    response = client.get(list_page(model), query)

    assert response.status_code == 200, response
    return sorted(str(row) for row in response.context["cl"].result_list)


@pytest.mark.parametrize(
    ("model", "given", "expected"),
    [
        pytest.param(
            "origin",
            {"pattern": "https://new.acme.example", "scope": "/api/", "enabled": "on"},
            {"pattern": "https://new.acme.example", "scope": "/api/"},
            id="origin",
        ),
        pytest.param(
            "pathrule",
            {"path": "/new/", "methods": "GET, PUT", "exposed_headers": "x-total-count"},
            {"path": "/new/", "methods": ["GET", "PUT"], "exposed_headers": ["x-total-count"]},
            id="path rule",
        ),
        pytest.param(
            "tenanthost", {"host": "new.acme.example"}, {"host": "new.acme.example"}, id="host"
        ),
    ],
)
def test_a_row_is_added_on_its_own_page(superuser, acme, model, given, expected):
    before = moves()

    response = submit(
        superuser,
        reverse(f"admin:corsadmin_{model}_add") + f"?tenant={acme.pk}",
        {**given, "tenant": acme.pk, "change_reason": "why not"},
    )

    assert response.status_code == 302, errors_of(response)
    row = apps.get_model("corsadmin", model).objects.latest("pk")
    assert {name: getattr(row, name) for name in expected} == expected
    assert row.tenant == acme
    assert row.history.get().history_change_reason == "why not"
    assert moves() == before + 1


def test_a_member_is_added_by_who_may(superuser, acme):
    user = UserFactory()

    response = submit(
        superuser,
        reverse("admin:corsadmin_tenantmember_add"),
        {"tenant": acme.pk, "user": user.username, "role": "editor", "change_reason": "hired"},
    )

    assert response.status_code == 302, errors_of(response)
    assert TenantMember.objects.get().history.get().history_change_reason == "hired"


def test_a_row_keeps_its_tenant(superuser, acme, rival):
    entry = acme.origins.get()

    submit(
        superuser,
        reverse("admin:corsadmin_origin_change", args=[entry.pk]),
        {"tenant": rival.pk, "note": "moved?"},
    )

    entry.refresh_from_db()
    assert (entry.tenant, entry.note) == (acme, "moved?")


def test_a_list_of_names_may_be_typed_with_commas_or_spaces(superuser, acme):
    rule = acme.paths.get()
    page = reverse("admin:corsadmin_pathrule_change", args=[rule.pk])

    opened = fields_of(superuser.get(page))
    submit(superuser, page, {"methods": "GET,PUT   DELETE", "request_headers": ""})

    rule.refresh_from_db()
    assert opened["methods"] == "GET, HEAD, POST"
    assert rule.methods == ["GET", "PUT", "DELETE"]
    assert rule.request_headers == []


@pytest.mark.parametrize(("model", "field"), [
    ("tenant", "slug"), ("tenanthost", "tenant"), ("tenanthost", "host"), ("origin", "tenant"),
    ("origin", "pattern"), ("pathrule", "tenant"), ("pathrule", "path"),
])  # fmt: skip
def test_what_is_missing_is_said_once(superuser, acme, model, field):
    page = reverse(f"admin:corsadmin_{model}_add")
    known = {} if model == "tenant" else {"tenant": acme.pk}

    response = submit(superuser, page, {**known, field: ""})

    errors = response.context["adminform"].form.errors.as_data()[field]
    assert [error.code for error in errors] == ["required"]


def test_what_was_typed_is_shown_again_when_it_is_wrong(superuser, acme):
    page = reverse("admin:corsadmin_pathrule_change", args=[acme.paths.get().pk])

    response = submit(superuser, page, {"methods": "GET,, get  PUT"})

    assert fields_of(response)["methods"] == "GET,, get  PUT"
    assert 'data-corsadmin-value="GET"' in response.content.decode()


def test_a_stored_moment_survives_a_save_to_the_second(superuser, acme):
    moment = timezone.now().replace(microsecond=0, second=42)
    entry = OriginFactory(tenant=acme, valid_until=moment + timedelta(days=1), valid_from=moment)
    page = reverse("admin:corsadmin_origin_change", args=[entry.pk])

    submit(superuser, page, {"note": "kept"})

    entry.refresh_from_db()
    assert entry.valid_until == moment + timedelta(days=1)
    assert entry.history.count() == 2


def test_a_row_saved_unchanged_writes_nothing(superuser, acme):
    entry = OriginFactory(tenant=acme, valid_until=timezone.now())
    before = moves()

    submit(superuser, reverse("admin:corsadmin_origin_change", args=[entry.pk]))

    assert moves() == before
    assert entry.history.count() == 1


def test_a_duplicate_is_refused_in_words(superuser, acme):
    response = submit(
        superuser,
        reverse("admin:corsadmin_origin_add"),
        {"tenant": acme.pk, "pattern": "https://app.acme.example"},
    )

    assert response.status_code == 200
    assert codes_of(response) == {"unique_together"}


# What is searched for, and the origins that are found.
COVERED = {
    "a real origin": (
        "https://a.b.acme.example",
        ["https://*.acme.example", "https://a.b.acme.example:*"],
    ),
    "a URL": (
        "https://A.B.acme.example/shop?x=1",
        ["https://*.acme.example", "https://a.b.acme.example:*"],
    ),
    "with a port": ("https://a.b.acme.example:8443", ["https://a.b.acme.example:*"]),
    "words of a note": ("ticket 12", ["https://app.acme.example"]),
    "what nothing has": ("rival", []),
    "the tenant": (
        "acme",
        ["https://*.acme.example", "https://a.b.acme.example:*", "https://app.acme.example"],
    ),
}


def test_origins_are_found_by_what_they_cover(superuser, acme):
    acme.origins.update(note="for ticket 12")
    OriginFactory(tenant=acme, pattern="https://*.acme.example")
    OriginFactory(tenant=acme, pattern="https://a.b.acme.example:*")

    for what, (term, expected) in COVERED.items():
        assert listed(superuser, "origin", {"q": term}) == expected, what


@pytest.fixture
def entries(acme):
    now = timezone.now()
    day = timedelta(days=1)
    acme.origins.update(credentials=True)
    windows: dict[str, dict[str, Any]] = {
        "soon": {"valid_until": now + day},
        "late": {"valid_until": now + 90 * day},
        "ended": {"valid_until": now - day},
        "future": {"valid_from": now + day},
        "off": {"enabled": False},
    }
    for name, fields in windows.items():
        OriginFactory(tenant=acme, pattern=f"https://{name}.example", **fields)
    OriginFactory(tenant=acme, pattern="http://plain.example", risk_accepted=True)
    OriginFactory(tenant=acme, pattern="http://localhost:*")


FILTERS = {
    "in force": (
        {"state": "current"},
        [
            "http://localhost:*",
            "http://plain.example",
            "https://app.acme.example",
            "https://late.example",
            "https://soon.example",
        ],
    ),
    "ending": ({"state": "ending"}, ["https://soon.example"]),
    "ended": ({"state": "ended"}, ["https://ended.example"]),
    "not yet valid": ({"state": "not-yet"}, ["https://future.example"]),
    "disabled": ({"state": "disabled"}, ["https://off.example"]),
    "no state": ({"state": "nonsense"}, []),
    "risk accepted": ({"risk": "accepted"}, ["http://plain.example"]),
    "plain http": ({"risk": "http"}, ["http://plain.example"]),
    "wildcard": ({"risk": "wildcard"}, ["http://localhost:*"]),
    "credentials": ({"risk": "credentials"}, ["https://app.acme.example"]),
    "no risk": ({"risk": "nonsense"}, []),
    "no tenant": ({"tenant": "nonsense"}, []),
    "another tenant": ({"tenant": "0"}, []),
}


def test_origins_are_filtered_by_state_and_risk(superuser, entries):
    for what, (query, expected) in FILTERS.items():
        assert listed(superuser, "origin", query) == expected, what


def test_the_list_names_the_state_of_each_origin(superuser, entries):
    shown = superuser.get(list_page("origin")).content.decode()

    for state in ("in force", "ending soon", "ended", "not yet valid", "disabled"):
        assert f">{state}</span>" in shown


def test_with_many_tenants_the_sidebar_names_only_the_chosen_one(superuser, acme, rival):
    few = superuser.get(list_page("origin")).content.decode()
    for _number in range(20):
        TenantFactory()
    many = superuser.get(list_page("origin")).content.decode()
    chosen = superuser.get(list_page("origin"), {"tenant": acme.pk}).content.decode()

    assert f"?tenant={rival.pk}" in few
    assert "?tenant=" not in many
    assert f"?tenant={acme.pk}" in chosen
    assert f"?tenant={rival.pk}" not in chosen


@pytest.mark.parametrize("model", ["tenanthost", "pathrule", "origin", "tenantmember"])
def test_lists_cost_few_queries(superuser, acme, model):
    for _number in range(30):
        tenant = TenantFactory()
        TenantHostFactory(tenant=tenant)
        PathRuleFactory(tenant=tenant)
        OriginFactory(tenant=tenant)
        TenantMemberFactory(tenant=tenant)

    assert len(queries_of(superuser, list_page(model))) < 10


def test_a_rule_whose_methods_are_no_list_is_still_listed(superuser, acme):
    acme.paths.update(methods="GET")

    assert superuser.get(list_page("pathrule")).status_code == 200


@pytest.mark.parametrize("model", ["pathrule", "origin", "tenanthost"])
def test_pages_say_that_browsers_remember(superuser, acme, model):
    row = {"pathrule": acme.paths, "origin": acme.origins, "tenanthost": acme.hosts}[model].get()

    deleting = superuser.get(reverse(f"admin:corsadmin_{model}_delete", args=[row.pk]))

    assert_says(deleting, "rows-browsers-remember")
