"""Among many tenants: the search by tenant beside a list, pasted addresses, and empty lists."""

import re

import pytest
from django.urls import reverse

from corsadmin.admin.breakable import breakable
from corsadmin.admin.changelist import filters
from corsadmin.models import Tenant
from tests.admin.conftest import grant, log_in
from tests.admin.queries import queries_of
from tests.factories import TenantFactory, TenantHostFactory, UserFactory, make_site
from tests.messages.screens import assert_says, assert_silent

pytestmark = pytest.mark.slow

LISTS = ("origin", "pathrule", "tenanthost", "tenantmember")


def address(model):
    return reverse(f"admin:corsadmin_{model}_changelist")


def listed(client, model, query=None):
    response = client.get(address(model), query or {})

    assert response.status_code == 200
    return response.context["cl"], response.content.decode()


def owners(client, query):
    """Return the tenants of the listed origins."""
    shown, _text = listed(client, "origin", query)
    return sorted({row.tenant.slug for row in shown.result_list})


@pytest.fixture
def several(acme, rival, monkeypatch):
    """More tenants than a sidebar names."""
    monkeypatch.setattr(filters, "MAX_LISTED_TENANTS", 1)
    Tenant.objects.filter(pk=rival.pk).update(name="Best Rival")
    make_site("acme-eu", origins=["https://app.acme.eu"])


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("acme", ["acme"], id="a whole slug"),
        pytest.param("ACME", ["acme"], id="in upper case"),
        pytest.param("acm", ["acme", "acme-eu"], id="a part of slugs"),
        pytest.param(" best ", ["rival"], id="a part of a name"),
        pytest.param("nobody", [], id="of no tenant"),
        pytest.param("  ", ["acme", "acme-eu", "rival"], id="blank"),
    ],
)
def test_tenants_are_found_by_slug_or_name(superuser, text, expected):
    assert owners(superuser, {"tenant_name": text}) == expected


@pytest.mark.usefixtures("several")
def test_the_text_counts_and_not_the_tenant_that_was_chosen_before(superuser, acme):
    """The form of the search sends both."""
    assert owners(superuser, {"tenant": acme.pk, "tenant_name": "rival"}) == ["rival"]
    assert owners(superuser, {"tenant": acme.pk, "tenant_name": ""}) == ["acme"]


@pytest.mark.usefixtures("several")
def test_found_tenants_can_be_chosen_and_the_rest_is_told_of(superuser, acme):
    query = {"tenant_name": "acm", "state": "current"}
    _shown, text = listed(superuser, "origin", query)

    assert_says(text, "list-more-tenants")
    assert f'href="?state=current&amp;tenant={acme.pk}">acme</a>' in text
    assert 'href="?state=current">All</a>' in text


@pytest.mark.usefixtures("acme", "rival")
def test_few_tenants_are_named_and_found_by_text_all_the_same(superuser):
    _shown, text = listed(superuser, "origin", {"tenant_name": "riv"})

    assert "corsadmin-tenant-filter" not in text
    assert owners(superuser, {"tenant_name": "riv"}) == ["rival"]


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("model", LISTS)
def test_every_list_of_rows_of_many_tenants_has_the_search(superuser, model):
    query = {"tenant_name": "acme"}
    _shown, text = listed(superuser, model, query)

    assert 'name="tenant_name" value="acme" form="changelist-search"' in text
    assert len(queries_of(superuser, f"{address(model)}?tenant_name=acm")) < 16


@pytest.mark.usefixtures("several")
def test_a_member_finds_no_tenant_but_their_own(member, rival):
    assert owners(member, {"tenant_name": "rival"}) == []
    assert owners(member, {"tenant_name": "e"}) == ["acme"]
    assert owners(member, {"tenant": rival.pk}) == []


@pytest.fixture
def called(acme, rival, settings):
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_BASE_DOMAIN": "api.example.org",
        "TENANT_PATH_PREFIX": "/t/",
    }
    TenantHostFactory(tenant=acme, host="api.xn--mnchen-3ya.example")


# How requests find a tenant, the address that is pasted, and the tenants that are found.
PASTED = {
    "a URL": ("by_host", "https://acme.example.net/api/x?y=1", "acme"),
    "with a port": ("by_host", "HTTP://Acme.example.net.:8443/", "acme"),
    "a host with a port": ("by_host", "acme.example.net:443", "acme"),
    "without a scheme": ("by_host", "acme.example.net/api/", "acme"),
    "a Unicode host": ("by_host", "https://api.münchen.example/", "acme"),
    "a part of hosts": ("by_host", "https://example.net/", "acme rival"),
    "a host of no tenant": ("by_host", "https://other.test/", ""),
    "a slug that counts not": ("by_host", "https://rival.api.example.org/", ""),
    "a subdomain": ("by_subdomain", "https://rival.api.example.org/x", "rival"),
    "of another domain": ("by_subdomain", "https://rival.other.test/x", ""),
    "a path": ("by_path", "https://other.test/t/rival/x", "rival"),
    "of another prefix": ("by_path", "https://other.test/rival/", ""),
    "no host": ("by_host", "https://", ""),
    "another scheme": ("by_host", "javascript://acme.example.net/", ""),
}


