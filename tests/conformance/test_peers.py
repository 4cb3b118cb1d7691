"""Other libraries' cases: each is answered alike, or differs for a reason that the answers show."""

from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.conformance.peers.cases import Answer, Case
from tests.conformance.peers.explaining import OPENING, is_explained
from tests.conformance.peers.page import WHY, Row, judge_all, page
from tests.conformance.peers.unsaid import MEANINGS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "peers.md"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[Row]:
    """Every case, judged once: it takes seconds."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = judge_all()
        transaction.set_rollback(True)
    return found


def test_the_page_says_what_the_middleware_does(judged: list[Row]) -> None:
    assert page(judged) == PAGE.read_text(encoding="utf-8")


def test_every_reason_is_one_of_some_case(judged: list[Row]) -> None:
    used = {name for row in judged for name in row.why}
    unsaid = {case.why for row in judged for case in row.suite.unsaid}

    assert used == set(WHY)
    assert unsaid == set(MEANINGS)


def test_only_named_reasons_let_a_page_in_that_a_peer_keeps_out(judged: list[Row]) -> None:
    opening = [why for row in judged for _, why in row.opening]

    assert {name for why in opening for name in OPENING.intersection(why)} == OPENING
    assert [why for why in opening if not OPENING.intersection(why)] == []


def is_plainly_allowed(case: Case, ours: Answer) -> bool:
    """Report whether a listed origin is let in, here and there."""
    return case.call.origin is not None and (
        case.theirs.get("origin") == ours["origin"] == case.call.origin
    )


def is_plainly_refused(case: Case, ours: Answer) -> bool:
    """Report whether an origin is kept out, here and there."""
    return case.call.origin is not None and (
        case.theirs.get("origin", "unsaid") is ours["origin"] is None
    )


def test_no_reason_covers_a_wrong_answer(judged: list[Row]) -> None:
    answers = [answer for row in judged for answer in row.answers]
    kept_out = [
        (case, {**dict.fromkeys(ours), "status": 403 if case.call.is_preflight else 200})
        for case, ours in answers
        if is_plainly_allowed(case, ours)
    ]
    let_in: list[tuple[Case, Answer]] = [
        (case, {**ours, "origin": case.call.origin})
        for case, ours in answers
        if is_plainly_refused(case, ours)
    ]

    assert len(kept_out) > 100
    assert len(let_in) > 100
    assert [case for case, wrong in (*kept_out, *let_in) if is_explained(case, wrong)] == []
