"""What a change lets in of what was seen, and what it leaves without credentials or names."""

import pytest

from corsadmin.engine.packing import Allowance
from corsadmin.sightings.impacts import Depends, Impact
from tests.engine.policies import APP, CREDENTIALS, PLAIN, policy
from tests.sightings.seen import (
    DAY,
    NOW,
    caller,
    compare,
    entry,
    origins,
    rule,
    rules,
    sample,
    seen,
    told,
)

NOWHERE = policy(origins=[])
OTHER = "https://other.example.com"
PREVIEWS = "https://*.acme.dev"
ONE, TWO = "https://one.acme.dev", "https://two.acme.dev"


SCOPED = Allowance(credentials=False, scope="/api/public/")
API, NESTED = {"path": "/api/"}, {"path": "/api/x/"}

# What lets one caller in that was refused, and how certain it is.
WIDE = {"path": "/api/", "methods": ["PUT"], "request_headers": ["x-a", "x-b"]}
OPENED = {
    "an entry that comes": (NOWHERE, origins(OTHER), caller(OTHER), ""),
    "a wildcard that comes": (NOWHERE, origins("https://*.example.com"), caller(OTHER), ""),
    "another entry": (NOWHERE, origins(APP), caller(OTHER), None),
    "a caller without an origin": (NOWHERE, rules({"any_origin": True}), caller(""), None),
    "a caller who was let in before": (origins(OTHER), origins(OTHER, APP), caller(OTHER), None),
    "an entry with a scope": (NOWHERE, origins((OTHER, SCOPED)), caller(OTHER), "path"),
    "a window that opens": (
        origins((OTHER, Allowance(credentials=False, valid_until=-1.0))), origins(OTHER),
        caller(OTHER), ""),
    "a tenant that is switched on": (None, origins(OTHER), caller(OTHER), ""),
    "a rule that any origin may use": (NOWHERE, rules({"any_origin": True}), caller(OTHER), ""),
    "a rule that nobody has any more": (
        rules(NESTED, entries=[]), rules(NESTED, entries=[OTHER]), caller(OTHER, rule="/api/"), "path"),
    "a method": (
        rules(API), rules(WIDE), caller(APP, calls_plainly=False, methods=("PUT",)), ""),
    "another method": (
        rules(API), rules(WIDE), caller(APP, calls_plainly=False, methods=("DELETE",)), None),
    "all the headers": (
        rules(WIDE | {"request_headers": []}), rules(WIDE),
        caller(APP, calls_plainly=False, methods=("PUT",), headers=("x-a", "x-b")), ""),
    "some of the headers": (
        rules(API), rules(WIDE),
        caller(APP, calls_plainly=False, methods=("PUT",), headers=("x-a", "x-c")), "names"),
    "a header that was refused beside another one": (
        rules(WIDE | {"request_headers": []}), rules(WIDE),
        caller(APP, calls_plainly=False, methods=("PUT",), headers=("x-a", "x-c")), "names"),
    "a header whose method stays refused": (
        rules(API), rules(WIDE | {"methods": []}),
        caller(APP, calls_plainly=False, methods=("PUT",), headers=("x-a",)), None),
    "an origin whose method stays refused": (
        rules(API, entries=[]), rules(API),
        caller(APP, calls_plainly=False, methods=("PUT",)), None),
    "an origin whose calls are let in and whose method is not": (
        rules(API, entries=[]), rules(API), caller(APP, methods=("PUT",)), ""),
    "a preflight of which nothing is known": (
        rules(API, entries=[]), rules(API), caller(APP, calls_plainly=False), "names"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "who", "depends"), OPENED.values(), ids=OPENED)
def test_what_is_opened(before, after, who, depends):
    found = compare(before, after, seen(who))

    assert told(found.opened) == ([] if depends is None else [(who.origin, 5, depends)])
    assert found.lost == found.names == found.without_credentials == ()
    assert found.is_empty == (depends is None)


GRANTING = {"path": "/api/", "credentials": True}
GRANTED = policy(rules=[GRANTING], origins=[(APP, CREDENTIALS)])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            GRANTED, policy(rules=[GRANTING], origins=[(APP, PLAIN)]), [(APP, 10, "")],
            id="the entry no longer grants them"),
        pytest.param(
            GRANTED, policy(rules=[API], origins=[(APP, CREDENTIALS)]), [(APP, 10, "")],
            id="the rule no longer grants them"),
        pytest.param(GRANTED, GRANTED, [], id="nothing changes"),
        pytest.param(policy(origins=[(APP, PLAIN)]), GRANTED, [], id="they are granted"),
        pytest.param(
            GRANTED, policy(rules=[GRANTING, NESTED], origins=[(APP, CREDENTIALS)]),
            [(APP, 10, "path")], id="a narrower rule does not grant them"),
    ],
)  # fmt: skip
def test_who_is_let_in_without_credentials(before, after, expected):
    found = compare(before, after, seen(entry(APP), rule()))

    assert told(found.without_credentials) == expected
    assert found.lost == ()
    assert found.is_empty == (not expected)