@pytest.mark.usefixtures("called")
def test_a_pasted_address_finds_its_tenant(superuser, settings):
    usual = settings.CORSADMIN
    for what, (resolver, term, expected) in PASTED.items():
        settings.CORSADMIN = {**usual, "TENANT_RESOLVER": f"corsadmin.tenants.{resolver}"}

        shown, _text = listed(superuser, "tenant", {"q": term})

        assert " ".join(sorted(row.slug for row in shown.result_list)) == expected, what


@pytest.mark.usefixtures("called")
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("https://rival.example.net:8443/api/", ["rival.example.net"]),
        ("https://rival.example/", ["rival.example.net"]),
        ("https://other.test/", []),
    ],
)
def test_a_pasted_address_finds_its_host(superuser, term, expected):
    shown, _text = listed(superuser, "tenanthost", {"q": term})

    assert [row.host for row in shown.result_list] == expected


@pytest.mark.usefixtures("called")
def test_who_may_not_see_hosts_finds_no_tenant_by_them():
    client = log_in(grant(UserFactory(), "view_tenant"))
    shown, _text = listed(client, "tenant", {"q": "https://acme.example.net/"})

    assert list(shown.result_list) == []


@pytest.mark.usefixtures("called")
def test_an_address_is_looked_up_and_not_searched_for(superuser):
    asked = queries_of(superuser, f"{address('tenant')}?q=https://acme.example.net/api/")

    assert not [sql for sql in asked if "LIKE" in sql]


@pytest.mark.parametrize(
    ("model", "query", "code"),
    [
        pytest.param("origin", {}, "list-no-origins", id="origins"),
        pytest.param("pathrule", {}, "list-no-rules", id="path rules"),
        pytest.param("tenanthost", {}, "list-no-hosts", id="hosts"),
        pytest.param("tenantmember", {}, "list-no-members", id="members"),
        pytest.param("tenant", {"q": "nobody"}, "list-nothing-matches", id="a search"),
        pytest.param("origin", {"state": "ended"}, "list-nothing-matches", id="a filter"),
    ],
)
def test_an_empty_list_says_the_first_step(superuser, platform, model, query, code):
    shown, text = listed(superuser, model, query)

    add = reverse(f"admin:corsadmin_{model}_add")
    assert_says(text, code)
    assert f'<a href="{add}">Add {shown.opts.verbose_name}</a>' in text
    assert shown.empty.whole == ("?" if query else "")


def test_who_may_not_add_reads_whom_to_ask(platform):
    _shown, text = listed(log_in(grant(UserFactory(), "view_origin")), "origin")

    assert_says(text, "list-add-not-permitted")


def test_a_row_is_added_to_the_tenant_that_is_chosen(superuser, platform):
    tenant = TenantFactory()
    _shown, text = listed(superuser, "origin", {"tenant": tenant.pk})

    assert f'href="{reverse("admin:corsadmin_origin_add")}?tenant={tenant.pk}"' in text


def test_the_address_of_a_page_leads_to_the_origins_that_cover_it(superuser, acme):
    _shown, text = listed(superuser, "tenant", {"q": "https://app.acme.test/x"})

    assert f'href="{address("origin")}?q=https%3A%2F%2Fapp.acme.test%2Fx"' in text


def test_a_list_with_rows_names_each_cell_and_says_nothing_else(superuser, acme):
    for model in ("tenant", *LISTS[:3]):
        _shown, text = listed(superuser, model)
        cells = re.findall(r'<t[dh][^>]* class="field-', text)

        assert cells
        assert all('data-label="' in cell for cell in cells)
        assert_silent(text, "list-add-not-permitted")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https://app.acme.example", "https://|app.|acme.|example", id="an origin"),
        pytest.param("/api/{$}", "/api/|{$}", id="a path"),
        pytest.param("/", "/", id="the root"),
        pytest.param("", "", id="nothing"),
        pytest.param("<b>.x", "&lt;b&gt;.|x", id="markup"),
    ],
)
def test_names_are_broken_between_their_parts(text, expected):
    assert breakable(text).replace("<wbr>", "|") == expected
