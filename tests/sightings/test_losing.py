"""What is lost by a change of what was seen, and on what it depends."""

import pytest

from corsadmin.engine.packing import Allowance
from tests.engine.policies import APP, PLAIN, policy, record
from tests.sightings.seen import compare, entry, origins, rule, rules, sample, seen, told

NOWHERE = policy(origins=[])
PREVIEWS = "https://*.acme.dev"
ONE, TWO = "https://one.acme.dev", "https://two.acme.dev"
SCOPED = Allowance(credentials=False, scope="/api/public/")
API, NESTED = {"path": "/api/"}, {"path": "/api/x/"}

# before, after, what was seen, what is lost
LOST = {
    "an entry that is taken away": (
        origins(APP), NOWHERE, [entry(APP)], [(APP, 10, "")]),
    "an entry that nobody used": (
        origins(APP), NOWHERE, [], []),
    "an entry that was taken away before": (
        NOWHERE, NOWHERE, [entry(APP)], []),
    "an entry that a wildcard replaces": (
        origins(ONE), origins(PREVIEWS), [entry(ONE)], []),
    "a wildcard of which no origin is known": (
        origins(PREVIEWS), NOWHERE, [entry(PREVIEWS)], [(PREVIEWS, 10, "origin")]),
    "a wildcard with the origins that are known": (
        origins(PREVIEWS), NOWHERE,
        [entry(PREVIEWS, calls=100), sample(ONE, calls=3), sample(TWO, calls=1)],
        [(ONE, 75, ""), (TWO, 25, "")]),
    "a wildcard that one of its origins replaces": (
        origins(PREVIEWS), origins(ONE),
        [entry(PREVIEWS, calls=100), sample(ONE, calls=3), sample(TWO, calls=1)],
        [(PREVIEWS, 75, "origin"), (TWO, 25, "")]),
    "a wildcard that the only known origin replaces": (
        origins(PREVIEWS), origins(ONE), [entry(PREVIEWS), sample(ONE)],
        [(PREVIEWS, 10, "origin")]),
    "a wildcard of one label": (
        origins("https://pr-*.acme.dev"), NOWHERE, [entry("https://pr-*.acme.dev")],
        [("https://pr-*.acme.dev", 10, "origin")]),
    "any port of a host": (
        origins("http://localhost:*"), NOWHERE, [entry("http://localhost:*")],
        [("http://localhost:*", 10, "origin")]),
    "any host of an application": (
        origins("app://*"), NOWHERE, [entry("app://*")], [("app://*", 10, "origin")]),
    "a sample that its wildcard no longer covers": (
        origins(PREVIEWS), NOWHERE, [sample("https://gone.example")], []),
    "a rule for any origin that lists them": (
        rules({"any_origin": True}), origins(APP), [sample(ONE), sample(APP)], [(ONE, 5, "")]),
    "an entry that is scoped": (
        origins(APP), origins((APP, SCOPED)), [entry(APP)], [(APP, 10, "path")]),
    "a scoped entry beside one without a scope": (
        origins(APP, (APP, SCOPED)), origins(APP), [entry(APP)], []),
    "an entry without a scope beside a scoped one": (
        origins(APP, (APP, SCOPED)), origins((APP, SCOPED)), [entry(APP)], [(APP, 10, "path")]),
    "two entries of one origin": (
        origins((APP, SCOPED), (APP, Allowance(credentials=False, scope="/api/y/"))), NOWHERE,
        [entry(APP), entry(APP, calls=5)],
        [(APP, 10, "")]),
    "an entry that ends": (
        origins(APP), origins((APP, Allowance(credentials=False, valid_until=-1.0))),
        [entry(APP)], [(APP, 10, "")]),
    "an entry that will end": (
        origins(APP), origins((APP, Allowance(credentials=False, valid_until=9.0))),
        [entry(APP)], []),
    "an entry that has not begun": (
        origins(APP), origins((APP, Allowance(credentials=False, valid_from=9.0))),
        [entry(APP)], [(APP, 10, "")]),
    "the tenant": (
        origins(APP), None, [entry(APP), rule()], [(APP, 10, "")]),
    "the only rule": (
        rules(API), rules(), [entry(APP), rule()], [(APP, 10, "")]),
    "a rule that answered nobody": (
        rules(API, {"path": "/old/"}), rules(API), [entry(APP), rule()], []),
    "one of two rules that answered": (
        rules(API, {"path": "/old/"}), rules(API), [entry(APP), rule(), rule("/old/")],
        [(APP, 10, "path")]),
    "a rule that moves aside": (
        rules(API), rules({"path": "/v1/"}), [entry(APP), rule()], [(APP, 10, "")]),
    "a rule that moves below itself": (
        rules(API), rules(NESTED), [entry(APP), rule()], [(APP, 10, "path")]),
    "a rule that moves above itself": (
        rules(NESTED), rules(API), [entry(APP), rule("/api/x/")], []),
    "a rule that becomes exclusive": (
        rules(API), rules({"path": "/api/", "exclusive": True}), [entry(APP), rule()],
        [(APP, 10, "")]),
    "a narrower exclusive rule": (
        rules(API), rules(API, {"path": "/api/x/", "exclusive": True}), [entry(APP), rule()],
        [(APP, 10, "path")]),
    "a narrower exclusive rule with a star": (
        rules(API), rules(API, {"path": "/api/*/", "exclusive": True}), [entry(APP), rule()],
        [(APP, 10, "path")]),
    "a rule that answered under another path": (
        rules(API), rules(), [entry(APP), rule("/api/old/")], [(APP, 10, "")]),
    "an entry of the platform": (
        policy(platform=record("platform", origins=[(APP, PLAIN)])), policy(),
        [entry(APP, is_shared=True)], [(APP, 10, "tenant")]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "what", "lost"), LOST.values(), ids=LOST)
def test_what_is_lost(before, after, what, lost):
    found = compare(before, after, seen(*what))

    assert told(found.lost) == lost
    assert found.opened == found.names == found.without_credentials == ()
    assert found.is_empty == (not lost)


def test_what_counts_other_tenants_calls_says_so():
    """An inherited entry, a sample that shares its calls, and names that its callers asked for."""
    wildcard = record("platform", origins=[("https://*.acme.dev", PLAIN), (APP, PLAIN)])
    before = policy(platform=wildcard, rules=[{"path": "/api/", "methods": ["PUT"]}], origins=[])
    what = seen(
        entry(APP, is_shared=True),
        entry("https://*.acme.dev", is_shared=True),
        sample("https://one.acme.dev"),
        rule(methods=("PUT",)),
    )

    gone = compare(before, policy(rules=[{"path": "/api/"}], origins=[]), what)
    narrower = compare(before, policy(platform=wildcard, rules=[{"path": "/api/"}]), what)

    assert {one.origin: one.is_shared for one in gone.lost} == {
        APP: True,
        "https://one.acme.dev": True,
    }
    assert [one.is_shared for one in narrower.names] == [True]
