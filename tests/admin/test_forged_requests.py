"""The pages beside Django's own: what other sites, links and forged addresses make of them."""

from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from corsadmin.models import Dismissal, Origin, PathRule, Tenant
from tests.admin.callers import sighted
from tests.admin.making import moves, page
from tests.factories import UserFactory

pytestmark = pytest.mark.slow

NEW = "https://new.example"
OF_ALL = ("make", "probe", "inbox", "clean_up", "unknown_hosts", "try", "import")
OF_ONE = ("inbox_of", "clean_up_of", "forget", "paste")
SENT = {
    "chosen": "{key} " + NEW,
    "dismiss": "x",
    "disable": "origin",
    "chosen_origin": "{entry}",
    "save": "x",
    "url": "https://acme.example.net/api/x",
    "origin": NEW,
}
HUGE = {
    "a hundred thousand characters": "x" * 100_000,
    "a host of a thousand labels": "https://" + "a." * 1_000 + "b/",
    "a host that no parser reads": "http://[::1",
    "a host that normalization changes": "https://\u2100.example/",
    "digits of another script": "https://a.example:\u0663/",
    "a port of twenty digits": f"https://a.example:{'9' * 20}/",
    "a NUL": "\0",
    "a line break": "a\r\nb: c",
}
FIELDS = ("url", "origin", "method", "headers", "paths", "said", "console")


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def pages(tenant):
    """Return the addresses of the pages, by name."""
    found = {name: reverse(f"admin:corsadmin_tenant_{name}") for name in OF_ALL}
    of_one = {name: reverse(f"admin:corsadmin_tenant_{name}", args=[tenant.pk]) for name in OF_ONE}
    return {**found, **of_one, "make": page()}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param("url", f"https://acme.example.net/{'x' * 9_000}", id="a long URL"),
        pytest.param("headers", "x-name: \u00e4\n" * 300, id="many headers"),
    ],
)
def test_a_question_that_no_address_holds_is_answered_at_once(superuser, acme, field, text):
    call = {"url": "https://acme.example.net/api/x", "origin": NEW, "method": "GET", field: text}

    shown = superuser.post(reverse("admin:corsadmin_tenant_try"), call)
    made = superuser.post(reverse("admin:corsadmin_tenant_make"), call, follow=True)

    assert shown.status_code == 200
    assert shown.context["form"].data[field] == text
    assert ("verdict" in shown.context) == (field == "headers")
    assert made.redirect_chain[-1][0] == f"{reverse('admin:corsadmin_tenant_try')}?"


def filled_in(tenant):
    facts = {"key": tenant.pk, "entry": tenant.origins.get(pattern="https://unused.example").pk}
    return {name: text.format(**facts) for name, text in SENT.items()}


def stored():
    rows = (Tenant, PathRule, Origin, Dismissal)
    return [moves(), *(list(model.objects.order_by("pk").values()) for model in rows)]


def test_a_form_of_another_site_writes_nothing(old):
    sighted(old)
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))
    before = stored()

    for name, address in pages(old).items():
        response = client.post(address, filled_in(old))

        assert response.status_code == 403, name
        assert stored() == before, name


@pytest.mark.sweep
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_nothing_but_a_sent_form_writes(superuser, old, method):
    sighted(old)
    before = stored()

    for name, address in pages(old).items():
        response = getattr(superuser, method)(address, query_params=filled_in(old))

        assert response.status_code in {200, 302}, name
        assert stored() == before, name


@pytest.mark.sweep
@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_what_no_person_types_crashes_no_form(superuser, acme, text):
    for field, name in product(FIELDS, ("probe", "try", "make")):
        call = {"url": "http://127.0.0.1:9/", "origin": NEW, field: text}

        response = superuser.post(reverse(f"admin:corsadmin_tenant_{name}"), call)

        assert response.status_code in {200, 302}, (field, name)
