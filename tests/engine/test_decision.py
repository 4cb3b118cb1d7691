"""Every reason reached, and every header of every answer."""

import pytest

from corsadmin.engine import (
    NOT_READY,
    NOT_READY_PREFLIGHT,
    Decision,
    Grant,
    Reason,
    decide,
    decide_by_path,
    find_entry,
    too_stale,
)
from tests.asserts import PREFLIGHT_VARY, assert_cors, assert_no_cors
from tests.engine.policies import SITE, ask, policy, preflight, record

APP = "https://app.example.com"
EVIL = "https://evil.example"
PLAIN, CREDENTIALS = Grant(credentials=False), Grant(credentials=True)
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
    ("rule", "entry", "sent"),
    [
        pytest.param(True, True, True, id="both grant"),
        pytest.param(True, False, False, id="the entry does not"),
        pytest.param(False, True, False, id="the rule does not"),
        pytest.param(False, False, False, id="neither does"),
    ],
)
@pytest.mark.parametrize("pattern", [APP, "https://*.example.com"], ids=["literal", "wildcard"])
def test_credentials_need_the_rule_and_the_entry(rule, entry, sent, pattern):
    held = policy(rules=[{"credentials": rule}], origins=[(pattern, Grant(entry))])

    for _ in range(2):  # the second time from memory
        assert_cors(decide(held, ask(APP)).response_headers, origin=APP, credentials=sent)


def test_of_several_entries_one_that_grants_credentials_is_taken():
    origins = [(APP, PLAIN), ("https://*.example.com", CREDENTIALS)]
    held = policy(rules=[{"credentials": True}], origins=origins)

    for _ in range(2):
        decision = decide(held, ask(APP))
        assert decision.entry == "https://*.example.com"
        assert_cors(decision.response_headers, origin=APP, credentials=True)


def test_where_the_rule_grants_no_credentials_the_first_entry_is_taken():
    origins = [(APP, PLAIN), ("https://*.example.com", CREDENTIALS)]

    assert decide(policy(origins=origins), ask(APP)).entry == APP


def test_the_sites_own_origin_is_allowed_where_it_is_listed():
    decision = decide(policy(origins=[(SITE, PLAIN)]), ask(SITE))

    assert_cors(decision.response_headers, origin=SITE)


def test_without_credentials_the_first_entry_is_taken():
    origins = [("https://*.com", PLAIN), ("https://*.example.com", PLAIN)]
    held = policy(rules=[{"credentials": True}], origins=origins)

    assert decide(held, ask(APP)).entry == "https://*.example.com"


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


def test_options_without_a_requested_method_is_an_actual_request():
    decision = decide(policy(origins=[(APP, PLAIN)]), ask(APP, method="OPTIONS"))

    assert decision.status == 0
    assert_cors(decision.response_headers, origin=APP)


def test_a_requested_method_without_options_is_an_actual_request():
    decision = decide(policy(origins=[(APP, PLAIN)]), ask(APP, method="PUT", asks="DELETE"))

    assert (decision.reason, decision.status) == (Reason.ALLOWED, 0)
    assert_cors(decision.response_headers, origin=APP)


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

    assert decide(held, ask(APP, path="/")).allowed  # and so remembered
    decision = decide(held, ask(APP))

    assert decision.reason is Reason.POLICY_INVALID
    assert_no_cors(decision.response_headers)
    assert decide(held, preflight(APP)).status == 403
    assert_no_cors(decide(held, ask()).response_headers)


