"""After a save one is where one was; every page names its tenant; the cursor stands where one goes on."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Origin, PathRule, Tenant
from tests.admin.doors import requests_to, undone
from tests.admin.forms import fields_of, submit
from tests.admin.world import World
from tests.factories import OriginFactory

pytestmark = pytest.mark.slow

TRY = "/admin/corsadmin/tenant/try/"
WHY = {"change_reason": "OPS-9"}
# Pages that are about no tenant, about several, or about those that a form has yet to name.
OF_NO_TENANT = {
    *("admin:index", "admin:app_list", "clean_up", "deleted", "import", "inbox", "make"),
    *(
        "compare",
        "copy",
        "history_all",
        "new_customer",
        "probe",
        "tenants",
        "try",
        "undo",
        "unknown_hosts",
    ),
}


def headings(response):
    """Return the title and the headings that a page begins with."""
    text = response.content.decode()
    # The bars of a picture have titles too.
    found = re.findall(r"<title>(.*?)</title>", text, re.DOTALL)[:1]
    found.append(" ".join(re.findall(r"<h[12]>(.*?)</h[12]>", text, re.DOTALL)))
    return [unescape(one) for one in found]


def is_of_one_tenant(door, address):
    page = door.partition("_")[2].partition("_")[2] or door
    return (
        not door.startswith("autocomplete")
        and page not in OF_NO_TENANT
        and (page not in {"add", "changelist"} or "tenant=" in address)
        and door != "corsadmin_tenant_add"
    )


def test_every_page_of_a_tenant_names_it(superuser):
    world = World()
    seen = set()
    for door, method, address, fields in requests_to(world):
        if method == "post" or not is_of_one_tenant(door, address):
            continue
        with undone():
            response = superuser.get(address, fields)
        if response.status_code != 200 or "text/html" not in response["Content-Type"]:
            continue
        seen.add(door)
        for text in headings(response):
            assert re.search("acme|zzowner-(two|gone)|platform", text), (address, text)
    assert len(seen) > 25


@pytest.fixture
def row(acme):
    return acme.origins.get()


def change(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


FOCUSED = {
    "a slug": (Tenant, {"slug": "Not A Slug"}, "slug"),
    "an origin": (Origin, {"pattern": "https://x.example/path"}, "pattern"),
    "a scope": (Origin, {"pattern": "https://x.example", "scope": "api"}, "scope"),
    "an end before the begin": (
        Origin,
        {
            "pattern": "https://x.example",
            "valid_from": "2027-02-01T00:00",
            "valid_until": "2027-01-01T00:00",
        },
        "valid_until",
    ),
    "a method": (PathRule, {"path": "/x/", "methods": "TRACE"}, "methods"),
    "a missing reason": (
        Origin,
        {"pattern": "http://x.example", "credentials": "on", "risk_accepted": "on"},
        "change_reason",
    ),
}


def focused(response):
    """Return the names of the fields that ask for the focus."""
    text = response.content.decode()
    found = [
        re.search(r'name="([^"]*)"', tag) for tag in re.findall(r"<[^>]*\bautofocus\b[^>]*>", text)
    ]
    return [one[1] for one in found if one]


@pytest.mark.parametrize(("model", "sent", "expected"), FOCUSED.values(), ids=FOCUSED)
def test_after_an_error_the_cursor_stands_in_the_first_wrong_field(
    superuser, acme, model, sent, expected
):
    page = reverse(f"admin:corsadmin_{model._meta.model_name}_add")
    owner = {} if model is Tenant else {"tenant": acme.pk}

    opened = superuser.get(f"{page}?{urlencode(owner)}")
    response = superuser.post(page, {**fields_of(opened), **owner, **sent})

    assert response.status_code == 200
    assert focused(opened) == []
    assert focused(response) == [expected]
    # Django's script would move it into the first field.
    assert "change_form.js" in opened.content.decode()
    assert "change_form.js" not in response.content.decode()


def test_the_cursor_finds_the_wrong_row_of_a_tenant(superuser, acme, row):
    names = {"origins-1-pattern": "https://x.example/path"}

    response = submit(superuser, change(acme), names)

    assert focused(response) == ["origins-1-pattern"]


def test_the_cursor_stands_in_the_box_that_a_lockout_needs(superuser, acme, row):
    response = submit(superuser, change(row), {"enabled": ""}, without=["enabled"], **WHY)

    assert focused(response) == ["confirm_lockout"]


def test_the_cursor_of_own_pages_stands_in_the_wrong_field_too(superuser, row):
    page = reverse("admin:corsadmin_origin_replace", args=[row.pk])

    assert focused(superuser.get(page)) == ["pattern"]
    assert focused(submit(superuser, page, {"pattern": "x y", "overlap": "1"})) == ["pattern"]
    sent = {"pattern": "https://new.example", "overlap": "-1"}
    assert focused(submit(superuser, page, sent)) == ["overlap"]


def links(response, part):
    """Return the addresses of a page that contain a text."""
    found = re.findall(r'href="([^"]*)"', response.content.decode())
    return [unescape(one) for one in found if part in one]


def back_of(address):
    return parse_qs(urlsplit(address).query)["back"][0]


def test_from_a_question_through_a_form_and_back(superuser, acme, settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]
    asked = {"origin": "https://app.acme.example", "url": "https://acme.example.net/api/"}
    question = f"{TRY}?{urlencode({**asked, 'method': 'PUT'})}"

    shown = superuser.get(question)
    (form,) = links(shown, f"{change(acme.paths.get())}?")
    response = submit(superuser, form, {"methods": "GET, PUT"}, **WHY)

    assert response["Location"].startswith(TRY)
    assert superuser.get(response["Location"]).context["verdict"].outcome == "allowed"


def test_from_the_page_of_a_tenant_and_back(superuser, acme, row):
    shown = superuser.get(change(acme))
    pages = [*links(shown, "/origin/"), *links(shown, "/pathrule/")]

    assert {back_of(page) for page in pages if "back=" in page} == {change(acme)}
    (opened,) = links(shown, f"{change(row)}?")
    assert submit(superuser, opened, {"note": "x"})["Location"] == change(acme)
    (added,) = links(shown, "/admin/corsadmin/origin/add/?")
    sent = submit(superuser, added, {"pattern": "https://new.example"})
    assert sent["Location"] == change(acme)
    (replaced,) = links(shown, f"/origin/{row.pk}/replace/")
    sent = submit(superuser, replaced, {"pattern": "https://n.example", "overlap": 1, **WHY})
    assert sent["Location"] == change(acme)


def test_what_is_deleted_leads_back_too(superuser, acme, row):
    other = OriginFactory(tenant=acme)
    opened = superuser.get(f"{change(other)}?{urlencode({'back': change(acme)})}")
    (delete,) = links(opened, f"/{other.pk}/delete/")

    response = superuser.post(delete, {"post": "yes", **WHY})

    assert response["Location"] == change(acme)


@pytest.mark.parametrize("query", ["q=example", "state=current&p=1", "tenant={key}&o=1"])
def test_a_filtered_list_is_shown_again_after_a_save(superuser, acme, row, query):
    filters = query.format(key=acme.pk)
    listed = f"/admin/corsadmin/origin/?{filters}"
    (page,) = links(superuser.get(listed), f"/{row.pk}/change/")

    response = submit(superuser, page, {"note": "x"})

    assert parse_qs(urlsplit(response["Location"]).query) == parse_qs(filters)
    (replace,) = links(superuser.get(listed), f"/{row.pk}/replace/")
    assert back_of(replace) == listed


def test_who_is_asked_may_go_back_to_the_same_list(superuser, acme, row):
    listed = f"/admin/corsadmin/origin/?tenant={acme.pk}"
    sent = {"action": "disable", "_selected_action": [row.pk]}

    asked = superuser.post(listed, sent)

    assert '<a href="" class="closelink">' in asked.content.decode()
    assert "acme" in headings(asked)[0]
    done = superuser.post(listed, {**sent, "confirm_lockout": "on", **WHY})
    assert done["Location"] == listed


FORGED = (
    "https://evil.example/admin/corsadmin/",
    "//evil.example/admin/corsadmin/",
    "/admin/corsadmin/../logout/",
    "/admin/corsadmin/%2e%2e/logout/",
    "/admin/corsadmin/\\..\\logout",
    "/admin/corsadmin/;/evil",
    "/admin/corsadminx/",
    "/admin/auth/user/",
    "/admin/corsadmin/\u2100/",
    "javascript:alert(1)",
)


@pytest.mark.sweep
@pytest.mark.parametrize("back", FORGED)
def test_a_forged_address_leads_nowhere_else(superuser, row, back):
    sent = {"change": {"note": "x"}, "replace": {"pattern": "https://n.example", "overlap": 1}}
    for page, fields in sent.items():
        address = reverse(f"admin:corsadmin_origin_{page}", args=[row.pk])

        response = submit(superuser, f"{address}?{urlencode({'back': back})}", fields, **WHY)

        assert response["Location"] == "/admin/corsadmin/origin/", page


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "UTC"])
def test_every_field_for_a_moment_names_its_time_zone(superuser, settings, row, zone):
    settings.TIME_ZONE = zone
    shift = timezone.localtime().utcoffset() or timedelta()
    offset = int(shift.total_seconds() // 60)

    for page in (change(row), change(row.tenant), "/admin/corsadmin/origin/"):
        text = superuser.get(page).content.decode()
        fields = text.count('type="datetime-local"')
        assert fields > 0
        assert text.count(f'<span class="corsadmin-zone">{zone} ') == fields
        assert text.count(f'data-corsadmin-offset="{offset}"') == 2 * fields
