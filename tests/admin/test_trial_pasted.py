"""Try a request with a pasted text: its fields, its one question, and no green on a guess."""

import re
from dataclasses import replace

import pytest

from corsadmin.admin.try_request.said import read_said, write_said
from corsadmin.admin.try_request.views import PARTS
from corsadmin.diagnose.console import BlockDetail, BlockKind, read
from corsadmin.diagnose.verdict.causes import cause_of
from tests.admin.forms import fields_of
from tests.messages.screens import assert_says, assert_silent, filled

pytestmark = pytest.mark.slow

TRY = "/admin/corsadmin/tenant/try/"
URL = "https://acme.example.net/api/greet"
APP = "https://app.acme.example"
LINE = f"Access to fetch at '{URL}' from origin '{APP}' has been blocked by CORS policy: "
PREFLIGHT = (
    LINE + "Response to preflight request doesn't pass access control check: "
    "No 'Access-Control-Allow-Origin' header is present on the requested resource."
)
HEADER = LINE + (
    "Request header field x-secret is not allowed by Access-Control-Allow-Headers in preflight "
    "response."
)
FIREFOX = (
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at "
    f"{URL}. (Reason: CORS header \u2018Access-Control-Allow-Origin\u2019 missing). Status code: 502."
)


UNSURE = "? " + filled("trial-cannot-tell")
EMPTY = {"origin": "", "url": "", "method": "", "headers": "", "said": ""}


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def paste(client, text, **typed):
    return send(client, {**EMPTY, "console": text, **typed})


def send(client, fields):
    """Send the form as a browser does; return the page that it leads to."""
    response = client.post(TRY, fields, follow=True)

    assert response.status_code == 200
    (address, _status), *_others = response.redirect_chain
    assert "blocked" not in address
    return response


def answer(client, response, **typed):
    """Send the answered form again, with what a person types into it."""
    return send(client, {**fields_of(response), **typed})


def headline(response):
    found = re.search(r'<h2 class="corsadmin-verdict.*?</h2>', response.content.decode(), re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]*>|\s+", " ", found[0]).strip()


def test_a_line_that_proves_a_preflight_is_not_judged_as_a_plain_get(superuser, acme):
    response = paste(superuser, PREFLIGHT)

    shown = response.content.decode()
    verdict = response.context["verdict"]
    assert headline(response) == UNSURE
    assert (verdict.asks, verdict.unknown) == ("method", ("method", "header", "credentials"))
    assert ", ".join(str(PARTS[name]) for name in verdict.unknown) in shown
    for code in ("verdict-which-preflight", "trial-preflight-failed"):
        assert_says(shown, code)
    assert_silent(shown, "trial-five-questions")
    assert "curl -i" not in shown
    given = fields_of(response)
    assert (given["origin"], given["url"], given["method"]) == (APP, URL, "")
    assert re.search(r'<input[^>]* name="method"[^>]* autofocus', shown)


def test_one_answer_is_enough_and_the_contradiction_is_explained(superuser, acme):
    first = paste(superuser, PREFLIGHT)

    second = answer(superuser, first, method="POST", headers="content-type: text/x")

    assert headline(second) == "✓ " + filled("trial-allowed-hedged")
    shown = second.content.decode()
    assert_says(shown, "verdict-allowed-by-policies")
    assert_says(shown, "trial-steps")
    assert "corsadmin-yes" not in shown
    assert_silent(shown, "trial-may-read")
    assert any("cors_probe" in line for line in second.context["verdict"].advice)
    assert second.context["found"].question.method == "POST"


def test_a_plain_get_does_not_answer_what_needed_a_preflight(superuser, acme):
    first = paste(superuser, PREFLIGHT)

    assert headline(answer(superuser, first)) == UNSURE


def test_what_is_refused_whatever_the_rest_is_blocked_at_once(superuser, acme):
    response = paste(superuser, PREFLIGHT.replace(APP, "https://new.acme.example"))

    assert headline(response) == "✗ Blocked"
    assert response.context["can_make"]
    assert response.context["verdict"].wants == "method"
    assert [mark for mark, *_rest in response.context["steps"]] == ["✓", "✓", "✗", "·", "·", "·"]


def test_the_refused_header_of_a_text_is_judged(superuser, acme):
    response = paste(superuser, HEADER)

    assert headline(response) == "✗ Blocked"
    assert response.context["found"].decision.reason == "header-not-allowed"
    assert "x-secret" in response.context["found"].changes[0]


def test_firefox_names_no_page_and_only_that_is_asked_for(superuser, acme):
    first = paste(superuser, FIREFOX)

    assert headline(first) == UNSURE
    assert first.context["verdict"].asks == "page"
    assert fields_of(first)["url"] == URL
    second = answer(superuser, first, origin="https://new.acme.example")
    assert headline(second) == "✗ Blocked"


def test_a_text_without_a_url_asks_for_it(superuser, acme):
    response = paste(superuser, f"Origin {APP} is not allowed by Access-Control-Allow-Origin.")

    assert response.context["verdict"].asks == "url"