@pytest.mark.parametrize(
    ("grant", "path", "now", "reason"),
    [
        pytest.param(Grant(True, "/api/a/"), "/api/a/x", 0, Reason.ALLOWED, id="in scope"),
        pytest.param(
            Grant(True, "/api/a/"), "/api/b", 0, Reason.ORIGIN_OUT_OF_SCOPE, id="out of scope"
        ),
        pytest.param(Grant(True, "", 10.0), "/api/x", 10.0, Reason.ALLOWED, id="from the instant"),
        pytest.param(
            Grant(True, "", 10.0), "/api/x", 9.999, Reason.ORIGIN_NOT_YET_VALID, id="not yet"
        ),
        pytest.param(Grant(True, "", None, 10.0), "/api/x", 9.999, Reason.ALLOWED, id="still"),
        pytest.param(
            Grant(True, "", None, 10.0), "/api/x", 10.0, Reason.ORIGIN_EXPIRED, id="R37 the end"
        ),
        pytest.param(
            Grant(True, "/b/", 10.0, 20.0),
            "/api/x",
            30.0,
            Reason.ORIGIN_OUT_OF_SCOPE,
            id="scope first",
        ),
    ],
)
@pytest.mark.parametrize("pattern", [APP, "https://*.example.com"], ids=["literal", "wildcard"])
def test_scope_and_window_are_judged_at_decision_time(grant, path, now, reason, pattern):
    held = policy(rules=[{"credentials": True}], origins=[(pattern, grant)])

    decision = decide(held, ask(APP, path=path, now=now))

    assert decision.reason is reason
    assert decision.entry == (pattern if reason is Reason.ALLOWED else "")


def test_the_nearest_miss_is_named():
    origins = [
        (APP, Grant(True, "", 50.0)),
        ("https://*.example.com", Grant(True, "", None, 5.0)),
        ("https://*.com", Grant(True, "/elsewhere/")),
    ]

    decision = decide(policy(origins=origins), ask(APP, now=10.0))

    assert decision.reason is Reason.ORIGIN_EXPIRED


def test_the_platforms_origins_and_rules_are_inherited():
    platform = record("platform", rules=[{"path": "/all/"}], origins=[(APP, PLAIN)])
    held = policy(origins=[(EVIL, PLAIN)], platform=platform)

    own, inherited = decide(held, ask(APP)), decide(held, ask(EVIL, path="/all/x"))

    assert (own.allowed, own.rule, own.inherited) == (True, "/api/", False)
    assert (inherited.allowed, inherited.rule, inherited.inherited) == (True, "/all/", True)
    assert find_entry(held, held.rules.find("/api/"), ask(APP)) == (APP, False, Reason.ALLOWED)


def test_stored_garbage_matches_nothing():
    held = policy(origins=[("https://app.example.com:443", PLAIN), (f"{APP}/", PLAIN)])

    for origin in ("https://app.example.com:443", f"{APP}/", APP):
        assert not decide(held, ask(origin)).allowed


def test_a_stale_decision_keeps_nothing_but_vary():
    held = policy(rules=[{"exposed_headers": ["x-a"]}], origins=[(APP, PLAIN)])

    allowed, flight = too_stale(decide(held, ask(APP))), too_stale(decide(held, preflight(APP)))
    untouched = decide(held, ask(APP, path="/other"))

    assert (allowed.reason, allowed.status) == (Reason.TOO_STALE, 0)
    assert_no_cors(allowed.response_headers)
    assert (flight.reason, flight.status) == (Reason.TOO_STALE, 403)
    assert_no_cors(flight.response_headers, vary=PREFLIGHT_VARY)
    assert too_stale(untouched) is untouched


def test_not_ready_refuses_preflights_and_adds_nothing():
    assert_no_cors(NOT_READY.response_headers)
    assert_no_cors(NOT_READY_PREFLIGHT.response_headers, vary=PREFLIGHT_VARY)
    assert (NOT_READY.status, NOT_READY_PREFLIGHT.status) == (0, 403)


def test_deciding_by_the_path_alone_is_the_same_by_either_way():
    held = policy(origins=[(APP, PLAIN)])

    assert decide(held, ask()) == decide_by_path(held, held.rules.find("/api/x"))
    assert decide(held, ask(path="/other")) == decide_by_path(held, None)
