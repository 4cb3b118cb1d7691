"""Worlds of policies and calls: what a recording without loss keeps, and what a replay shows."""

from collections import defaultdict
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from corsadmin.engine import CorsRequest, Reason
from corsadmin.engine.packing import Allowance
from corsadmin.sightings.comparing import compare_seen
from corsadmin.sightings.impacts import Depends
from corsadmin.sightings.recently import Recently, SeenCaller, SeenEntry, SeenRule
from tests.engine.policies import decide, policy, record
from tests.sightings.seen import DAY, NOW

ORIGINS = (
    "https://app.example.com",
    "https://www.example.com",
    "https://one.acme.dev",
    "https://two.acme.dev",
    "https://pr-1.acme.dev",
    "http://localhost:3000",
    "app://shop",
)
PATTERNS = (
    *ORIGINS,
    "https://*.acme.dev",
    "https://pr-*.acme.dev",
    "http://localhost:*",
    "app://*",
)
METHODS = ("GET", "PUT", "DELETE", "PATCH")
HEADERS = ("authorization", "x-a", "x-b")
CLOCK = 1_000.0
WINDOWS = ((None, None), (None, CLOCK - 1), (None, CLOCK + 1), (CLOCK - 1, None), (CLOCK + 1, None))


class World(NamedTuple):
    """The rules and entries of a tenant and of the platform that it inherits from."""

    rules: tuple[dict, ...]
    entries: tuple[tuple[str, Allowance], ...]
    shared_rules: tuple[dict, ...] = ()
    shared_entries: tuple[tuple[str, Allowance], ...] = ()

    def policy(self):
        shared = record("platform", rules=self.shared_rules, origins=self.shared_entries)
        return policy(rules=self.rules, origins=self.entries, platform=shared)


subsets = st.builds(
    lambda methods, headers: {"methods": methods, "request_headers": headers},
    st.lists(st.sampled_from([*METHODS, "*"]), unique=True, max_size=4),
    st.lists(st.sampled_from([*HEADERS, "*"]), unique=True, max_size=3),
)


def rules_on(paths, **flags):
    """Return a strategy for rules, at most one for each path."""
    kinds = st.fixed_dictionaries(flags)
    one = st.builds(
        lambda path, lists, flags: {"path": path, **lists, **flags}, paths, subsets, kinds
    )
    return st.lists(one, min_size=1, max_size=4, unique_by=lambda rule: rule["path"]).map(tuple)


def entries_with(scopes):
    """Return a strategy for entries, at most one for each pattern and scope."""
    allowances = st.builds(
        lambda credentials, scope, window: Allowance(credentials, scope, *window),
        st.booleans(),
        scopes,
        st.sampled_from(WINDOWS[:1] * 6 + WINDOWS),
    )
    one = st.tuples(st.sampled_from(PATTERNS), allowances)
    return st.lists(
        one, min_size=2, max_size=8, unique_by=lambda entry: (entry[0], entry[1].scope)
    ).map(tuple)


@st.composite
def calls_to(draw, paths):
    """Return some calls: each origin asks each path for one method and some header names."""
    found = []
    for origin in draw(st.lists(st.sampled_from(ORIGINS), min_size=4, unique=True)):
        for path in draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3, unique=True)):
            if draw(st.booleans()):
                found.append(CorsRequest(path, "GET", origin, None, None, ""))
            else:
                names = draw(st.lists(st.sampled_from(HEADERS), unique=True, max_size=1))
                method = draw(st.sampled_from(METHODS))
                asked = ",".join(sorted(names)) or None
                found.append(CorsRequest(path, "OPTIONS", origin, method, asked, ""))
    return found