def test_who_is_refused_altogether_does_not_lose_credentials():
    found = compare(GRANTED, NOWHERE, seen(entry(APP)))

    assert told(found.lost) == [(APP, 10, "")]
    assert found.without_credentials == ()


def test_a_sample_may_come_in_by_an_entry_that_grants_less_elsewhere():
    """A literal for all paths, and a wildcard that grants credentials on some of them."""
    wide = Allowance(credentials=True, scope="/api/public/")
    one = "https://one.acme.dev"
    entries = [(one, PLAIN), ("https://*.acme.dev", wide)]

    found = compare(
        policy(rules=[GRANTING], origins=entries),
        policy(rules=[GRANTING], origins=entries[:1]),
        seen(sample(one), rule()),
    )

    assert told(found.without_credentials) == [(one, 5, "path")]


def test_a_sample_that_only_a_literal_lets_in_any_more():
    found = compare(GRANTED, NOWHERE, seen(sample(APP), rule()))

    assert told(found.lost) == [(APP, 5, "")]


ASKED = rule(methods=("DELETE", "PUT"), headers=("x-a", "x-b"))
FULL = {"path": "/api/", "methods": ["DELETE", "PUT"], "request_headers": ["x-a", "x-b"]}


@pytest.mark.parametrize(
    ("before", "after", "methods", "headers", "depends"),
    [
        pytest.param(rules(FULL), rules(FULL | {"methods": ["PUT"]}), ("DELETE",), (), "",
                     id="a method"),
        pytest.param(rules(FULL), rules(FULL | {"request_headers": ["x-b"]}), (), ("x-a",), "",
                     id="a header"),
        pytest.param(rules(FULL), rules(FULL, NESTED), ("DELETE", "PUT"), ("x-a", "x-b"), "path",
                     id="below a narrower rule"),
        pytest.param(
            rules(FULL | {"any_origin": True}), rules(FULL | {"any_origin": True, "methods": []}),
            ("DELETE", "PUT"), (), "", id="of a rule for any origin"),
    ],
)  # fmt: skip
def test_names_that_are_refused(before, after, methods, headers, depends):
    found = compare(before, after, seen(entry(APP), ASKED))

    (lost,) = found.names
    assert (lost.rule, lost.methods, lost.headers, lost.depends) == (
        "/api/",
        methods,
        headers,
        depends,
    )
    assert lost.last == DAY
    assert not found.is_empty


def test_names_are_asked_for_by_those_who_stay():
    found = compare(
        rules(FULL, entries=[APP, OTHER]),
        rules(FULL | {"methods": []}, entries=[APP]),
        seen(entry(APP), entry(OTHER, calls=3), ASKED),
    )

    assert told(found.lost) == [(OTHER, 3, "")]
    assert [(one.methods, one.calls) for one in found.names] == [(("DELETE", "PUT"), 10)]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(rules(FULL), id="the rule stays"),
        pytest.param(rules(FULL | {"methods": ["*"]}), id="a star covers them"),
        pytest.param(rules(FULL | {"max_age": 5}), id="something else changes"),
        pytest.param(None, id="nobody is answered any more"),
    ],
)
def test_names_that_are_not_refused(after):
    assert compare(rules(FULL), after, seen(entry(APP), ASKED)).names == ()


def test_a_path_that_no_request_of_the_tenant_has_is_not_compared():
    other = {"path": "/rival/x/", "exclusive": True}

    found = compare(
        rules({"path": "/"}),
        rules({"path": "/"}, other),
        seen(entry(APP), rule("/"), caller(OTHER, rule="/rival/")),
        within="/acme/",
    )

    assert found.is_empty


def test_an_origin_is_named_once_with_all_its_calls():
    later = NOW.replace(hour=13)

    found = compare(
        rules(API, {"path": "/x/"}, entries=[]),
        rules(API, {"path": "/x/"}, entries=[OTHER]),
        seen(caller(OTHER), caller(OTHER, rule="/x/", last=later), caller(APP)),
    )

    assert [(one.origin, one.calls, one.last) for one in found.opened] == [(OTHER, 10, later)]


def test_what_is_certain_of_an_origin_outweighs_what_depends():
    found = compare(
        rules(API, {"path": "/x/"}, entries=[]),
        policy(rules=[API, {"path": "/x/"}], origins=[(OTHER, Allowance(False, scope="/x/"))]),
        seen(
            caller(OTHER, rule="/x/", calls=7), caller(OTHER, rule="/api/"), caller(OTHER, rule="/")
        ),
    )

    assert told(found.opened) == [(OTHER, 7, "")]


def test_what_was_cut_is_said():
    found = compare(NOWHERE, NOWHERE, seen(is_cut=True))

    assert found == Impact(is_cut=True)
    assert found.is_empty


def test_every_dependency_has_a_word():
    assert {str(one) for one in Depends} == {"", "path", "origin", "names", "tenant", "host"}
