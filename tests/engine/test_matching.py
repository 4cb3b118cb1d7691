"""Which entry of several speaks for an origin: credentials, scope, time, inheritance."""

import pytest

from corsadmin.engine import Reason
from corsadmin.engine.matching import find_entry
from corsadmin.engine.packing import Allowance
from tests.asserts import assert_cors
from tests.engine.policies import APP, CREDENTIALS, EVIL, PLAIN, ask, decide, policy, record


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
    held = policy(rules=[{"credentials": rule}], origins=[(pattern, Allowance(entry))])

    assert_cors(decide(held, ask(APP)).response_headers, origin=APP, credentials=sent)


def test_of_several_entries_one_that_grants_credentials_is_taken():
    origins = [(APP, PLAIN), ("https://*.example.com", CREDENTIALS)]
    held = policy(rules=[{"credentials": True}], origins=origins)

    decision = decide(held, ask(APP))

    assert decision.entry == "https://*.example.com"
    assert_cors(decision.response_headers, origin=APP, credentials=True)


def test_where_the_rule_grants_no_credentials_the_first_entry_is_taken():
    origins = [(APP, PLAIN), ("https://*.example.com", CREDENTIALS)]

    assert decide(policy(origins=origins), ask(APP)).entry == APP


def test_without_credentials_the_first_entry_is_taken():
    origins = [("https://*.com", PLAIN), ("https://*.example.com", PLAIN)]
    held = policy(rules=[{"credentials": True}], origins=origins)

    assert decide(held, ask(APP)).entry == "https://*.example.com"


@pytest.mark.parametrize(
    ("allowance", "path", "now", "reason"),
    [
        pytest.param(Allowance(True, "/api/a/"), "/api/a/x", 0, Reason.ALLOWED, id="in scope"),
        pytest.param(
            Allowance(True, "/api/a/"), "/api/b", 0, Reason.ORIGIN_OUT_OF_SCOPE, id="out of scope"
        ),
        pytest.param(
            Allowance(True, "", 10.0), "/api/x", 10.0, Reason.ALLOWED, id="from the instant"
        ),
        pytest.param(
            Allowance(True, "", 10.0), "/api/x", 9.999, Reason.ORIGIN_NOT_YET_VALID, id="not yet"
        ),
        pytest.param(Allowance(True, "", None, 10.0), "/api/x", 9.999, Reason.ALLOWED, id="still"),
        pytest.param(
            Allowance(True, "", None, 10.0), "/api/x", 10.0, Reason.ORIGIN_EXPIRED, id="R37 the end"
        ),
        pytest.param(
            Allowance(True, "/b/", 10.0, 20.0),
            "/api/x",
            30.0,
            Reason.ORIGIN_OUT_OF_SCOPE,
            id="scope first",
        ),
    ],
)
@pytest.mark.parametrize("pattern", [APP, "https://*.example.com"], ids=["literal", "wildcard"])
def test_scope_and_window_are_judged_at_decision_time(allowance, path, now, reason, pattern):
    held = policy(rules=[{"credentials": True}], origins=[(pattern, allowance)])

    decision = decide(held, ask(APP, path=path), now)

    assert decision.reason is reason
    assert decision.entry == (pattern if reason is Reason.ALLOWED else "")


def test_the_nearest_miss_is_named():
    origins = [
        (APP, Allowance(True, "", 50.0)),
        ("https://*.example.com", Allowance(True, "", None, 5.0)),
        ("https://*.com", Allowance(True, "/elsewhere/")),
    ]

    decision = decide(policy(origins=origins), ask(APP), 10.0)

    assert decision.reason is Reason.ORIGIN_EXPIRED


def test_the_platforms_origins_and_rules_are_inherited():
    platform = record("platform", rules=[{"path": "/all/"}], origins=[(APP, PLAIN)])
    held = policy(origins=[(EVIL, PLAIN)], platform=platform)

    own, inherited = decide(held, ask(APP)), decide(held, ask(EVIL, path="/all/x"))

    assert (own.allowed, own.rule, own.inherited) == (True, "/api/", False)
    assert (inherited.allowed, inherited.rule, inherited.inherited) == (True, "/all/", True)
    assert find_entry(held, held.rules.find("/api/"), ask(APP), 0.0) == (APP, False, Reason.ALLOWED)


def test_stored_garbage_matches_nothing():
    held = policy(origins=[("https://app.example.com:443", PLAIN), (f"{APP}/", PLAIN)])

    for origin in ("https://app.example.com:443", f"{APP}/", APP):
        assert not decide(held, ask(origin)).allowed
