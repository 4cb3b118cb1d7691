"""Whatever is sent is answered by the form, or means nothing: at no address a crash."""

from itertools import islice, product

import pytest
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.db import transaction

from corsadmin.admin.changelist.filters import TenantFilter
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from tests.admin.forms import fields_of
from tests.factories import TenantMemberFactory

# Hundreds of requests.
pytestmark = pytest.mark.slow

ROOT = "/admin/corsadmin/"
ROWS = {
    "tenant": Tenant,
    "tenanthost": TenantHost,
    "pathrule": PathRule,
    "origin": Origin,
    "tenantmember": TenantMember,
}
# What is sent for one field. A list is sent as several values of one name.
SENT = {
    "a word": "x",
    "a fraction": "3.0",
    "a negative number": "-1",
    "a number beyond a column": "9223372036854775808",
    "a huge number": "9" * 400,
    "digits of another script": "\u0663",
    "a NUL": "1\x00",
    "a year beyond the calendar": "99999-01-01T00:00",
    "two values": ["1", "x"],
}
# Pages with a form: each field on it is sent each of these. A new tenant's page has no other fields.
PAGES = [
    *(f"{model}/add/" for model in ROWS if model != "tenant"),
    *(f"{model}/{{{model}}}/change/" for model in ROWS),
    *("tenant/{tenant}/restore/", "tenant/{tenant}/paste/", "tenant/import/"),
]
# Every how many values a page is sent: a tenant's has the fields of all its rows, others have few.
STEPS = {"tenant/{tenant}/change/": 8, **dict.fromkeys(PAGES[-3:], 2)}
BUTTONS = {"tenant/{tenant}/paste/": ["accept"], "tenant/import/": ["digest", "accept"]}
ACTED = ["_selected_action", "tenants", "slugs", "digest", "index", "select_across"]
# What every page of Django's admin may be asked with; a list has its filters, too.
ASKED = [
    *("tenant", "user", ALL_VAR, ERROR_FLAG, IS_FACETS_VAR, IS_POPUP_VAR, ORDER_VAR, PAGE_VAR),
    *(SEARCH_VAR, TO_FIELD_VAR, "_changelist_filters", TenantFilter.text_name),
]


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


@pytest.mark.sweep
@pytest.mark.parametrize("page", PAGES)
def test_a_form_answers_whatever_is_sent_for_a_field(superuser, rows, page):
    where = address(page, rows)
    asked = {"before": "2080-01-01T00:00:00Z"} if "restore" in page else {}
    opened = superuser.get(where, asked)
    values = fields_of(opened)
    # A box in which nothing is chosen yet sends nothing.
    form = opened.context.get("adminform", opened.context.get("form"))
    names = {*values, *getattr(form, "fields", ()), *BUTTONS.get(page, ())}
    # The second row of an inline has the fields of the first.
    names = {name for name in names if "-1-" not in name}

    sweep = product(sorted(names), SENT.items())
    # The same kinds of fields are on many pages: each is sent some values, in turn, and the next page
    # begins with the next one.
    step = STEPS.get(page, 5)
    for name, (kind, sent) in islice(sweep, PAGES.index(page) % step, None, step):
        with transaction.atomic():  # nothing that was valid after all is kept
            response = superuser.post(where, {**values, name: sent})
            transaction.set_rollback(True)

        assert response.status_code in {200, 302, 404}, (name, kind)


@pytest.mark.sweep
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


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("first", "page"),
    list(enumerate(f"{model}/{view}" for model in ROWS for view in ("", "add/"))),
)
def test_a_page_answers_whatever_is_asked_of_it(superuser, rows, first, page):
    opened = superuser.get(ROOT + page).context
    filters = opened["cl"].filter_specs if "cl" in opened else ()
    names = {*ASKED, *(name for spec in filters for name in spec.expected_parameters())}

    # Every fifth value, in turn; the next page begins with the next one.
    for name, (kind, sent) in islice(product(sorted(names), SENT.items()), first % 5, None, 5):
        response = superuser.get(ROOT + page, {name: sent})

        assert response.status_code in {200, 302, 400}, (name, kind)
