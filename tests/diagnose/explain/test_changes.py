"""Where a call fails, and what to change so that it would not."""

from typing import Any

import pytest

from corsadmin.diagnose.explain import Explanation, Question, explain
from corsadmin.engine import Reason
from corsadmin.models import PathRule
from corsadmin.serving import loader
from tests.asserts import assert_hold
from tests.diagnose.explain.questions import APP, EVIL, HOST, ask
from tests.factories import make_site

pytestmark = pytest.mark.django_db


def failed_step(found: Explanation) -> str:
    return next((step.name for step in found.steps if step.ok is False), "")


@pytest.mark.parametrize(
    ("rule", "question", "reason", "step", "values"),
    [
        pytest.param(
            {},
            {"origin": EVIL},
            "origin-not-listed",
            "origin",
            ["https://evil.example", "acme"],
            id="not listed",
        ),
        pytest.param(
            {},
            {"origin": "null"},
            "origin-null",
            "origin",
            ["null"],
            id="null",
        ),
        pytest.param(
            {},
            {"origin": "https://app.example.com/"},
            "origin-malformed",
            "origin",
            ["https://app.example.com:"],
            id="a slash at the end",
        ),
        pytest.param(
            {},
            {"origin": "https://[::"},
            "origin-malformed",
            "origin",
            ["Origin"],
            id="nonsense",
        ),
        pytest.param(
            {},
            {"path": "/other"},
            "no-rule",
            "rule",
            ["acme", "/other"],
            id="no rule",
        ),
        pytest.param(
            {},
            {"method": "PUT"},
            "method-not-allowed",
            "method",
            ["PUT", "/api/", "acme"],
            id="method",
        ),
        pytest.param(
            {"methods": ["PATCH"]},
            {"method": "patch"},
            "method-not-allowed",
            "method",
            ["PATCH"],
            id="method in lower case",
        ),
        pytest.param(
            {"methods": ["*"]},
            {"method": "trace"},
            "method-not-allowed",
            "method",
            [],
            id="a forbidden method",
        ),
        pytest.param(
            {"request_headers": ["x-a"]},
            {"headers": {"x-a": "1", "x-b": "1", "x-c": "1"}},
            "header-not-allowed",
            "headers",
            ["x-b, x-c", "/api/", "acme"],
            id="headers",
        ),
    ],
)
def test_a_refusal_names_step_and_change(
    rule: dict[str, Any], question: dict[str, Any], reason: str, step: str, values: list[str]
) -> None:
    make_site(origins=[APP], paths=[rule])

    found = ask(**question)

    assert not found.allowed
    assert found.console
    assert found.decision.reason == reason
    assert failed_step(found) == step
    assert_hold(found.changes, [values])
    assert [row.ok for row in found.steps].count(False) == 1


@pytest.mark.parametrize(
    ("listed", "headers", "values"),
    [
        pytest.param(
            ["*"],
            ["authorization", "x-c"],
            [["authorization ", "/api/", "acme"], ["tokens", "authorization"]],
            id="a star does not cover authorization",
        ),
        pytest.param(
            ["content-type"],
            ["tus-resumable", "upload-length", "x-mine"],
            [["tus-resumable, upload-length, x-mine"], ["tus (", "tus-resumable, upload-length."]],
            id="one preset",
        ),
        pytest.param(
            ["traceparent", "tracestate"],
            ["baggage", "dpop", "traceparent", "tracestate"],
            [["baggage, dpop"], ["W3C Trace Context", "baggage"], ["DPoP", "dpop"]],
            id="two presets, one of which was half there",
        ),
    ],
)
def test_refused_headers_that_presets_hold(
    listed: list[str], headers: list[str], values: list[list[str]]
) -> None:
    make_site(origins=[APP], paths=[{"request_headers": listed}])

    found = ask(headers=dict.fromkeys(headers, "1"))

    assert found.decision.reason == "header-not-allowed"
    assert_hold(found.changes, values)


