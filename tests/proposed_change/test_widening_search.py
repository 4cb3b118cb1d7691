"""The paths that are compared find every path on which strangers are allowed more."""

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corsadmin.engine.paths import covers, specificity
from corsadmin.models import PathRule, Tenant
from corsadmin.models.tenant_rows import TenantRows, owned_row
from corsadmin.proposed_change.state import state_of
from corsadmin.proposed_change.widening import widened_patterns

SEGMENTS = ("a", "b", "-")
PATHS = [
    "/" + "/".join(parts) + end
    for depth in range(4)
    for parts in product(SEGMENTS, repeat=depth)
    for end in (("", "/") if depth else ("",))
]
ACME, PLATFORM = 1, 2

patterns = st.builds(
    lambda parts, end: "/" + "/".join(parts) + (end if parts else end.removeprefix("/")),
    st.lists(st.sampled_from(["a", "b", "*"]), max_size=3),
    st.sampled_from(["", "/", "/{$}"]),
)
# What a rule says to strangers: nothing, or these methods, request headers and exposed headers.
answers = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from([("GET",), ("PUT",), ("DELETE", "PUT"), ("*",)]),
        st.sampled_from([(), ("x-one",), ("authorization",), ("*",), ("*", "authorization")]),
        st.sampled_from([(), ("x-total",), ("*",)]),
    ),
)
tables = st.dictionaries(patterns, answers, max_size=4)
policies = st.tuples(st.booleans(), st.booleans(), tables, tables)  # active, inherits, own, above


def rule(path, answer):
    methods, headers, exposed = answer or (("GET",), (), ())
    return PathRule(
        path=path,
        any_origin=answer is not None,
        methods=list(methods),
        request_headers=list(headers),
        exposed_headers=list(exposed),
    )


def rules(answers):
    return [owned_row(rule(path, answer))[1] for path, answer in answers.items()]


def state(policy):
    is_active, inherits, own, above = policy
    acme = Tenant(pk=ACME, slug="acme", is_active=is_active, inherits_platform=inherits)
    platform = Tenant(pk=PLATFORM, slug="platform")
    return state_of([TenantRows(acme, rules=rules(own)), TenantRows(platform, rules=rules(above))])


def said(policy, path):
    """Return what a stranger is answered, found without the engine's tables."""
    is_active, inherits, own, above = policy
    table = {**(above if inherits else {}), **own} if is_active else {}
    found = sorted((pattern for pattern in table if covers(pattern, path)), key=specificity)
    return table[found[0]] if found else None


def is_more(before, after):
    if after is None or before is None:
        return after is not None
    methods, headers, exposed = map(set, before)
    new_methods, new_headers, new_exposed = map(set, after)
    starred = "*" in headers
    return bool(
        ("*" not in methods and new_methods - methods - {"GET", "HEAD", "POST"})
        or ({"authorization"} & new_headers - headers if starred else new_headers - headers)
        or ("*" not in exposed and new_exposed - exposed)
    )


CLOSED, OPEN = None, (("GET",), (), ())


@st.composite
def changes(draw):
    """Return a policy and what is left of it without some of its rules."""
    before = draw(policies)
    is_active, inherits, own, above = before
    gone = draw(st.sets(st.sampled_from(sorted({*own, *above}) or [""]), max_size=2))
    kept = ({path: says for path, says in one.items() if path not in gone} for one in (own, above))
    return before, (is_active, inherits, *kept)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.tuples(policies, policies), changes()))
# What wins before and what wins after have only this path in common: /a/b/.
@example(
    (
        (True, True, {"/a/*/": CLOSED, "/*/b/": OPEN}, {}),
        (True, True, {"/*/b/": OPEN}, {}),
    )
)
@example(
    (
        (True, True, {"/a/*/a": CLOSED}, {"/*/b/": OPEN}),
        (True, True, {}, {"/*/b/": OPEN}),
    )
)
# The path that ends in the slash has a rule of its own.
@example(
    (
        (True, True, {"/a/{$}": OPEN, "/a/": CLOSED, "/": OPEN}, {}),
        (True, True, {"/a/{$}": OPEN, "/": OPEN}, {}),
    )
)
@example(
    (
        (True, True, {"/*/{$}": CLOSED, "/": OPEN}, {}),
        (True, True, {"/": OPEN}, {}),
    )
)
def test_every_widened_path_lies_below_a_pattern_that_is_named(change):
    before, after = change
    widened = [path for path in PATHS if is_more(said(before, path), said(after, path))]
    named = widened_patterns(state(before), state(after), ACME, ACME) if after[0] else ()

    assert bool(named) == bool(widened)
    assert [path for path in widened if not any(covers(one, path) for one in named)] == []


@pytest.mark.parametrize("taken", ["-", "--"])
def test_a_rule_for_the_name_that_stands_for_a_star_hides_nothing(taken):
    own = {"/*/": (("GET",), (), ()), "/*/x/": None, f"/{taken}/x/": None}
    after = {path: answer for path, answer in own.items() if path != "/*/x/"}

    found = widened_patterns(
        state((True, False, own, {})), state((True, False, after, {})), ACME, ACME
    )

    assert found == ("/*/x/",)
