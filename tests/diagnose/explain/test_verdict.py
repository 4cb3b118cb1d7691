"""What is said of a call: its steps, its preflight, the line of the console."""

import json
from typing import Any

import pytest

from corsadmin.diagnose.explain.steps import TAKEN_FOR_OWN
from corsadmin.engine import Reason
from corsadmin.models import Origin
from tests.asserts import assert_hold
from tests.diagnose.explain.mending import kinds
from tests.diagnose.explain.questions import APP, EVIL, HOST, ask
from tests.factories import PathRuleFactory, TenantFactory, TenantHostFactory, make_site

pytestmark = pytest.mark.django_db

JSON_BODY = {"Content-Type": "application/json"}


def test_an_allowed_call_passes_every_step() -> None:
    make_site(
        origins=[{"pattern": APP, "credentials": True}],
        paths=[{"methods": ["PUT"], "credentials": True, "max_age": 60}],
    )

    found = ask(method="put", headers=JSON_BODY, credentials=True)

    assert found.allowed
    assert [(step.name, step.ok) for step in found.steps] == [
        ("tenant", True),
        ("rule", True),
        ("origin", True),
        ("method", True),
        ("headers", True),
        ("credentials", True),
    ]
    assert found.preflight is not None
    assert found.preflight.status == 204
    assert found.preflight.headers["Access-Control-Allow-Methods"] == "PUT"
    assert found.actual.headers == {
        "Access-Control-Allow-Origin": APP,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }
    assert (found.console, found.near_misses, found.changes) == ("", [], [])


@pytest.mark.parametrize(
    ("question", "sent"),
    [
        pytest.param({}, False, id="a plain GET"),
        pytest.param({"method": "POST"}, False, id="a POST of a form"),
        pytest.param({"method": "PUT"}, True, id="a method"),
        pytest.param({"headers": JSON_BODY}, True, id="a content type"),
        pytest.param({"headers": {"Cookie": "a=b"}}, False, id="a header no page can set"),
        pytest.param({"origin": f"https://{HOST}", "method": "PUT"}, False, id="same origin"),
        pytest.param({"origin": "", "method": "PUT"}, False, id="no origin"),
    ],
)
def test_a_preflight_is_shown_where_a_browser_sends_one(
    question: dict[str, Any], sent: bool
) -> None:
    make_site(origins=[APP])

    assert (ask(**question).preflight is not None) is sent


def test_a_page_of_the_same_origin_needs_no_permission() -> None:
    make_site(origins=[APP])

    found = ask(f"https://{HOST}", credentials=True)

    assert found.allowed
    assert found.decision.reason is Reason.SAME_ORIGIN
    assert [step.ok for step in found.steps] == [True, True, True, True, True, None]


def test_what_is_named_because_it_was_asked_for_is_said() -> None:
    stars = {"credentials": True, "methods": ["PUT", "*"], "request_headers": ["x-a", "*"]}
    make_site(origins=[{"pattern": APP, "credentials": True}], paths=[stars])
    headers = {"X-A": "1", "X-B": "1", "Authorization": "Bearer x"}

    found = ask(method="PATCH", headers=headers, credentials=True)
    listed = ask(method="PUT", headers={"X-A": "1"}, credentials=True)

    assert found.allowed
    assert found.preflight is not None
    sent = found.preflight.headers
    assert sent["Access-Control-Allow-Methods"] == "PUT, PATCH"
    assert sent["Access-Control-Allow-Headers"] == "x-a, authorization, x-b"
    method, names = (step.sentence for step in found.steps[3:5])
    assert ("PATCH" in method, "authorization, x-a, x-b" in names) == (True, True)
    assert names.endswith("authorization, x-b.")  # those that the rule does not list
    method, names = (step.sentence for step in listed.steps[3:5])
    assert ("PUT" in method, names.endswith("x-a.")) == (True, True)


def test_the_default_port_of_the_host_does_not_make_another_origin() -> None:
    make_site(origins=[APP], paths=[{"refuse_unlisted": True}])

    found = ask(f"https://{HOST}", method="POST", host=f"{HOST}:443")

    assert found.allowed
    assert found.decision.reason is Reason.SAME_ORIGIN
    assert found.actual.status == 0


def test_an_https_page_that_calls_its_host_over_http_is_blocked_by_the_browser_alone() -> None:
    make_site(origins=[APP], paths=[{"refuse_unlisted": True}])

    found = ask(f"https://{HOST}", method="POST", scheme="http", credentials=True)

    assert not found.allowed
    assert found.decision.reason is Reason.SAME_ORIGIN
    assert found.actual.status == 0
    assert found.actual.headers == {"Vary": "Origin"}
    assert found.summary == str(TAKEN_FOR_OWN)
    assert [step.sentence for step in found.steps if step.name == "origin"] == [found.summary]
    assert found.steps[-1][:2] == ("credentials", False)
    assert kinds(found) == ["page-scheme"]


