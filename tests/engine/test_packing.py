"""What is packed comes back as it was."""

import gc

import pytest

from corsadmin.engine.packing import (
    Allowance,
    join_literals,
    join_rules,
    pack_allowances,
    pack_rule,
    pack_unreadable_rule,
    unpack_allowances,
    unpack_literals,
    unpack_rules,
)
from corsadmin.engine.rules import RuleText
from tests.engine.policies import PLAIN, record

CONDITIONS = Allowance(True, "/api/public/", 1.5, 1_900_000_000.25)


def test_equal_rules_are_one_text_whatever_their_order():
    first, second = RuleText(path="/a/"), RuleText(path="/b/", max_age=5)

    assert join_rules(map(pack_rule, [first, second])) == join_rules(
        map(pack_rule, [second, first])
    )
    assert join_rules([]) == ""


def test_rules_come_back_as_they_went_in():
    text = RuleText(
        path="/a/*/",
        methods=["PUT"],
        request_headers=["x-a"],
        exposed_headers=["x-b"],
        exclusive=True,
        credentials=True,
        max_age=7,
        refuse_unlisted=True,
    )

    (rule,) = unpack_rules("1" + join_rules([pack_rule(text)]), inherited=True)

    flags = (rule.exclusive, rule.credentials, rule.refuse_unlisted, rule.inherited)
    assert (rule.path, flags) == ("/a/*/", (True, True, True, True))
    assert not rule.any_origin
    assert "PUT" in rule.methods
    assert ("Access-Control-Max-Age", "7") in rule.preflight


@pytest.mark.parametrize(
    ("plain", "credentials"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["https://a.example"], [], id="plain ones only"),
        pytest.param([], ["https://a.example", "https://b.example"], id="credentialed ones only"),
        pytest.param(["https://a.example"], ["https://b.example"], id="both"),
    ],
)
def test_literals_come_back_with_their_flag(plain, credentials):
    text = join_literals("\n".join(plain), "\n".join(credentials))

    assert unpack_literals(text) == {
        **dict.fromkeys(plain, False),
        **dict.fromkeys(credentials, True),
    }


def test_grants_come_back_with_their_conditions():
    allowances = [("https://*.a.example", PLAIN), ("https://a.example", CONDITIONS)]

    assert unpack_allowances(pack_allowances(allowances)) == {
        "https://*.a.example": [PLAIN],
        "https://a.example": [CONDITIONS],
    }
    assert unpack_allowances("") == {}


def test_packed_tenants_cost_the_garbage_collector_nothing():
    packed = record()

    gc.collect()

    assert not gc.is_tracked(packed)


def test_a_rule_of_which_only_the_path_is_known_denies_there():
    (rule,) = unpack_rules("1" + join_rules([pack_unreadable_rule("/a/")]), inherited=True)

    assert (rule.path, rule.invalid, rule.inherited) == ("/a/", True, True)
