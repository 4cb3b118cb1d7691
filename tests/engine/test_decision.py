"""Requests decided: the reasons, and every header of the answers."""

import pytest

from corsadmin.engine import Decision, Reason
from tests.asserts import assert_cors, assert_no_cors
from tests.engine.policies import (
    APP,
    CREDENTIALS,
    EVIL,
    PLAIN,
    SITE,
    ask,
    decide,
    policy,
    preflight,
)

STATIC_PREFLIGHT_VARY = "Access-Control-Request-Method, Access-Control-Request-Headers"


def test_an_unknown_tenant_is_left_alone():
    assert decide(None, ask(APP)) == Decision(Reason.NO_TENANT, managed=False)
    assert decide(None, ask()) == Decision(Reason.NO_TENANT, managed=False)


@pytest.mark.parametrize("request_", [ask(APP, path="/other"), ask(path="/other")], ids=str)
def test_a_path_without_a_rule_is_left_alone(request_):
    decision = decide(policy(origins=[(APP, PLAIN)]), request_)

    assert decision == Decision(Reason.NO_RULE, "acme", managed=False)


def test_an_allowed_request_gets_its_headers():
    rules = [{"credentials": True, "exposed_headers": ["x-total"], "max_age": 5}]

    decision = decide(policy(rules=rules, origins=[(APP, CREDENTIALS)]), ask(APP))

    assert (decision.reason, decision.allowed, decision.status) == (Reason.ALLOWED, True, 0)
    assert (decision.tenant, decision.rule, decision.entry) == ("acme", "/api/", APP)
    assert_cors(decision.response_headers, origin=APP, credentials=True, exposed="x-total")


def test_the_sites_own_origin_is_allowed_where_it_is_listed():
    decision = decide(policy(origins=[(SITE, PLAIN)]), ask(SITE))

    assert_cors(decision.response_headers, origin=SITE)


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        pytest.param(EVIL, Reason.ORIGIN_NOT_LISTED, id="not listed"),
        pytest.param("null", Reason.ORIGIN_NULL, id="P34 null"),
        pytest.param("Null", Reason.ORIGIN_MALFORMED, id="P34 another case of null"),
        pytest.param("*", Reason.ORIGIN_MALFORMED, id="V06 a star"),
        pytest.param("https://*.example.org", Reason.ORIGIN_MALFORMED, id="V06 our own pattern"),
        pytest.param(f"{APP}/", Reason.ORIGIN_MALFORMED, id="a URL"),
        pytest.param("https://t.example.net", Reason.SAME_ORIGIN, id="P33 the site itself"),
    ],
)
@pytest.mark.parametrize("refuse_unlisted", [False, True], ids=["view answers", "refused"])
def test_a_refused_request_gets_no_headers(origin, reason, refuse_unlisted):
    held = policy(
        rules=[{"refuse_unlisted": refuse_unlisted}],
        origins=[(APP, PLAIN), ("https://*.example.org", PLAIN)],
    )

    decision = decide(held, ask(origin))

    refused = refuse_unlisted and reason is not Reason.SAME_ORIGIN
    assert (decision.reason, decision.allowed) == (reason, False)
    assert decision.status == (403 if refused else 0)
    assert_no_cors(decision.response_headers)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(ask(method="OPTIONS", asks="GET"), id="P03 no origin"),
        pytest.param(ask(method="GET", asks="GET"), id="no OPTIONS"),
        pytest.param(ask(), id="neither"),
    ],
)
def test_without_an_origin_it_is_not_a_cors_request(request_):
    held = policy(origins=[(APP, PLAIN)])

    assert not request_.is_preflight
    for _ in range(2):
        decision = decide(held, request_)
        assert (decision.reason, decision.status) == (Reason.NOT_CORS, 0)
        assert_no_cors(decision.response_headers)


def test_any_origin_sends_a_star_on_every_response():
    held = policy(rules=[{"any_origin": True, "exposed_headers": ["x-a"], "max_age": 5}])

    for origin in ("", EVIL, "null", "garbage"):
        assert_cors(
            decide(held, ask(origin)).response_headers, origin="*", exposed="x-a", vary=None
        )
    assert_cors(
        decide(held, preflight(EVIL)).response_headers,
        origin="*",
        max_age="5",
        vary=STATIC_PREFLIGHT_VARY,
    )
    assert_no_cors(
        decide(held, preflight(EVIL, "PUT")).response_headers, vary=STATIC_PREFLIGHT_VARY
    )


def test_an_invalid_rule_denies_on_its_path():
    rules = [{"path": "/"}, {"any_origin": True, "credentials": True}]
    held = policy(rules=rules, origins=[(APP, CREDENTIALS)])

    assert decide(held, ask(APP, path="/")).allowed
    decision = decide(held, ask(APP))

    assert decision.reason is Reason.POLICY_INVALID
    assert_no_cors(decision.response_headers)
    assert decide(held, preflight(APP)).status == 403
    assert_no_cors(decide(held, ask()).response_headers)