def test_a_request_without_origin_is_nobodys_page() -> None:
    make_site(origins=[APP])

    found = ask("")

    assert found.allowed
    assert found.decision.reason is Reason.NOT_CORS
    assert (found.steps[2].name, found.steps[2].ok) == ("origin", True)


def test_what_follows_a_step_that_nothing_mends_is_not_reached() -> None:
    make_site(origins=[APP])

    found = ask(path="/./x")

    assert [step.ok for step in found.steps] == [True, False, None, None, None, None]


def test_what_follows_a_failed_step_is_judged_as_if_it_were_mended() -> None:
    make_site(origins=[APP])

    found = ask(EVIL, path="/other", method="PUT", headers={"Content-Type": "text/html"})

    assert [step.ok for step in found.steps] == [True, False, False, False, True, None]


def test_a_forbidden_method_fails_in_the_page() -> None:
    make_site(origins=[APP])

    assert ask(method="TRACE").console == (
        "Failed to execute 'fetch' on 'Window': 'TRACE' HTTP method is unsupported."
    )


def test_the_console_line_of_a_refused_origin() -> None:
    make_site(origins=[APP])

    assert ask(EVIL).console == (
        "Access to fetch at 'https://acme.example.net/api/x' from origin 'https://evil.example' "
        "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on "
        "the requested resource."
    )


def test_an_origin_that_is_refused_for_another_cause_is_allowed_so_far() -> None:
    make_site(origins=[APP], paths=[{"methods": ["GET"]}])

    found = ask(method="PUT")

    sentences = [step.sentence for step in found.steps[:3]]
    assert_hold(sentences, [[HOST, "acme"], ["/api/ ", "acme", "/api/x"], []])
    assert [step.ok for step in found.steps[:4]] == [True, True, True, False]


def test_a_rule_for_any_origin_needs_no_entry() -> None:
    make_site(paths=[{"any_origin": True}])

    found = ask(EVIL)

    assert found.allowed
    assert (found.steps[2].name, found.steps[2].ok) == ("origin", True)
    assert found.decision.entry == "*"


def test_an_inherited_rule_is_the_platforms() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/", methods=["GET"])
    make_site(origins=[APP], paths=[])

    found = ask(method="PUT")

    assert_hold([found.steps[1].sentence], [["/ ", "platform", "/api/x"]])
    assert_hold(found.changes, [["/ ", "acme", "platform"], ["PUT", "/ ", "acme"]])


def test_the_gateways_header_names_the_tenant(settings: Any) -> None:
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_RESOLVER": "corsadmin.tenants.by_header",
        "TENANT_HEADER": "X-Tenant",
    }
    make_site(origins=[APP], paths=[{"methods": ["PUT"]}])

    found = ask(method="PUT", headers={"X-Tenant": "acme"})
    unknown = ask(method="PUT")

    assert found.allowed
    assert_hold([found.steps[0].sentence], [["by_header", "acme"]])
    assert found.actual.headers["Vary"] == "Origin, X-Tenant"
    assert_hold(unknown.changes, [["corsadmin.tenants.by_header"]])


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/api/x?page=2#top", "allowed", id="query and fragment do not count"),
        pytest.param("/api/caf%C3%A9", "allowed", id="percent-encoded"),
        pytest.param("/api/café", "allowed", id="as people write it"),
        pytest.param("/%61pi/x", "allowed", id="decoded once"),
        pytest.param("/%2561pi/x", "no-rule", id="and not twice"),
        pytest.param("/api/%2e%2e/x", "no-rule", id="dot segments"),
    ],
)
def test_the_path_is_what_a_server_hands_over(path: str, reason: str) -> None:
    make_site(origins=[APP])

    assert ask(path=path).decision.reason == reason


def test_the_answer_as_plain_values() -> None:
    make_site(origins=[APP])

    found: dict[str, Any] = ask("http://app.example.com", method="PUT").as_dict()

    assert json.loads(json.dumps(found)) == found
    assert found["reason"] == "origin-not-listed"
    assert found["preflight"]["status"] == 403
    assert found["actual"]["status"] is None
    assert found["near_misses"][0]["kind"] == "scheme"
    assert ask().as_dict()["preflight"] is None


def test_explaining_writes_nothing(django_assert_max_num_queries: Any) -> None:
    make_site(origins=[APP])
    before = list(Origin.objects.values_list("modified", flat=True))

    with django_assert_max_num_queries(13):
        ask(EVIL)

    assert list(Origin.objects.values_list("modified", flat=True)) == before


def test_a_header_of_the_body_is_understood() -> None:
    make_site(origins=[APP])
    TenantHostFactory(host="b.example.net")

    assert ask(headers=JSON_BODY).allowed
