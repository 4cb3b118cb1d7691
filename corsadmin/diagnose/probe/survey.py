"""Probe many calls of one site, one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import Outcome, ProbeRequest, probe
from corsadmin.diagnose.probe.address import read_url, resolve
from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.engine.headers import is_token
from corsadmin.messages import shown

MAX_CALLS: Final = 200
_WORST_FIRST: Final = (CallOutcome.BLOCKED, CallOutcome.UNDECIDED, CallOutcome.ALLOWED)


class SurveyCall(NamedTuple):
    """One call of a list."""

    method: str
    path: str


class SurveyRow(NamedTuple):
    """One call and what was seen of it."""

    call: SurveyCall
    outcome: Outcome


def read_calls(text: str, method: str) -> list[SurveyCall]:
    """Return the calls of a list: a path on each line, or a method and a path.

    `method` is that of the lines without one; blank lines and those that begin with # do not count.
    Raises ProbeError for any other line, for none and for more than MAX_CALLS.
    """
    calls = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        asked, path, *rest = words if len(words) > 1 else [method, *words]
        if rest or not is_token(asked) or not path.startswith("/"):
            message = f"Line {number}, {shown(line)}: write a path such as /orders, or PUT /orders."
            raise ProbeError("call-invalid", message)
        calls.append(SurveyCall(asked, path))
    if not 0 < len(calls) <= MAX_CALLS:
        message = f"The file has {len(calls)} calls. Write 1 to {MAX_CALLS}."
        raise ProbeError("calls-number", message)
    return calls


def survey(question: ProbeRequest, calls: Iterable[SurveyCall]) -> Iterator[SurveyRow]:
    """Yield what is seen of each call of the site that the question names.

    The time of the question is for each call. Raises ProbeError where the site cannot be asked at
    all; a call that gives no answer becomes a row that says so.
    """
    site = read_url(question.url)
    if site.path != "/":
        message = f"{shown(question.url)}: write the site without a path, such as {site.origin}."
        raise ProbeError("site-has-path", message)
    resolve(site, allow_private=question.allow_private, seconds=question.seconds)
    for call in calls:
        url = f"{site.origin}{call.path}"
        try:
            outcome = probe(replace(question, url=url, method=call.method))
        except ProbeError as error:
            outcome = _not_seen(url, str(error))
        yield SurveyRow(call, outcome)


def worst(rows: Iterable[SurveyRow]) -> CallOutcome:
    """Return what can be said of all calls together."""
    found = {row.outcome.verdict for row in rows}
    return next(verdict for verdict in _WORST_FIRST if verdict in found)


def _not_seen(url: str, sentence: str) -> Outcome:
    return Outcome(
        url=url,
        address="",
        verdict=CallOutcome.UNDECIDED,
        sentence=sentence,
        left_out=[],
        dropped=[],
        exchanges=[],
        console="",
        comparisons=[],
        observations=[],
    )
