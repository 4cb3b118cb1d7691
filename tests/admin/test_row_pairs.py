"""Two policies side by side, without a database: what stands for the same, and what differs."""

import pytest

from corsadmin.admin.compare.pairing import Holder, pair_origins, pair_rules
from corsadmin.admin.row_meaning import differing_fields, sorted_value
from corsadmin.models.policy_rows import OriginRow, RuleRow

APP, SHOP = "https://app.example", "https://shop.example"


def rule(path="/api/", **fields):
    usual = {
        "enabled": True, "exclusive": False, "any_origin": False, "credentials": False,
        "methods": ["GET"], "request_headers": [], "exposed_headers": [], "max_age": None,
        "refuse_unlisted": False, "note": "",
    }  # fmt: skip
    return RuleRow(path=path, **{**usual, **fields})


def entry(pattern=APP, scope="", **fields):
    usual = {
        "credentials": False, "enabled": True, "valid_from": None, "valid_until": None,
        "risk_accepted": False, "made_by": "", "note": "",
    }  # fmt: skip
    return OriginRow(pattern=pattern, scope=scope, **{**usual, **fields})


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        pytest.param({}, {}, [], id="nothing"),
        pytest.param({"methods": ["GET", "PUT"]}, {"methods": ["PUT", "GET"]}, [], id="order"),
        pytest.param({"methods": ["GET", "GET"]}, {"methods": ["GET"]}, [], id="twice the same"),
        pytest.param({"methods": ["put"]}, {"methods": ["PUT"]}, ["methods"], id="case of methods"),
        pytest.param(
            {"request_headers": ["X-A", "x-b"], "exposed_headers": ["ETag"]},
            {"request_headers": ["x-b", "x-a"], "exposed_headers": ["etag"]},
            [],
            id="case of header names",
        ),
        pytest.param({"max_age": None}, {"max_age": 0}, ["max_age"], id="no max age and zero"),
        pytest.param({"methods": "GET"}, {"methods": ["GET"]}, ["methods"], id="not a list"),
        pytest.param({"note": "a"}, {"note": "b", "enabled": False}, ["enabled", "note"], id="two"),
    ],
)
def test_rows_are_compared_by_what_they_mean(one, other, differing):
    names = [name for name in RuleRow._fields if name != "path"]

    assert differing_fields(rule(**one), rule(**other), names) == differing
    assert [pair.differing for pair in pair_rules(held(rule(**one)), held(rule(**other)))] == [
        tuple(differing)
    ]


def held(*own, inherited=()):
    return Holder(own, inherited)


def said(pairs):
    """Return (key, what the left has, what the right has, differing fields) of each pair."""
    words = {None: "-", False: "own", True: "inherited"}
    return [
        (
            *pair.key,
            *(words[side and side.is_inherited] for side in pair.sides),
            *pair.differing,
            *(["alike"] if pair.is_alike else []),
        )
        for pair in pairs
    ]


PAIRS = {
    "on both sides": (held(entry()), held(entry()), [(APP, "", "own", "own", "alike")]),
    "on one side": (
        held(entry()),
        held(entry(SHOP)),
        [(APP, "", "own", "-"), (SHOP, "", "-", "own")],
    ),
    "with another scope": (
        held(entry(scope="/a/")),
        held(entry(scope="/b/")),
        [(APP, "/a/", "own", "-"), (APP, "/b/", "-", "own")],
    ),
    "with the scope of every path": (
        held(entry(scope="/")),
        held(entry(scope="")),
        [(APP, "", "own", "own", "alike")],
    ),
    "twice for every path": (
        held(entry(scope=""), entry(scope="/", note="x")),
        held(entry(scope="")),
        [(APP, "", "own", "own", "alike"), (APP, "", "/", "own", "-")],
    ),
    "made by a pipeline": (
        held(entry(made_by="ci")),
        held(entry()),
        [(APP, "", "own", "own", "alike")],
    ),
    "with other values": (
        held(entry(credentials=True, note="x")),
        held(entry()),
        [(APP, "", "own", "own", "credentials", "note")],
    ),
    "inherited by one": (
        held(inherited=[entry()]),
        held(),
        [(APP, "", "inherited", "-")],
    ),
    "inherited by both": (held(inherited=[entry()]), held(inherited=[entry()]), []),
    "inherited, and the other's own": (
        held(inherited=[entry()]),
        held(entry(note="x")),
        [(APP, "", "inherited", "own", "note")],
    ),
    "the tenant's own before what it inherits": (
        held(entry(note="x"), inherited=[entry()]),
        held(inherited=[entry()]),
        [(APP, "", "own", "inherited", "note")],
    ),
    "nothing": (held(), held(), []),
}


@pytest.mark.parametrize(("left", "right", "expected"), PAIRS.values(), ids=PAIRS)
def test_origins_are_paired_by_what_they_let_in_and_where(left, right, expected):
    assert said(pair_origins(left, right)) == expected


def test_rules_are_paired_by_their_paths():
    pairs = pair_rules(held(rule("/b/"), rule("/a/")), held(rule("/a/", max_age=5)))

    assert said(pairs) == [("/a/", "own", "own", "max_age"), ("/b/", "own", "-")]


@pytest.mark.parametrize(
    ("left", "right", "all_fields", "shown"),
    [
        pytest.param({"note": "x"}, {}, False, ["note"], id="what differs"),
        pytest.param({"note": "x"}, {}, True, ["methods", "note"], id="all that says something"),
        pytest.param({}, None, False, ["methods"], id="of one side what says something"),
        pytest.param(
            {"enabled": False, "max_age": 0, "methods": []},
            None,
            False,
            ["enabled", "max_age"],
            id="what is switched off, and a zero",
        ),
    ],
)
def test_few_fields_are_shown(left, right, all_fields, shown):
    others = [] if right is None else [rule(**right)]
    (pair,) = pair_rules(held(rule(**left)), held(*others))

    assert pair.shown_fields(all_fields=all_fields) == shown


def test_lists_are_shown_in_one_order():
    assert sorted_value(["PUT", "GET"]) == ["GET", "PUT"]
    assert sorted_value("PUT, GET") == "PUT, GET"
