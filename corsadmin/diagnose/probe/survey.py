"""Probe many calls of one site, one after the other."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

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
    """One call and its outcome."""

    call: SurveyCall
    outcome: Outcome


def read_calls(text: str, method: str) -> list[SurveyCall]:
    """Return the calls of a list: a path on each line, or a method and a path.

    `method` is for lines without one. Skips blank lines and lines that begin with #. Raises
    ProbeError for any other line, and unless there are 1 to MAX_CALLS calls.
    """
    calls = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        asked, path, *rest = words if len(words) > 1 else [method, *words]
        if rest or not is_token(asked) or not path.startswith("/"):
            message = _("Line %(number)s, %(line)s: write a path such as /orders, or PUT /orders.")
            raise ProbeError("call-invalid", message % {"number": number, "line": shown(line)})
        calls.append(SurveyCall(asked, path))
    if not 0 < len(calls) <= MAX_CALLS:
        message = _("The list has %(number)s calls. Write 1 to %(most)s.")
        raise ProbeError("calls-number", message % {"number": len(calls), "most": MAX_CALLS})
    return calls


def survey(
    question: ProbeRequest, calls: Iterable[SurveyCall], *, seconds: float
) -> Iterator[SurveyRow]:
    """Yield the outcome of each call to the site that the question names.

    `question.seconds` limits each call, `seconds` all calls together. Raises ProbeError if no probe
    of the site is possible; a call without a response, or without time left, becomes a row that says
    so.
    """
    end = time.monotonic() + seconds
    site = read_url(question.url)
    if site.path != "/":
        facts = {"url": shown(question.url), "site": site.origin}
        message = _("%(url)s: write the site without a path, such as %(site)s.") % facts
        raise ProbeError("site-has-path", message)
    resolve(
        site,
        allow_private=question.allow_private,
        allow_metadata=question.allow_metadata,
        seconds=min(question.seconds, seconds),
    )
    for call in calls:
        url = f"{site.origin}{call.path}"
        try:
            left = _time_left(end, seconds)
            given = replace(question, url=url, method=call.method)
            outcome = probe(replace(given, seconds=min(question.seconds, left)))
        except ProbeError as error:
            outcome = Outcome.of_error(url, error)
        yield SurveyRow(call, outcome)


def worst(rows: Iterable[SurveyRow]) -> CallOutcome:
    """Return the worst outcome of all calls; `rows` must not be empty."""
    found = {row.outcome.verdict for row in rows}
    return next(verdict for verdict in _WORST_FIRST if verdict in found)


def _time_left(end: float, seconds: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        message = _("Not sent: all calls together may take at most %(seconds)s seconds.")
        raise ProbeError("time-is-up", message % {"seconds": f"{seconds:.3g}"})
    return left
