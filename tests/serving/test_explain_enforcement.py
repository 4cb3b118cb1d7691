"""Explain equals enforcement: what is said of a call is what the middleware sends, on every site."""

import random

import pytest

from corsadmin.diagnose.explain.judgment import judge_call
from tests.serving.enforcement import MOUNTS, RESOLVERS, call, compare, policies, site

SETS = 5  # of policies; scripts/compare-enforcement compares more


@pytest.mark.parametrize("mount", MOUNTS, ids=["at the root", "by its settings", "by its server"])
@pytest.mark.parametrize("resolver", RESOLVERS)
def test_what_is_said_of_a_call_is_what_is_sent(resolver, mount):
    """Twenty calls of each set of policies."""
    for found in compare(random.Random(resolver), resolver, mount, SETS):
        assert found.said == found.sent, found.question
        assert found.is_allowed == found.may_read, found.question
        assert found.agrees


@pytest.mark.slow
def test_the_calls_meet_every_way_to_be_answered():
    rng = random.Random("reasons")
    found = set()
    with site(RESOLVERS[0], MOUNTS[0]):
        for _number in range(1_000):
            said = judge_call(call(rng, MOUNTS[0]), policies(rng), using="default", visible=None)
            found.add((str(said.case.decision.reason), said.is_allowed))

    assert {reason for reason, is_allowed in found if is_allowed} >= {"allowed", "not-cors"}
    assert {reason for reason, is_allowed in found if not is_allowed} >= {
        "allowed",
        "header-not-allowed",
        "method-not-allowed",
        "no-rule",
        "no-tenant",
        "origin-expired",
        "origin-malformed",
        "origin-not-listed",
        "origin-not-yet-valid",
        "origin-null",
        "origin-out-of-scope",
        "policy-invalid",
    }
