"""Causes that no policy cures: each is blocked, says what it is, and what to do next."""

import pytest

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading, read
from corsadmin.diagnose.console.reading import INCURABLE
from corsadmin.diagnose.verdict import CallOutcome, verdict_on_call
from corsadmin.diagnose.verdict.causes import cause_of, what_went_wrong
from tests.diagnose.console.corpus import Line, corpus
from tests.messages.screens import filled

# The sentence that says what to look at or to change.
CURES = {
    BlockDetail.CERTIFICATE: "cause-certificate",
    BlockDetail.CONNECTION: "cause-connection",
    BlockDetail.CONTENT_BLOCKER: "trial-blocker",
    BlockDetail.HOST_NAME: "cause-host-name",
    BlockDetail.CSRF: "cause-csrf",
    BlockDetail.CSRF_COOKIE: "cause-csrf-cookie",
    BlockDetail.CSRF_ORIGIN: "trial-trust-origin",
    BlockDetail.CSRF_REFERER: "cause-csrf-referer",
    BlockDetail.CSRF_TOKEN: "cause-csrf-token",
    BlockDetail.COOKIE_BLOCKED: "cause-cookie-blocked",
    BlockDetail.COOKIE_INSECURE: "cause-cookie-insecure",
    BlockDetail.COOKIE_PARTITIONED: "trial-cookie-withheld",
    BlockDetail.COOKIE_REDIRECT: "cause-cookie-redirect",
    BlockDetail.COOKIE_SAMESITE: "cause-cookie-samesite",
    BlockDetail.COOKIE_SECURE: "cause-cookie-secure",
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
    said = filled(CURES[line.label["detail"]], subject=line.label["subject"] or "")
    assert found.sentence == " ".join(said.split()).replace(" ,", ",")
    assert reading.as_dict()["detail"] == line.label["detail"]


@pytest.mark.parametrize("detail", BlockDetail)
def test_what_went_wrong_is_said_in_a_few_words(detail: BlockDetail) -> None:
    said = what_went_wrong(Reading(detail=detail))

    assert said != what_went_wrong(Reading())
    assert len(said.split()) <= 12


@pytest.mark.parametrize("kind", BlockKind)
def test_what_a_policy_may_cure_names_no_cause(kind: BlockKind) -> None:
    assert (cause_of(Reading(kind=kind)) == "") is (kind not in INCURABLE)
