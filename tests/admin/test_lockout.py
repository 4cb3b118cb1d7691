"""A change that locks somebody out asks first."""

import pytest
from django.urls import reverse

from corsadmin.proposed_change import losses
from tests.admin.forms import errors_of, fields_of, submit
from tests.factories import OriginFactory

pytestmark = pytest.mark.slow

LAST, OWN = str(losses.LAST), str(losses.OWN)
PAGE = "http://testserver"


def tenant_page(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def origin_page(entry):
    return reverse("admin:corsadmin_origin_change", args=[entry.pk])


@pytest.mark.parametrize(
    ("changes", "without"),
    [
        pytest.param({"origins-0-DELETE": "on"}, [], id="deleted"),
        pytest.param({}, ["origins-0-enabled"], id="disabled"),
    ],
)
def test_the_last_origin_goes_only_after_a_question(superuser, acme, changes, without):
    asked = submit(superuser, tenant_page(acme), changes, without=without)

    assert asked.status_code == 200
    assert errors_of(asked) == [LAST]
    assert acme.origins.filter(enabled=True).exists()
    assert '<a href="#id_confirm_lockout">' in asked.content.decode()
    assert 'id="id_confirm_lockout"' in asked.content.decode()

    meant = superuser.post(tenant_page(acme), {**fields_of(asked), "confirm_lockout": "on"})

    assert meant.status_code == 302
    assert not acme.origins.filter(enabled=True).exists()


def test_another_one_instead_is_no_loss(superuser, acme):
    response = submit(
        superuser,
        tenant_page(acme),
        {
            "origins-0-DELETE": "on",
            "origins-1-pattern": "https://new.example",
            "origins-1-enabled": "on",
        },
    )

    assert response.status_code == 302


@pytest.mark.parametrize("pattern", [PAGE, "http://testserver:*"])
def test_the_origin_of_the_page_itself_goes_only_after_a_question(superuser, acme, pattern):
    entry = OriginFactory(tenant=acme, pattern=pattern)

    for page, form in (
        (tenant_page(acme), {"origins-0-DELETE": "on"}),
        (origin_page(entry), {"pattern": "https://other.example"}),
    ):
        asked = submit(superuser, page, form)

        assert errors_of(asked) == [OWN]


def test_the_page_is_the_one_the_browser_names(superuser, acme):
    entry = OriginFactory(tenant=acme, pattern="https://admin.example")

    opened = fields_of(superuser.get(origin_page(entry)))
    opened.pop("enabled")
    asked = superuser.post(origin_page(entry), opened, headers={"origin": "https://admin.example"})

    assert errors_of(asked) == [OWN]


def test_the_page_may_go_where_a_wildcard_still_covers_it(superuser, acme):
    entry = OriginFactory(tenant=acme, pattern=PAGE)
    OriginFactory(tenant=acme, pattern="http://testserver:*")

    response = submit(superuser, origin_page(entry), without=["enabled"])

    assert response.status_code == 302


def test_switching_off_the_last_origin_on_its_own_page_asks(superuser, acme):
    entry = acme.origins.get()

    asked = submit(superuser, origin_page(entry), without=["enabled"])
    meant = superuser.post(origin_page(entry), {**fields_of(asked), "confirm_lockout": "on"})

    assert errors_of(asked) == [LAST]
    assert "confirm_lockout" in asked.content.decode()
    assert meant.status_code == 302
    entry.refresh_from_db()
    assert not entry.enabled


@pytest.mark.parametrize("case", ["another is in force", "it was off already"])
def test_it_does_not_ask_where_nothing_is_lost(superuser, acme, case):
    entry = acme.origins.get()
    if case == "another is in force":
        OriginFactory(tenant=acme)
    else:
        acme.origins.update(enabled=False)

    response = submit(superuser, origin_page(entry), {"note": "seen"}, without=["enabled"])

    assert response.status_code == 302


def test_what_is_wrong_comes_before_the_question(superuser, acme):
    response = submit(
        superuser,
        tenant_page(acme),
        {"origins-0-pattern": "nonsense"},
        without=["origins-0-enabled"],
    )

    assert LAST not in errors_of(response)
