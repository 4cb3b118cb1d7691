"""Whatever is sent for a key is answered by the form, or means nothing: at no address a crash."""

from itertools import product

import pytest

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from tests.admin.forms import fields_of
from tests.factories import TenantMemberFactory

ROOT = "/admin/corsadmin/"
ROWS = {
    "tenant": Tenant,
    "tenanthost": TenantHost,
    "pathrule": PathRule,
    "origin": Origin,
    "tenantmember": TenantMember,
}
# What is sent for one key. A list is sent as several values of one name.
SENT = {
    "a word": "x",
    "a fraction": "3.0",
    "a negative number": "-1",
    "a number beyond a column": "9223372036854775808",
    "a huge number": "9" * 400,
    "digits of another script": "\u0663",
    "a NUL": "1\x00",
    "nothing": "",
    "two values": ["1", "x"],
}
FORMS = {
    f"{model}/{view}/": ["user", "tenant"] if model == "tenantmember" else ["tenant"]
    for model in ("origin", "pathrule", "tenanthost", "tenantmember")
    for view in ("add", f"{{{model}}}/change")
}
FORMS["tenant/{tenant}/change/"] = [
    *("version", "origins-0-id", "origins-0-tenant", "origins-TOTAL_FORMS", "hosts-INITIAL_FORMS")
]
FORMS["tenant/{tenant}/restore/"] = ["before", "digest"]
FORMS["tenant/{tenant}/paste/"] = ["take"]
FORMS["tenant/import/"] = ["plan", "taken", "take"]
FIELDS = [(page, name) for page, names in FORMS.items() for name in names]
ACTED = ["_selected_action", "tenants", "slugs", "digest", "index", "select_across"]
ASKED = ["tenant", "user", "p", "o", "_to_field"]


@pytest.fixture
def rows(acme, platform):
    """One row of each model, by the model's name."""
    TenantMemberFactory(tenant=acme)
    return {
        name: acme if model is Tenant else model._default_manager.get(tenant=acme)
        for name, model in ROWS.items()
    }


def address(page, rows):
    return ROOT + page.format(**{name: row.pk for name, row in rows.items()})


def state():
    return [
        list(model._default_manager.order_by("pk").values_list("pk")) for model in ROWS.values()
    ]


@pytest.mark.parametrize(("page", "name"), FIELDS)
def test_a_form_answers_whatever_is_sent_for_a_key(superuser, rows, page, name):
    where, before = address(page, rows), state()
    asked = {"before": "2080-01-01T00:00:00Z"} if "restore" in page else {}
    # Without what else the form needs, so that nothing is ever written.
    values = {**fields_of(superuser.get(where, asked)), "pattern": "", "path": "", "host": ""}

    for kind, sent in SENT.items():
        response = superuser.post(where, {**values, "role": "", "slug": "A B", name: sent})

        assert response.status_code in {200, 302, 404}, kind
    assert state() == before


@pytest.mark.parametrize("name", ACTED)
def test_an_action_answers_whatever_is_sent_for_a_key(superuser, rows, name):
    for kind, sent in SENT.items():
        given = {
            "action": "copy_to_tenants",
            "_selected_action": [rows["origin"].pk],
            "check": "Check",
            name: sent,
        }
        response = superuser.post(f"{ROOT}origin/", given)

        assert response.status_code in {200, 302, 400}, kind


@pytest.mark.parametrize("page", ["origin/", "tenantmember/", "origin/add/", "tenantmember/add/"])
def test_a_page_answers_whatever_is_asked_of_it(superuser, rows, page):
    for name, (kind, sent) in product(ASKED, SENT.items()):
        response = superuser.get(ROOT + page, {name: sent})

        assert response.status_code in {200, 302, 400}, (name, kind)
