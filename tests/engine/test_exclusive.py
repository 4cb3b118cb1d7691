"""Exclusive rules: which entries they admit, and that nothing else about an answer changes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsadmin.engine import Reason
from corsadmin.engine.packing import Allowance
from corsadmin.engine.problems import Problem
from corsadmin.engine.rules import RuleText, check_rule, compile_rule
from tests.asserts import PREFLIGHT_VARY, assert_cors, assert_no_cors
from tests.engine import strategies as texts
from tests.engine.policies import (
    APP,
    EVIL,
    PLAIN,
    SITE,
    ask,
    decide,
    policy,
    preflight,
    record,
)

ALLOWED, UNLISTED = Reason.ALLOWED, Reason.ORIGIN_NOT_LISTED
OUT = Reason.ORIGIN_OUT_OF_SCOPE
ADMIN = {"path": "/api/admin/", "exclusive": True}
LITERAL, WILDCARD = APP, "https://*.example.com"


@pytest.mark.parametrize(
    ("rule", "scope", "path", "reason"),
    [
        pytest.param("/api/admin/", "", "/api/admin/x", UNLISTED, id="no scope"),
        pytest.param("/api/admin/", "/", "/api/admin/x", UNLISTED, id="a scope for every path"),
        pytest.param("/api/admin/", "/api/", "/api/admin/x", UNLISTED, id="a wider scope"),
        pytest.param("/api/admin/", "/api/admin/", "/api/admin/x", ALLOWED, id="the same scope"),
        pytest.param("/api/admin/", "/api/admin/", "/api/admin/", ALLOWED, id="its own path"),
        pytest.param(
            "/api/admin/", "/api/admin/u/", "/api/admin/u/1", ALLOWED, id="a prefix below"
        ),
        pytest.param("/api/admin/", "/api/admin/u/", "/api/admin/v", OUT, id="elsewhere below"),
        pytest.param("/api/admin/", "/api/admin/x", "/api/admin/x", ALLOWED, id="a path below"),
        pytest.param("/api/admin/", "/api/admin/x", "/api/admin/y", OUT, id="another path below"),
        pytest.param("/api/admin/", "/api/admin/*", "/api/admin/y", ALLOWED, id="a star below"),
        pytest.param("/api/admin/", "/api/admin/{$}", "/api/admin/", ALLOWED, id="alone below"),
        pytest.param("/api/admin/", "/api/admin/{$}", "/api/admin/y", OUT, id="not below alone"),
        pytest.param("/api/admin/", "/*/admin/", "/api/admin/x", UNLISTED, id="a star is wider"),
        pytest.param(
            "/api/admin/", "/api/*", "/api/admin/x", UNLISTED, id="an exact star is wider"
        ),
        pytest.param("/*/admin/", "/api/admin/", "/api/admin/x", ALLOWED, id="a name in a star"),
        pytest.param("/*/admin/", "/*/admin/", "/api/admin/x", ALLOWED, id="the same star"),
        pytest.param("/*/admin/", "/*/admin/u/", "/api/admin/u/x", ALLOWED, id="a star and below"),
        pytest.param("/*/admin/", "/*/*/", "/api/admin/x", UNLISTED, id="two stars are wider"),
        pytest.param("/*/admin/", "/other/", "/api/admin/x", UNLISTED, id="a scope elsewhere"),
        pytest.param("/api/x", "/api/x", "/api/x", ALLOWED, id="exact and the same"),
        pytest.param("/api/x", "/api/", "/api/x", UNLISTED, id="exact and a prefix"),
        pytest.param("/api/x", "/api/*", "/api/x", UNLISTED, id="exact and a star"),
        pytest.param("/api/*", "/api/x", "/api/x", ALLOWED, id="an exact star and a name"),
        pytest.param("/api/*", "/api/*", "/api/x", ALLOWED, id="an exact star and itself"),
        pytest.param("/api/*", "/api/", "/api/x", UNLISTED, id="an exact star and a prefix"),
        pytest.param("/api/{$}", "/api/{$}", "/api/", ALLOWED, id="alone and the same"),
        pytest.param("/api/{$}", "/api/", "/api/", UNLISTED, id="alone and its prefix"),
        pytest.param("/api/{$}", "/*/{$}", "/api/", UNLISTED, id="alone and a star alone"),
        pytest.param("/*/{$}", "/api/{$}", "/api/", ALLOWED, id="a star alone and a name alone"),
        pytest.param("/", "", "/api/x", ALLOWED, id="every path, no scope"),
        pytest.param("/", "/api/", "/api/x", ALLOWED, id="every path, a scope"),
        pytest.param("/", "/other/", "/api/x", OUT, id="every path, a scope elsewhere"),
        pytest.param("/{$}", "/{$}", "/", ALLOWED, id="the root alone and the same"),
        pytest.param("/{$}", "", "/", UNLISTED, id="the root alone, no scope"),
    ],
)
@pytest.mark.parametrize("pattern", [LITERAL, WILDCARD], ids=["literal", "wildcard"])
def test_which_entries_an_exclusive_rule_admits(rule, scope, path, reason, pattern):
    entry = [(pattern, Allowance(False, scope))]
    rules = [{"path": rule, "exclusive": True}]
    own = policy(rules=rules, origins=entry)
    inherited = policy(rules=rules, platform=record("platform", rules=[], origins=entry))

    for held in (own, inherited):
        decision = decide(held, ask(APP, path=path))

        assert (decision.reason, decision.rule) == (reason, rule)
        assert decision.entry == (pattern if reason is ALLOWED else "")
        assert_cors(decision.response_headers, origin=APP if reason is ALLOWED else None)


def test_partners_on_the_api_and_ourselves_alone_on_its_admin():
    ourselves = "https://own.example"
    held = policy(
        rules=[{"path": "/api/"}, ADMIN],
        origins=[(APP, PLAIN), (ourselves, PLAIN), (ourselves, Allowance(False, "/api/admin/"))],
    )

    def reason(origin, path):
        return decide(held, ask(origin, path=path)).reason

    assert [reason(origin, "/api/x") for origin in (APP, ourselves)] == [ALLOWED, ALLOWED]
    assert [reason(origin, "/api/admin/x") for origin in (APP, ourselves)] == [UNLISTED, ALLOWED]


def test_a_path_below_a_wider_rule_is_closed_to_all():
    held = policy(rules=[{"path": "/", "any_origin": True}, ADMIN], origins=[(APP, PLAIN)])

    refused = decide(held, preflight(APP, path="/api/admin/x"))

    assert (refused.reason, refused.status) == (UNLISTED, 403)
    assert_cors(refused.response_headers, vary=PREFLIGHT_VARY)
    assert decide(held, ask(APP, path="/api/x")).allowed


@pytest.mark.parametrize(
    ("narrower", "reason"),
    [
        pytest.param({"exclusive": False}, ALLOWED, id="an ordinary rule opens its path again"),
        pytest.param({"exclusive": True}, UNLISTED, id="an exclusive one does not"),
    ],
)
def test_a_more_specific_rule_decides_alone(narrower, reason):
    held = policy(rules=[ADMIN, {"path": "/api/admin/x/", **narrower}], origins=[(APP, PLAIN)])

    assert decide(held, ask(APP, path="/api/admin/x/y")).reason is reason
    assert decide(held, ask(APP, path="/api/admin/y")).reason is UNLISTED


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        pytest.param([], UNLISTED, id="inherited"),
        pytest.param([{"path": "/api/admin/"}], ALLOWED, id="replaced by an ordinary one"),
    ],
)
def test_the_platforms_exclusive_rule_holds_until_a_tenant_replaces_it(own, reason):
    held = policy(rules=own, origins=[(APP, PLAIN)], platform=record("platform", rules=[ADMIN]))

    assert decide(held, ask(APP, path="/api/admin/x")).reason is reason


@pytest.mark.parametrize(
    ("scope", "window", "reason"),
    [
        pytest.param("/api/admin/", (20.0, None), Reason.ORIGIN_NOT_YET_VALID, id="not yet valid"),
        pytest.param("/api/admin/", (None, 5.0), Reason.ORIGIN_EXPIRED, id="expired"),
        pytest.param("", (20.0, None), UNLISTED, id="not yet valid, no scope"),
        pytest.param("/api/", (None, 5.0), UNLISTED, id="expired, a wider scope"),
    ],
)
def test_entries_that_are_not_admitted_are_as_if_they_were_not_there(scope, window, reason):
    held = policy(rules=[ADMIN], origins=[(APP, Allowance(False, scope, *window))])

    assert decide(held, ask(APP, path="/api/admin/x"), 10.0).reason is reason


@pytest.mark.parametrize("grants", [True, False])
def test_an_admitted_entry_says_whether_there_are_credentials(grants):
    held = policy(
        rules=[{**ADMIN, "credentials": True}],
        origins=[(APP, Allowance(True)), (APP, Allowance(grants, "/api/admin/"))],
    )

    decision = decide(held, ask(APP, path="/api/admin/x"))

    assert_cors(decision.response_headers, origin=APP, credentials=grants)


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        pytest.param("null", Reason.ORIGIN_NULL, id="null"),
        pytest.param(f"{APP}/", Reason.ORIGIN_MALFORMED, id="malformed"),
        pytest.param(EVIL, UNLISTED, id="a stranger"),
        pytest.param(SITE, Reason.SAME_ORIGIN, id="the site itself"),
    ],
)
def test_the_other_reasons_are_those_of_every_rule(origin, reason):
    held = policy(rules=[{**ADMIN, "refuse_unlisted": True}], origins=[(SITE, PLAIN)])

    decision = decide(held, ask(origin, path="/api/admin/x"))

    assert decision.reason is reason
    assert decision.status == (0 if reason is Reason.SAME_ORIGIN else 403)
    assert_no_cors(decision.response_headers)


def test_a_preflight_is_never_the_sites_own():
    held = policy(rules=[ADMIN], origins=[(SITE, PLAIN)])

    assert decide(held, preflight(SITE, path="/api/admin/x")).reason is UNLISTED


def test_exclusive_and_any_origin_exclude_each_other():
    text = RuleText(path="/a/", exclusive=True, any_origin=True)

    assert check_rule(text) == (Problem("exclusive", "exclusive-with-any-origin", ""),)


def test_a_stored_rule_with_both_denies():
    held = policy(rules=[{**ADMIN, "any_origin": True}], origins=[(APP, Allowance(False, "/"))])

    assert decide(held, ask(APP, path="/api/admin/x")).reason is Reason.POLICY_INVALID


@pytest.mark.parametrize(
    ("path", "expected"), [pytest.param("/", False, id="/"), pytest.param("/{$}", True, id="/{$}")]
)
def test_the_rule_for_every_path_keeps_nobody_out(path, expected):
    rule = compile_rule(RuleText(path=path, exclusive=True))

    assert rule.exclusive is expected


scopes = st.one_of(st.just(""), texts.patterns_of_paths)
windows = st.sampled_from([None, None, 5.0, 15.0])
entries = st.lists(
    st.tuples(
        st.sampled_from([LITERAL, WILDCARD, "https://*.com"]),
        st.builds(Allowance, st.booleans(), scopes, windows, windows),
    ),
    max_size=5,
)


@given(texts.patterns_of_paths, entries, entries, texts.paths, st.booleans())
@example("/a/{$}", [(LITERAL, Allowance(False, "/a/{$}"))], [], "/a/", False)
@example("/a/*", [(LITERAL, Allowance(False, "/a/b"))], [], "/a/b", False)
def test_it_answers_as_an_ordinary_rule_would_if_only_the_admitted_entries_were_there(
    path, own, above, asked, credentials
):
    def answer(rule, keep):
        held = policy(
            rules=[{"path": path, "credentials": credentials, **rule}],
            origins=[entry for entry in own if keep(entry[1].scope or "/")],
            platform=record(
                "platform",
                rules=[],
                origins=[entry for entry in above if keep(entry[1].scope or "/")],
            ),
        )
        return decide(held, ask(APP, path=asked), 10.0)

    ordinary = answer({}, lambda scope: is_within(scope, path))

    assert answer({"exclusive": True}, lambda _scope: True) == ordinary


def is_within(scope, path):
    """Do the same as the engine, by the words of the documentation: segment by segment."""
    *inner, inner_end = scope.split("/")
    *outer, outer_end = path.split("/")
    fits = all(want in (got, "*") for want, got in zip(outer, inner, strict=False))
    if outer_end == "":
        return fits and len(inner) >= len(outer)
    if outer_end == "{$}":
        return fits and len(inner) == len(outer) and inner_end == "{$}"
    exact = inner_end not in ("", "{$}")
    return fits and exact and len(inner) == len(outer) and outer_end in (inner_end, "*")
