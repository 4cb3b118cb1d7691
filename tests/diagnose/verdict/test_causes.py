"""Causes that no policy cures: each is blocked, says what it is, and what to do next."""

import pytest

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading, read
from corsadmin.diagnose.console.reading import INCURABLE
from corsadmin.diagnose.verdict import CallOutcome, verdict_on_call
from corsadmin.diagnose.verdict.causes import cause_of, what_went_wrong
from tests.diagnose.console.corpus import Line, corpus

# What each sentence tells people to look at or to change.
CURES = {
    BlockDetail.CERTIFICATE: "renew the certificate",
    BlockDetail.CONNECTION: "Check that the server runs",
    BlockDetail.CONTENT_BLOCKER: "private window without extensions",
    BlockDetail.HOST_NAME: "DNS record",
    BlockDetail.CSRF: "log says why",
    BlockDetail.CSRF_COOKIE: "CSRF_COOKIE_SAMESITE",
    BlockDetail.CSRF_ORIGIN: "CSRF_TRUSTED_ORIGINS",
    BlockDetail.CSRF_REFERER: "Referrer-Policy",
    BlockDetail.CSRF_TOKEN: "X-CSRFToken",
    BlockDetail.COOKIE_BLOCKED: "token instead of a cookie",
    BlockDetail.COOKIE_INSECURE: "over https",
    BlockDetail.COOKIE_PARTITIONED: "with Partitioned",
    BlockDetail.COOKIE_REDIRECT: "final address",
    BlockDetail.COOKIE_SAMESITE: "SESSION_COOKIE_SAMESITE",
    BlockDetail.COOKIE_SECURE: "SESSION_COOKIE_SECURE",
}
LINES = [line for line in corpus() if line.label["detail"] in CURES]


def test_every_detail_but_that_of_gateways_has_a_cure() -> None:
    assert {*CURES, BlockDetail.GATEWAY} == set(BlockDetail)
    assert {line.label["detail"] for line in LINES} == set(CURES)


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_a_line_of_such_a_cause_is_blocked_and_says_what_to_do(line: Line) -> None:
    reading = read(line.text)

    found = verdict_on_call(None, unknown=("page", "url"), reading=reading)

    assert (found.outcome, found.asks) == (CallOutcome.BLOCKED, "")
    assert CURES[line.label["detail"]] in found.sentence
    assert "  " not in found.sentence
    assert (line.label["subject"] or "") in found.sentence
    assert reading.as_dict()["detail"] == line.label["detail"]


@pytest.mark.parametrize("detail", BlockDetail)
def test_what_went_wrong_is_said_in_a_few_words(detail: BlockDetail) -> None:
    said = what_went_wrong(Reading(detail=detail))

    assert said != what_went_wrong(Reading())
    assert len(said.split()) <= 12


@pytest.mark.parametrize("kind", BlockKind)
def test_what_a_policy_may_cure_names_no_cause(kind: BlockKind) -> None:
    assert (cause_of(Reading(kind=kind)) == "") is (kind not in INCURABLE)
