"""What explain says of a call that an exclusive rule refuses."""

import pytest

from corsadmin.engine import Reason
from tests.diagnose.explain.questions import APP, EVIL, ask
from tests.factories import make_site

pytestmark = pytest.mark.django_db

ADMIN = {"path": "/api/admin/", "exclusive": True}
KEPT_OUT = (
    "The entry https://app.example.com applies to other paths, but this path rule admits only "
    "origins scoped to it."
)


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

    assert [near.sentence for near in found.near_misses] == [KEPT_OUT]
    (step,) = [step for step in found.steps if step.name == "rule"]
    assert step.sentence.endswith("It admits only origins scoped to it.")
    assert len(found.changes) == 1
    assert found.changes[0].startswith(f"Add the origin {APP} to acme with the scope /api/admin/,")


def test_a_scope_is_widened_within_the_rule_alone() -> None:
    make_site(origins=[{"pattern": APP, "scope": "/api/admin/u/"}], paths=[{}, ADMIN])

    (change,) = ask(path="/api/admin/x").changes

    assert change.endswith("https://app.example.com (/api/admin/u/) to /api/admin/.")


def test_elsewhere_nothing_is_different() -> None:
    make_site(origins=[APP], paths=[{}, ADMIN])

    found = ask(EVIL)

    assert found.changes == [f"Add the origin {EVIL} to acme, if you trust its pages."]
    assert "scoped" not in "".join(step.sentence for step in found.steps)
