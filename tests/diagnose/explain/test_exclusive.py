"""What explain says of a call that an exclusive rule refuses."""

import pytest

from corsadmin.engine import Reason
from tests.diagnose.explain.mending import kinds
from tests.diagnose.explain.questions import APP, EVIL, ask
from tests.factories import make_site
from tests.messages.screens import assert_says, assert_silent

pytestmark = pytest.mark.django_db

ADMIN = {"path": "/api/admin/", "exclusive": True}


@pytest.mark.parametrize(
    ("scope", "reason", "kinds"),
    [
        pytest.param("", Reason.ORIGIN_NOT_LISTED, ["exclusive"], id="no scope"),
        pytest.param("/api/", Reason.ORIGIN_NOT_LISTED, ["exclusive"], id="a wider scope"),
        pytest.param("/other/", Reason.ORIGIN_NOT_LISTED, ["exclusive"], id="a scope elsewhere"),
        pytest.param("/api/admin/u/", Reason.ORIGIN_OUT_OF_SCOPE, ["scope"], id="a part of it"),
        pytest.param("/api/admin/", Reason.ALLOWED, [], id="its own scope"),
    ],
)
def test_the_near_miss(scope: str, reason: Reason, kinds: list[str]) -> None:
    make_site(origins=[{"pattern": APP, "scope": scope}], paths=[{}, ADMIN])

    found = ask(path="/api/admin/x")

    assert found.decision.reason is reason
    assert [near.kind for near in found.near_misses] == kinds


def test_it_says_what_the_rule_does_and_what_to_add() -> None:
    make_site(origins=[APP], paths=[{}, ADMIN])

    found = ask(path="/api/admin/x")

    assert [near[:3] for near in found.near_misses] == [("exclusive", "acme", APP)]
    (step,) = [step for step in found.steps if step.name == "rule"]
    assert step.ok is True
    assert_says(step.sentence, "explain-exclusive-rule")
    assert kinds(found) == ["origin-add"]
    values = found.mending.remedies[0].as_dict()["values"]
    assert values == {"pattern": APP, "credentials": False, "scope": "/api/admin/"}


def test_a_scope_is_widened_within_the_rule_alone() -> None:
    make_site(origins=[{"pattern": APP, "scope": "/api/admin/u/"}], paths=[{}, ADMIN])

    found = ask(path="/api/admin/x")

    assert kinds(found) == ["origin-scope"]
    (remedy,) = found.mending.remedies
    assert remedy.as_dict()["values"] == {"scope": "/api/admin/"}


def test_elsewhere_nothing_is_different() -> None:
    make_site(origins=[APP], paths=[{}, ADMIN])

    found = ask(EVIL)

    assert kinds(found) == ["origin-add"]
    assert EVIL in found.changes[0]
    assert_silent([step.sentence for step in found.steps], "explain-exclusive-rule")