def record_calls(world, calls):
    """Return what a recording keeps that loses nothing, of one day."""
    before = world.policy()
    uses = defaultdict[str, int](int)
    callers = defaultdict[tuple[str, str, Reason], list[CorsRequest]](list)
    rules = defaultdict[str, tuple[set[str], set[str]]](lambda: (set(), set()))
    for call in calls:
        decision = decide(before, call, CLOCK)
        if decision.rule:
            asked_methods, asked_headers = rules[decision.rule]
            if decision.allowed and call.is_preflight:
                asked_methods.add(call.requested_method)
                asked_headers |= names_of(call)
        if decision.allowed:
            uses[decision.entry] += 1
        if decision.rule and (not decision.allowed or "*" in decision.entry):
            callers[decision.rule, call.origin, decision.reason].append(call)
    return Recently(
        tuple(_caller(*key, some) for key, some in callers.items()),
        tuple(_entries(world, uses)),
        tuple(
            SeenRule(path, DAY, tuple(sorted(methods)), tuple(sorted(headers)))
            for path, (methods, headers) in rules.items()
        ),
    )


def names_of(call):
    return {*call.requested_headers.split(",")} if call.requested_headers else set()


def _caller(rule, origin, reason, calls):
    preflights = [call for call in calls if call.is_preflight]
    return SeenCaller(
        rule,
        origin,
        reason is Reason.ALLOWED,
        len(calls),
        NOW,
        len(preflights) < len(calls),
        tuple(sorted({call.requested_method for call in preflights})),
        tuple(sorted(set[str]().union(*map(names_of, preflights)))),
    )


def _entries(world, uses):
    """Yield the use of entries: the tenant's own, or else the platform's, with the pattern."""
    own = {pattern for pattern, _allowance in world.entries}
    for pattern, _allowance in world.entries:
        if uses.get(pattern):
            yield SeenEntry(pattern, uses[pattern], DAY)
    for pattern, _allowance in world.shared_entries:
        if uses.get(pattern) and pattern not in own:
            yield SeenEntry(pattern, uses[pattern], DAY, is_shared=True)


class Replay(NamedTuple):
    """What becomes of calls by an edit: origins whose calls are lost or opened, and lost names."""

    lost: set[str]
    opened: set[str]
    without_credentials: set[str]
    names: set[tuple[str, frozenset[str]]]  # the rule, and what one preflight asked for


def replay(world, edited, calls):
    """Put calls to the world before and after an edit."""
    before, after = world.policy(), edited.policy()
    found = Replay(set(), set(), set(), set())
    for call in calls:
        was, becomes = (decide(one, call, CLOCK) for one in (before, after))
        plain = decide(after, call._replace(method="GET", requested_method=None), CLOCK)
        if was.allowed and not plain.allowed:
            found.lost.add(call.origin)
        elif was.allowed and not becomes.allowed:
            found.names.add((was.rule, frozenset({call.requested_method} | names_of(call))))
        elif was.allowed and _with_credentials(was) and not _with_credentials(plain):
            found.without_credentials.add(call.origin)
        elif becomes.allowed and was.rule and not was.allowed:
            found.opened.add(call.origin)
    return found


def _with_credentials(decision):
    return ("Access-Control-Allow-Credentials", "true") in decision.headers


def impact(world, edited, calls):
    """Return the impact of an edit by what a recording kept of calls."""
    seen = record_calls(world, calls)
    return compare_seen(world.policy(), edited.policy(), seen, CLOCK)


def certain(affected):
    """Return the origins that are affected for certain."""
    return {one.origin for one in affected if one.depends is Depends.NOTHING}


def possible(affected):
    """Return the origins that may be affected, those below a pattern too."""
    named = {one.origin for one in affected}
    return {origin for origin in ORIGINS if named & {origin, *covering(origin)}}


@cache
def covering(origin):
    """Return the wildcards that cover an origin."""
    return {
        pattern
        for pattern in PATTERNS
        if "*" in pattern
        and decide(
            policy(rules=[{"path": "/"}], origins=[(pattern, Allowance(credentials=False))]),
            CorsRequest("/", "GET", origin, None, None, ""),
        ).allowed
    }