def test_a_cause_that_is_not_cors_is_named(superuser, acme):
    response = paste(superuser, f"GET {URL} net::ERR_CERT_DATE_INVALID")

    assert headline(response) == "✗ Blocked"
    verdict = response.context["verdict"]
    assert verdict.reading.detail is BlockDetail.CERTIFICATE
    assert verdict.sentence == cause_of(verdict.reading)
    assert_silent(response, "trial-steps")


def test_fields_filled_from_another_text_are_forgotten(superuser, acme):
    first = paste(superuser, LINE + "Method PUT is not allowed by Access-Control-Allow-Methods")
    assert fields_of(first)["method"] == "PUT"

    second = answer(superuser, first, console=PREFLIGHT, headers="x-old: 1")

    assert response_fields(second) == (APP, URL, "", "")
    assert headline(second) == UNSURE


def response_fields(response):
    given = fields_of(response)
    return given["origin"], given["url"], given["method"], given["headers"]


def test_what_is_typed_beside_a_first_paste_counts(superuser, acme):
    response = paste(superuser, FIREFOX, origin=APP, method="POST", headers="content-type: text/x")

    assert response.context["verdict"].unknown == ("credentials",)
    assert response.context["found"].question.method == "POST"


def test_a_copied_request_with_cookies_is_known_whole(superuser, acme):
    response = paste(
        superuser,
        f'fetch("{URL}", {{"method": "DELETE", "referrer": "{APP}/x", "credentials": "include"}})',
    )

    assert response.context["verdict"].is_exact
    assert_says(response, "trial-five-questions")
    assert response.context["found"].question.credentials
    assert fields_of(response)["credentials"] == "on"


def test_a_long_text_is_read_as_far_as_it_goes(superuser, acme):
    assert headline(paste(superuser, PREFLIGHT + " x" * 9000)) == UNSURE


def test_a_websocket_is_named_though_no_policy_can_be_asked(superuser, acme):
    response = paste(superuser, "WebSocket connection to 'wss://acme.example.net/x' failed: ")

    assert headline(response) == "✗ Blocked"
    verdict = response.context["verdict"]
    assert verdict.reading.kind is BlockKind.WEBSOCKET
    assert verdict.sentence == cause_of(verdict.reading)


def test_a_text_that_names_no_call_is_said_beside_its_field(superuser, acme):
    response = superuser.post(TRY, {**EMPTY, "console": "It does not work!"})

    assert "console" in response.context["form"].errors


def test_what_the_text_said_is_kept_in_the_address_and_the_text_is_not(superuser, acme):
    bulky = PREFLIGHT + " Cookie: secret=1" + " x" * 3000
    response = superuser.post(TRY, {**EMPTY, "console": bulky})

    assert response.status_code == 302
    assert len(response.url) < 400
    assert "secret" not in response.url


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("kind=no-such-kind", id="another kind"),
        pytest.param("%FF&&==;", id="no fields"),
        pytest.param("kind=no-acao&status=99999&preflight=yes", id="another status"),
        pytest.param("x" * 5000, id="too long"),
    ],
)
def test_forged_words_of_a_text_do_no_harm(superuser, acme, said):
    response = superuser.get(TRY, {"url": URL, "origin": APP, "method": "GET", "said": said})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(read(PREFLIGHT), id="a preflight"),
        pytest.param(read(HEADER), id="a header"),
        pytest.param(read(f'fetch("{URL}", {{"headers": {{"x-a": "1"}}}})'), id="all headers"),
        pytest.param(read(f'fetch("{URL}")'), id="no headers"),
        pytest.param(read(f"GET {URL} net::ERR_FAILED 502 (Bad Gateway)"), id="a status"),
    ],
)
def test_what_a_text_said_comes_back_from_the_address(reading):
    fields = {"page": None, "url": None, "method": None, "credentials": None, "fix_here": None}

    assert read_said(write_said(reading)) == replace(reading, **fields)


def test_what_is_too_long_for_an_address_is_left_out():
    reading = replace(read(PREFLIGHT), redirected_from="https://a.example/" + "x" * 2000)

    assert read_said(write_said(reading)).redirected_from is None
    assert read_said(write_said(reading)).proves_preflight


@pytest.mark.parametrize(
    ("text", "codes", "subject"),
    [
        pytest.param(
            '{"detail":"CSRF Failed: Origin checking failed - https://a.example does not match any '
            'trusted origins."}',
            ["trial-trust-origin"],
            {"subject": "https://a.example"},
            id="CSRF, which names no browser and no call",
        ),
        pytest.param(
            "Cookie \u201csid\u201d has been rejected because it is foreign and does not have the "
            "\u201cPartitioned\u201c attribute.",
            ["trial-cookie-withheld"],
            {"subject": "sid"},
            id="a cookie",
        ),
        pytest.param(
            f"GET {URL} net::ERR_BLOCKED_BY_CLIENT",
            ["trial-blocker-stopped", "trial-blocker"],
            {},
            id="a content blocker",
        ),
    ],
)
def test_what_is_not_cors_is_named_with_what_to_do(superuser, text, codes, subject):
    response = paste(superuser, text)

    assert headline(response) == "\u2717 Blocked"
    for code in codes:
        assert_says(response, code, **subject)
    for value in subject.values():
        assert f"<td>{value}</td>" in response.content.decode()
    reading = response.context["verdict"].reading
    assert read_said(write_said(reading)).detail == reading.detail
