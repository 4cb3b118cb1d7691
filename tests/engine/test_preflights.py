"""Preflights: which are allowed, and every header of the answer."""

import pytest

from corsadmin.engine import Reason
from tests.asserts import PREFLIGHT_VARY, assert_cors, assert_no_cors
from tests.engine.policies import APP, EVIL, PLAIN, ask, decide, policy, preflight


def test_an_allowed_preflight_gets_the_whole_lists():
    rules = [
        {
            "methods": ["GET", "PUT"],
            "request_headers": ["x-a", "x-b"],
            "exposed_headers": ["x-total"],
            "max_age": 600,
        }
    ]

    decision = decide(policy(rules=rules, origins=[(APP, PLAIN)]), preflight(APP, "PUT", "x-b"))

    assert (decision.reason, decision.status) == (Reason.ALLOWED, 204)
    assert_cors(
        decision.response_headers,
        origin=APP,
        methods="GET, PUT",
        request_headers="x-a, x-b",
        max_age="600",
        vary=PREFLIGHT_VARY,
    )


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(preflight(EVIL), Reason.ORIGIN_NOT_LISTED, id="P04 origin"),
        pytest.param(preflight("https://t.example.net"), Reason.ORIGIN_NOT_LISTED, id="own site"),
        pytest.param(preflight(APP, "PUT"), Reason.METHOD_NOT_ALLOWED, id="P04 method"),
        pytest.param(preflight(APP, "get"), Reason.METHOD_NOT_ALLOWED, id="P07 lower case"),
        pytest.param(preflight(APP, ""), Reason.METHOD_NOT_ALLOWED, id="P11 empty method"),
        pytest.param(preflight(APP, "GET", "x-b"), Reason.HEADER_NOT_ALLOWED, id="P17 header"),
        pytest.param(preflight(APP, "GET", "x a"), Reason.HEADER_NOT_ALLOWED, id="P17 malformed"),
    ],
)
def test_a_refused_preflight_gets_403_and_no_headers(request_, reason):
    held = policy(rules=[{"request_headers": ["x-a"]}], origins=[(APP, PLAIN)])

    decision = decide(held, request_)

    assert (decision.reason, decision.status) == (reason, 403)
    assert_no_cors(decision.response_headers, vary=PREFLIGHT_VARY)


@pytest.mark.parametrize(
    ("rule", "asks", "headers", "allowed"),
    [
        pytest.param({}, "POST", None, True, id="P09 a safelisted method that is not listed"),
        pytest.param({"methods": ["*"]}, "PATCH", None, True, id="any method"),
        pytest.param({"methods": ["*"]}, "track", None, False, id="P10 forbidden under a star"),
        pytest.param({"methods": ["*"]}, "P UT", None, False, id="P11 no token under a star"),
        pytest.param({"request_headers": ["*"]}, "GET", "x-a,x-b", True, id="any header"),
        pytest.param(
            {"request_headers": ["*"]}, "GET", "authorization", False, id="P18 not authorization"
        ),
        pytest.param(
            {"request_headers": ["*", "authorization"]},
            "GET",
            "authorization,x-a",
            True,
            id="P18 authorization by name",
        ),
        pytest.param(
            {"request_headers": ["x-a"]}, "GET", "X-A , x-a", True, id="P14 set semantics"
        ),
        pytest.param({"request_headers": ["x-a"]}, "GET", "", True, id="P12 no header"),
    ],
)
def test_methods_and_headers_of_a_preflight(rule, asks, headers, allowed):
    held = policy(rules=[{"request_headers": [], **rule}], origins=[(APP, PLAIN)])

    assert decide(held, preflight(APP, asks, headers)).allowed is allowed


def test_options_without_a_requested_method_is_an_actual_request():
    decision = decide(policy(origins=[(APP, PLAIN)]), ask(APP, method="OPTIONS"))

    assert decision.status == 0
    assert_cors(decision.response_headers, origin=APP)


def test_a_requested_method_without_options_is_an_actual_request():
    decision = decide(policy(origins=[(APP, PLAIN)]), ask(APP, method="PUT", asks="DELETE"))

    assert (decision.reason, decision.status) == (Reason.ALLOWED, 0)
    assert_cors(decision.response_headers, origin=APP)
