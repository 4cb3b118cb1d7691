"""The emergency switch: what it takes away, from whom, and when it is over."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corsadmin.engine import Reason
from corsadmin.engine.emergencies import Stop, StopLevel, level_at, stop_of
from corsadmin.engine.packing import Allowance
from tests.asserts import PREFLIGHT_VARY, assert_cors
from tests.engine.policies import (
    APP,
    CREDENTIALS,
    EVIL,
    SITE,
    ask,
    decide,
    policy,
    preflight,
    record,
    snapshot,
)

ALL, ONLY_CREDENTIALS = Stop(StopLevel.ALL), Stop(StopLevel.CREDENTIALS)
LISTED = [(APP, CREDENTIALS)]
WITH_CREDENTIALS = [{"credentials": True, "refuse_unlisted": False}]
ANY = [{"any_origin": True}]


@pytest.mark.parametrize(
    ("rules", "request_", "reason", "status", "vary"),
    [
        pytest.param([{}], ask(APP), "emergency", 0, "Origin", id="a call of a listed origin"),
        pytest.param([{}], ask(EVIL), "emergency", 0, "Origin", id="a call of a stranger"),
        pytest.param([{}], ask("null"), "emergency", 0, "Origin", id="a call of null"),
        pytest.param([{}], preflight(APP), "emergency", 403, PREFLIGHT_VARY, id="a preflight"),
        pytest.param([{}], preflight(SITE), "emergency", 403, PREFLIGHT_VARY, id="the site's own preflight"),
        pytest.param([{}], ask(SITE), "same-origin", 0, "Origin", id="the site's own call"),
        pytest.param([{}], ask(), "not-cors", 0, "Origin", id="no Origin"),
        pytest.param([{"refuse_unlisted": True}], ask(APP), "emergency", 403, "Origin", id="a rule that refuses"),
        pytest.param([{"refuse_unlisted": True}], ask(SITE), "same-origin", 0, "Origin", id="a rule that refuses, the site's own call"),
        pytest.param([{"refuse_unlisted": True}], ask(), "not-cors", 0, "Origin", id="a rule that refuses, no Origin"),
        pytest.param(ANY, ask(EVIL), "emergency", 0, "Origin", id="any origin"),
        pytest.param(ANY, ask(), "not-cors", 0, "Origin", id="any origin, no Origin: no star either"),
        pytest.param(ANY, preflight(EVIL), "emergency", 403, PREFLIGHT_VARY, id="any origin, a preflight"),
        pytest.param([{"any_origin": True, "refuse_unlisted": True}], ask(EVIL), "emergency", 403, "Origin", id="any origin, a rule that refuses"),
        pytest.param([{"exclusive": True, "path": "/api/"}], ask(APP), "emergency", 0, "Origin", id="an exclusive rule"),
        pytest.param([{"methods": ["get"]}], ask(APP), "emergency", 0, "Origin", id="a rule that is not valid"),
        pytest.param([], ask(APP), "no-rule", 0, "", id="no rule"),
    ],
)  # fmt: skip
def test_all_lets_nobody_in(rules, request_, reason, status, vary):
    held = policy(rules=rules, origins=LISTED, stops={"acme": ALL})

    found = decide(held, request_)

    assert (found.reason, found.status, found.entry) == (reason, status, "")
    assert_cors(found.response_headers, vary=vary or None)


@pytest.mark.parametrize(
    ("rules", "request_", "expected"),
    [
        pytest.param(WITH_CREDENTIALS, ask(APP), {}, id="a call"),
        pytest.param(WITH_CREDENTIALS, preflight(APP), {"vary": PREFLIGHT_VARY}, id="a preflight"),
        pytest.param([{"credentials": True, "methods": ["*"]}], preflight(APP, "PUT"), {"methods": "PUT", "vary": PREFLIGHT_VARY}, id="a star goes on naming what was asked"),
        pytest.param(ANY, ask(EVIL), {"origin": "*", "vary": None}, id="any origin"),
    ],
)  # fmt: skip
def test_credentials_takes_nothing_else_away(rules, request_, expected):
    held = policy(rules=rules, origins=LISTED, stops={"acme": ONLY_CREDENTIALS})

    found = decide(held, request_)

    assert found.reason is Reason.ALLOWED
    assert_cors(found.response_headers, **{"origin": APP, **expected})


@pytest.mark.parametrize(
    ("stops", "expected"),
    [
        pytest.param({}, Reason.ALLOWED, id="none"),
        pytest.param({"rival": ALL}, Reason.ALLOWED, id="another tenant's"),
        pytest.param({"acme": ALL}, Reason.EMERGENCY, id="its own"),
        pytest.param({"platform": ALL}, Reason.EMERGENCY, id="the platform's"),
        pytest.param({"acme": ONLY_CREDENTIALS, "platform": ALL}, Reason.EMERGENCY, id="both"),
        pytest.param({"acme": ALL, "platform": ONLY_CREDENTIALS}, Reason.EMERGENCY, id="both, the other way round"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("inherits", [True, False], ids=["an heir", "no heir"])
@pytest.mark.parametrize("platform", [[record("platform")], []], ids=["a platform", "no platform"])
def test_the_platforms_stops_every_tenant(stops, expected, inherits, platform):
    acme = record(origins=LISTED, inherits=inherits)

    held = snapshot(acme, *platform, stops=stops).policy("acme")

    assert decide(held, ask(APP)).reason is expected


def test_the_platform_is_stopped_by_its_own_alone():
    platform = record("platform", origins=LISTED)

    def found(stops):
        return decide(snapshot(platform, stops=stops).policy("platform"), ask(APP)).reason

    assert found({"acme": ALL}) is Reason.ALLOWED
    assert found({"platform": ALL}) is Reason.EMERGENCY


@pytest.mark.parametrize(
    ("stops", "now", "expected"),
    [
        pytest.param([], 0, None, id="none"),
        pytest.param([ALL], 1e12, StopLevel.ALL, id="until lifted"),
        pytest.param([Stop(StopLevel.ALL, 10)], 9.999, StopLevel.ALL, id="a moment before its end"),
        pytest.param([Stop(StopLevel.ALL, 10)], 10, None, id="at its very end"),
        pytest.param([Stop(StopLevel.ALL, 10), ONLY_CREDENTIALS], 10, StopLevel.CREDENTIALS, id="the other one goes on"),
        pytest.param([ONLY_CREDENTIALS, Stop(StopLevel.ALL, 10)], 9, StopLevel.ALL, id="the stronger one counts"),
    ],
)  # fmt: skip
def test_the_clock_ends_it(stops, now, expected):
    assert level_at(stops, now) is expected


@pytest.mark.parametrize("level", ["", "ALL", "nothing", "credentials ", None, 1, b"credentials"])
def test_a_level_that_is_not_known_takes_everything_away(level):
    assert stop_of(level, 5.0) == Stop(StopLevel.ALL, 5.0)


def test_a_policy_without_its_emergencies_is_the_same_one():
    held = policy(origins=LISTED, stops={"acme": ALL})

    assert held.calm.stops == ()
    assert held.calm.calm is held.calm
    assert decide(held.calm, ask(APP)) == decide(policy(origins=LISTED), ask(APP))


# What every kind of rule, entry and request can be: the law is that nothing but the switch's words hold.
_flags = st.booleans()
_rules = st.fixed_dictionaries(
    {"path": st.just("/api/")},
    optional={
        "any_origin": _flags,
        "credentials": _flags,
        "refuse_unlisted": _flags,
        "exclusive": _flags,
        "methods": st.sampled_from([["GET"], ["*"], ["put"]]),
    },
)
_entries = st.lists(
    st.tuples(
        st.sampled_from([APP, SITE, "https://*.example.com"]),
        st.builds(Allowance, _flags, st.sampled_from(["", "/api/x/", "/api/"])),
    ),
    max_size=4,
)
_requests = st.builds(
    lambda origin, method, asks: ask(origin, method=method, asks=asks),
    st.sampled_from([APP, EVIL, SITE, "null", "", "x"]),
    st.sampled_from(["GET", "OPTIONS"]),
    st.sampled_from([None, "GET", "PUT"]),
)


def _closed(rule):
    return {**rule, "any_origin": False}


@given(_rules, _entries, _requests)
def test_all_answers_as_if_nothing_was_listed(rule, entries, request_):
    # A rule that is not valid denies without a status of its own.
    is_valid = rule.get("methods") != ["put"] and not (
        rule.get("any_origin") and (rule.get("credentials") or rule.get("exclusive"))
    )
    assume(is_valid or not rule.get("refuse_unlisted"))
    stopped = decide(policy(rules=[rule], origins=entries, stops={"acme": ALL}), request_)
    valid = {**_closed(rule), "methods": ["GET"]}
    listed = decide(policy(rules=[valid]), request_)

    assert listed._replace(reason=stopped.reason) == stopped
    assert stopped.reason in {Reason.EMERGENCY, Reason.SAME_ORIGIN, Reason.NOT_CORS}


@given(_rules, _entries, _requests)
def test_credentials_answers_as_if_no_entry_granted_them(rule, entries, request_):
    plain = [(text, allowance._replace(credentials=False)) for text, allowance in entries]

    stopped = decide(
        policy(rules=[rule], origins=entries, stops={"acme": ONLY_CREDENTIALS}), request_
    )

    assert stopped == decide(policy(rules=[rule], origins=plain), request_)
