"""Try a request: what a browser would make of it, and one click to what is missing."""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from corsadmin.models import Origin, PathRule, Tenant
from tests.admin.forms import fields_of
from tests.admin.queries import queries_of
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says, assert_silent, filled

TRY = "/admin/corsadmin/tenant/try/"
ACME = "https://acme.example.net/api/greet"
APP = "https://app.acme.example"


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def ask(client, **given):
    values = {"origin": APP, "url": ACME, "method": "GET", "headers": "", "console": "", **given}
    response = client.get(TRY, values)

    assert response.status_code == 200
    return response


def test_the_empty_page_asks(superuser):
    response = superuser.get(TRY)

    assert "found" not in response.context
    assert not response.context["form"].errors
    assert fields_of(response)["method"] == ""


def test_an_allowed_call_is_shown_with_every_step(superuser, acme):
    response = ask(superuser, method="POST", headers="Content-Type: application/json")

    found = response.context["found"]
    shown = response.content.decode()
    assert found.allowed
    assert [mark for mark, *_rest in response.context["steps"]] == ["✓"] * 5 + ["·"]
    assert "Access-Control-Allow-Origin: https://app.acme.example" in shown
    assert_says(shown, "trial-may-read")
    assert response.context["questions"][0][1] == filled("trial-browser-asks")
    assert response.context["questions"][1][1] == "204"
    assert response.context["curl"] == (
        "curl -i -X OPTIONS -H 'Origin: https://app.acme.example' "
        "-H 'Access-Control-Request-Method: POST' "
        "-H 'Access-Control-Request-Headers: content-type' https://acme.example.net/api/greet"
    )


@pytest.mark.parametrize("method", ["GET", ""])
def test_a_call_without_a_preflight_is_asked_as_it_is(superuser, acme, method):
    response = ask(superuser, method=method, headers="Accept: text/plain")

    assert response.context["questions"][0][1] == "No."
    assert response.context["questions"][1][1] == filled("trial-view-decides")
    assert response.context["questions"][3][1] == filled("trial-no-preflight")
    assert response.context["curl"] == (
        "curl -i -X GET -H 'Origin: https://app.acme.example' -H 'Accept: text/plain' "
        "https://acme.example.net/api/greet"
    )


def test_a_preflight_for_the_method_alone_names_no_headers(superuser, acme):
    response = ask(superuser, method="delete")

    assert response.context["curl"] == (
        "curl -i -X OPTIONS -H 'Origin: https://app.acme.example' "
        "-H 'Access-Control-Request-Method: DELETE' https://acme.example.net/api/greet"
    )


def test_a_pattern_is_no_page_but_can_be_asked_about(superuser, acme):
    response = ask(superuser, origin="https://*.acme.example")

    assert response.context["found"].decision.reason == "origin-malformed"


def test_the_origin_that_a_browser_sends_for_a_page_is_named(superuser, acme):
    response = ask(superuser, origin="https://new.acme.example/shop?x=1")

    assert_says(response, "trial-origin-sent", rewritten="https://new.acme.example")


def test_what_decided_is_one_click_away(superuser, acme):
    links = {text: url.split("?")[0] for url, text in ask(superuser).context["links"]}

    assert links == {
        filled("trial-open-tenant", tenant="acme"): reverse(
            "admin:corsadmin_tenant_change", args=[acme.pk]
        ),
        filled("trial-open-rule", rule="/api/"): reverse(
            "admin:corsadmin_pathrule_change", args=[acme.paths.get().pk]
        ),
    }


def test_near_misses_are_named(superuser, acme):
    response = ask(superuser, origin="http://app.acme.example")

    (near,) = response.context["near_misses"]
    assert near.kind == "scheme"
    assert near.sentence in response.content.decode()


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        pytest.param(
            "Access to fetch at 'https://acme.example.net/api/x' from origin "
            "'https://evil.example' has been blocked by CORS policy: No "
            "'Access-Control-Allow-Origin' header is present on the requested resource.",
            ("https://evil.example", "https", "acme.example.net", "/api/x", False),
            id="fetch",
        ),
        pytest.param(
            "main.js:1 Access to XMLHttpRequest at 'http://acme.example.net:8000' from origin "
            "'http://localhost:3000' has been blocked by CORS policy: The value of the "
            "'Access-Control-Allow-Credentials' header in the response is '' which must be "
            "'true' when the request's credentials mode is 'include'.",
            ("http://localhost:3000", "http", "acme.example.net:8000", "/", True),
            id="XMLHttpRequest with cookies",
        ),
    ],
)
def test_the_error_of_a_browsers_console_is_enough(superuser, acme, pasted, expected):
    response = ask(superuser, console=pasted, origin="", url="")

    asked = response.context["found"].question
    assert (asked.origin, asked.scheme, asked.host, asked.path, asked.credentials) == expected
    assert fields_of(response)["origin"] == expected[0]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        pytest.param("console", "It does not work!", id="an error that names no page"),
        pytest.param("origin", "", id="no page"),
        pytest.param("url", "", id="no URL"),
        pytest.param("url", "acme.example.net/x", id="no scheme"),
        pytest.param("url", "ftp://acme.example.net/", id="another scheme"),
        pytest.param("url", "https:///x", id="no host"),
        pytest.param("url", "https://user@acme.example.net/", id="a user"),
        pytest.param("url", "https://acme\x00.example.net/", id="a NUL"),
        pytest.param("url", "https://" + "a" * 5000, id="too long"),
        pytest.param("method", "GE T", id="no method"),
        pytest.param("headers", "X-One, X-Two", id="headers in one line"),
        pytest.param("headers", ": value", id="no name"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_field(superuser, field, typed):
    response = ask(superuser, **{field: typed})

    assert field in response.context["form"].errors
    assert "found" not in response.context


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("https://acme.example.net", "/", id="no path"),
        pytest.param("https://acme.example.net?x=1", "/?x=1", id="a query alone"),
        pytest.param("HTTPS://acme.example.net/x#y", "/x#y", id="scheme in upper case"),
    ],
)
def test_addresses_are_taken_apart(superuser, acme, url, path):
    question = ask(superuser, url=url).context["found"].question

    assert (question.scheme, question.host, question.path) == ("https", "acme.example.net", path)


