"""From the inbox to the ordinary forms, filled in, and back."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse

from corsadmin.models import Origin
from tests.admin.callers import sighted
from tests.admin.conftest import grant, log_in
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.inbox import ALL, of
from tests.factories import OriginFactory, PathRuleFactory, UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

ADD = "/admin/corsadmin/origin/add/"
NEW = "https://new.example"
WHY = {"change_reason": "OPS-12"}


def forms(client, page):
    """Return the addresses of the forms that a page offers for its only origin."""
    (line,) = client.get(page).context["lines"]
    return [address for address, _scope in line.forms]


@pytest.mark.parametrize("query", ["", "?days=30&lane=strangers"])
def test_an_origin_is_allowed_through_the_ordinary_form_which_leads_back(member, acme, query):
    sighted(acme)
    page = of(acme) + query
    (address,) = forms(member, page)

    assert fields_of(member.get(address)) | {"csrfmiddlewaretoken": ""} == {
        "csrfmiddlewaretoken": "",
        "tenant": str(acme.pk),
        "pattern": NEW,
        "enabled": "on",
        "scope": "",
        "valid_from": "",
        "valid_until": "",
        "note": "",
        "change_reason": "",
        "version": "",
    }
    response = submit(member, address, {"change_reason": "OPS-12"})

    assert (response.status_code, response["Location"]) == (302, page)
    entry = Origin.objects.get(pattern=NEW)
    assert (entry.tenant, entry.credentials, entry.scope) == (acme, False, "")
    assert entry.history.get().history_change_reason == "OPS-12"
    assert member.get(page).context["lines"] == []


def test_what_is_wrong_is_said_in_the_form_and_the_way_back_is_kept(member, acme):
    sighted(acme)
    (address,) = forms(member, ALL)

    refused = submit(member, address, {"scope": "api"})
    assert refused.status_code == 200
    assert errors_of(refused)
    assert submit(member, address, {"scope": "/api/", **WHY})["Location"] == ALL


def test_the_scope_is_filled_in_where_the_rule_is_exclusive(member, acme):
    acme.paths.update(exclusive=True)
    PathRuleFactory(tenant=acme, path="/other/")
    sighted(acme)
    (address,) = forms(member, of(acme))

    assert fields_of(member.get(address))["scope"] == "/api/"
    sighted(acme, rule="/other/")
    assert len(forms(member, of(acme))) == 2
    submit(member, address, WHY)
    assert [parse_qs(urlsplit(one).query).get("scope") for one in forms(member, of(acme))] == [None]


def test_machines_of_developers_are_allowed_with_every_port(member, acme):
    """The recording folds their ports and addresses into one origin."""
    sighted(acme, "http://127.0.0.1")
    (address,) = forms(member, of(acme))

    assert fields_of(member.get(address))["pattern"] == "http://localhost:*"
    assert_says(member.get(of(acme)), "inbox-developers")
    submit(member, address, WHY)
    assert member.get(of(acme)).context["lines"] == []


def test_a_single_port_of_a_developers_machine_leaves_the_others_refused(member, acme):
    sighted(acme, "http://127.0.0.1")
    OriginFactory(tenant=acme, pattern="http://localhost:3000")

    assert len(forms(member, of(acme))) == 1


@pytest.mark.parametrize(
    "permissions",
    [("view_tenant", "view_pathrule", "view_origin", "view_sighting")],
)
def test_who_may_not_add_origins_is_offered_no_form(acme, permissions):
    sighted(acme)

    assert forms(log_in(grant(UserFactory(), *permissions)), ALL) == []


ELSEWHERE = {
    "another site": "https://evil.example/admin/corsadmin/tenant/inbox/",
    "another host": "//evil.example/admin/corsadmin/tenant/",
    "a scheme of its own": "javascript:alert(1)",
    "a page that is not below the tenants": "/admin/logout/",
    "a backslash": "/\\evil.example",
    "a line break": "/admin/corsadmin/tenant/\r\nSet-Cookie: a=b",
    "a host that is not one": "//[",
    "a host that normalization changes": "//\u2100.example/",
    "an address that no redirect can hold": f"{ALL}?days={'7' * 20_000}",
    "nothing": "",
}


@pytest.mark.parametrize("back", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_form_leads_nowhere_else(member, acme, back):
    response = submit(member, f"{ADD}?{_query(tenant=acme.pk, pattern=NEW, back=back)}")

    assert response.status_code == 302
    assert response["Location"] == "/admin/corsadmin/origin/"


def test_who_goes_on_editing_stays_in_the_form(member, acme):
    query = _query(tenant=acme.pk, pattern=NEW, back=ALL)
    response = submit(member, f"{ADD}?{query}", {"_continue": "x"})

    assert response["Location"].startswith("/admin/corsadmin/origin/")
    assert "/change/" in response["Location"]


def test_a_changed_row_leads_back_too(member, acme):
    row = OriginFactory(tenant=acme)
    page = reverse("admin:corsadmin_origin_change", args=[row.pk])

    assert submit(member, f"{page}?{_query(back=ALL)}", {"note": "x"})["Location"] == ALL


def _query(**given):
    return urlencode(given)