@pytest.mark.parametrize(
    ("rule", "entry", "values"),
    [
        pytest.param(
            {"credentials": False},
            True,
            [["/api/", "acme"]],
            id="the rule does not grant them",
        ),
        pytest.param(
            {"credentials": True},
            False,
            [[APP]],
            id="the entry does not",
        ),
        pytest.param(
            {"credentials": False},
            False,
            [["/api/", "acme"], [APP]],
            id="neither does",
        ),
        pytest.param(
            {"any_origin": True},
            True,
            [[]],
            id="any origin",
        ),
    ],
)
def test_cookies_need_both_rule_and_entry(
    rule: dict[str, Any], entry: bool, values: list[list[str]]
) -> None:
    make_site(origins=[{"pattern": APP, "credentials": entry}], paths=[rule])

    without, with_cookies = ask(), ask(credentials=True)

    assert without.allowed
    assert (without.steps[-1].ok, without.changes) == (None, [])
    assert not with_cookies.allowed
    assert with_cookies.steps[-1].ok is False
    assert_hold(with_cookies.changes, values)
    assert "credentials mode is 'include'" in with_cookies.console


def test_a_preflight_without_credentials_blocks_a_call_with_cookies() -> None:
    make_site(origins=[APP], paths=[{"methods": ["PUT"]}])

    found = ask(method="PUT", credentials=True)

    assert found.decision.allowed
    assert not found.allowed
    assert "Response to preflight request" in found.console


def test_a_rule_that_does_not_compile_is_described() -> None:
    make_site(origins=[APP])
    PathRule.objects.update(methods=["GET", "get"])

    found = ask()

    assert (found.decision.reason, failed_step(found)) == ("policy-invalid", "rule")
    assert_hold(found.changes, [["/api/", "“get”", "GET."]])


@pytest.mark.parametrize("methods", ["GET", 5, {"GET": 1}, [5]])
def test_a_list_that_is_none_denies_on_its_path(methods: object) -> None:
    make_site(origins=[APP])
    PathRule.objects.update(methods=methods)

    found = ask()

    assert found.decision.reason is Reason.POLICY_INVALID
    assert_hold(found.changes, [["/api/", str(methods)]])


def test_a_rule_replaced_meanwhile_is_not_described() -> None:
    """The snapshot given may be older than the rows."""
    make_site(origins=[APP])
    PathRule.objects.update(methods=["get"])
    snapshot = loader.load("default")
    PathRule.objects.update(methods=["GET"])

    found = explain(Question(host=HOST, path="/api/x", origin=APP), snapshot=snapshot)

    assert found.decision.reason is Reason.POLICY_INVALID
    assert found.changes == []


def test_a_disabled_rule_can_be_enabled() -> None:
    make_site(origins=[APP], paths=[{"enabled": False}, {"path": "/a/", "enabled": False}])

    assert_hold(ask().changes, [["/api/"]])


def test_an_unknown_host_can_be_added() -> None:
    found = explain(Question(host="new.example.net", path="/api/x", origin=APP))

    assert (found.decision.reason, failed_step(found)) == ("no-tenant", "tenant")
    assert_hold(found.changes, [["new.example.net"], ["corsadmin.tenants.single"]])
    assert found.near_misses == []


def test_where_tenants_have_hosts_the_site_is_not_a_single_one() -> None:
    make_site(origins=[APP])

    found = explain(Question(host="new.example.net", path="/api/x", origin=APP))

    assert_hold(found.changes, [["new.example.net"]])


@pytest.mark.parametrize("host", ["evil.example", "[::1", "acme.example.net@evil"])
def test_a_host_that_django_refuses_is_named(host: str) -> None:
    make_site(origins=[APP])

    found = explain(Question(host=host, path="/api/x", origin=APP))

    assert_hold(found.changes, [[host, "ALLOWED_HOSTS"]])


def test_an_inactive_tenant_is_named_to_those_who_may_see_it() -> None:
    make_site(origins=[APP], is_active=False)
    question = Question(host=HOST, path="/api/x", origin=APP)

    assert_hold(explain(question).changes, [[" acme."]])
    assert_hold(explain(question, visible=frozenset()).changes, [["acme.example.net"]])