def test_headers_may_be_names_alone_and_lines_may_be_empty(superuser, acme):
    question = ask(superuser, headers="\nX-Token\n\nAccept: text/html\n").context["found"].question

    assert list(question.headers) == ["X-Token", "Accept"]
    assert question.headers["Accept"] == "text/html"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"origin": "https://no.example"}, "trial-origin-missing", id="none"),
        pytest.param({"headers": "x-token: 1"}, "trial-header-unlisted", id="header not allowed"),
        pytest.param({"headers": "content-type: x"}, "trial-options-log-in", id="OPTIONS"),
        pytest.param({}, "trial-nothing-exposed", id="nothing exposed"),
    ],
)
def test_the_classic_mistakes_are_named(superuser, acme, given, code):
    assert_says(ask(superuser, **given).context["mistakes"], code)


def test_any_origin_with_cookies_is_named(superuser, acme):
    acme.paths.update(any_origin=True)

    assert_says(ask(superuser, credentials="on").context["mistakes"], "trial-any-origin-cookies")


def test_cookies_that_a_page_does_not_use_are_named(superuser, acme):
    acme.paths.update(credentials=True, exposed_headers=["x-total-count"])
    acme.origins.update(credentials=True)

    mistakes = ask(superuser).context["mistakes"]

    assert mistakes == [filled("trial-cookies-unused")]


def test_a_same_origin_call_has_no_mistakes(superuser, acme):
    response = ask(superuser, origin="https://acme.example.net")

    assert response.context["found"].allowed
    assert_silent(response.context["mistakes"], "trial-origin-missing")


def visible(response):
    """Return a page without the tokens that differ each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


@pytest.mark.parametrize("person", ["member", "viewer"])
def test_a_member_asks_about_own_tenants_as_if_there_were_no_others(
    request, person, acme, rival, platform
):
    client = request.getfixturevalue(person)
    OriginFactory(tenant=rival, pattern="https://shared.example")

    foreign = ask(client, url="https://rival.example.net/api/", origin="https://app.rival.example")
    nothing = ask(client, url="https://nobody.example.net/api/", origin="https://app.rival.example")
    listed = ask(client, origin="https://shared.example")

    assert ask(client).context["found"].allowed
    for response in (foreign, nothing):
        assert response.context["found"].decision.reason == "no-tenant"
        assert response.context["links"] == []
    assert visible(foreign).replace("rival.example.net", "nobody.example.net") == visible(nothing)
    assert listed.context["found"].near_misses == []


def test_a_member_without_an_active_tenant_asks_in_vain(member, acme):
    Tenant.objects.update(is_active=False)

    assert ask(member).context["found"].decision.reason == "no-tenant"


def test_a_viewer_is_offered_no_form_but_told_whom_to_ask(viewer, acme):
    whom = filled("whom-editor", tenant="acme")

    for given in ({"origin": "https://no.example"}, {"url": "https://acme.example.net/x"}):
        response = ask(viewer, **given)

        assert {ask for _text, ask in response.context["changes"]} == {whom}
        assert "make-it-work" not in response.content.decode()
        assert whom in response.content.decode()


def test_a_rule_of_the_platform_is_named_to_all_and_opened_by_who_may(
    superuser, member, acme, platform
):
    acme.paths.all().delete()
    PathRule.objects.create(tenant=platform, path="/api/")

    texts = {
        person: [text for _url, text in ask(client).context["links"]]
        for person, client in (("superuser", superuser), ("member", member))
    }

    assert_says(texts["superuser"], "trial-open-rule", rule="/api/")
    assert_silent(texts["member"], "trial-open-rule")


def test_trying_costs_few_queries(superuser, acme):
    for number in range(20):
        make_site(f"tenant-{number}")

    query = urlencode({"url": ACME, "origin": "https://no.example", "method": "GET"})
    assert len(queries_of(superuser, f"{TRY}?{query}")) < 16


def test_the_tenants_page_has_the_form_with_its_own_host(superuser, acme):
    shown = superuser.get(reverse("admin:corsadmin_tenant_change", args=[acme.pk]))

    assert shown.context["trial"].initial["url"] == "https://acme.example.net/"
    assert Origin.objects.count() == 1
