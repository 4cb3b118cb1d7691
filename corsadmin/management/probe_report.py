"""The results of a probe, as lines for people."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import MAX_VALUE, Exchange, Outcome
from corsadmin.diagnose.probe.survey import SurveyCall, SurveyRow
from corsadmin.messages import shown

WORDS: Final = {
    CallOutcome.ALLOWED: "allowed",
    CallOutcome.BLOCKED: "blocked",
    CallOutcome.UNDECIDED: "undecided",
}
# What to add to the command for each field of a ProbeRequest.
_OPTIONS: Final = {
    "": "",
    "allow_private": " Add --allow-private if you want that.",
    "send": " Add --send.",
}
_WIDTH: Final = max(map(len, WORDS.values()))


def with_option(sentence: str, option: str) -> str:
    """Return a sentence, followed by the option of the command that would show more."""
    return f"{sentence}{_OPTIONS[option]}"


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of an outcome."""
    yield f"{outcome.url} at {outcome.address}"
    for exchange in [*outcome.exchanges, *outcome.comparisons]:
        yield from _exchange_lines(exchange, outcome.url)
    yield ""
    yield f"{WORDS[outcome.verdict]}: {with_option(outcome.sentence, outcome.missing_option)}"
    if outcome.left_out:
        names = " and ".join(outcome.left_out)
        yield f"  It was sent without {names}; the response to the page's own call may differ."
    if outcome.dropped:
        yield f"  No page can set {', '.join(outcome.dropped)}: browsers ignore that."
    if outcome.console:
        yield f"  {shown(outcome.console, MAX_VALUE)}"
    if outcome.observations:
        yield ""
        yield "Observations:"
    for found in outcome.observations:
        yield f"  {found.sentence} [{found.code}]"


def _exchange_lines(exchange: Exchange, first: str) -> Iterator[str]:
    where = f" {exchange.url}" if exchange.url != first else ""
    sent = " with Origin: null" if exchange.origin == "null" else ""
    if exchange.kind == "comparison":
        sent = f" with Origin: {exchange.origin}" if exchange.origin else " without Origin"
    yield ""
    yield f"{exchange.kind.capitalize()} {exchange.method}{where}{sent}: {exchange.status}"
    if not exchange.headers:
        yield "  no CORS headers"
    for name, value in exchange.headers.items():
        yield f"  {name}: {value}"


def survey_lines(
    site: str, origin: str, calls: Sequence[SurveyCall], rows: Iterable[SurveyRow]
) -> Iterator[str]:
    """Yield a table with a line for each call, as soon as its result is known."""
    method = max(len("method"), *(len(call.method) for call in calls))
    path = max(len("path"), *(len(shown(call.path)) for call in calls))
    counts = dict.fromkeys(WORDS, 0)
    yield f"{shown(site)} from {shown(origin)}"
    yield ""
    yield f"{'verdict':<{_WIDTH}}  {'method':<{method}}  {'path':<{path}}  status   what was seen"
    for call, outcome in rows:
        counts[outcome.verdict] += 1
        statuses = " ".join(str(exchange.status) for exchange in outcome.exchanges) or "-"
        yield (
            f"{WORDS[outcome.verdict]:<{_WIDTH}}  {call.method:<{method}}  "
            f"{shown(call.path):<{path}}  {statuses:<7}  {_seen(outcome)}"
        ).rstrip()
    yield ""
    yield f"{len(calls)} calls: " + ", ".join(f"{counts[key]} {WORDS[key]}" for key in WORDS)


def _seen(outcome: Outcome) -> str:
    codes = dict.fromkeys(found.code for found in outcome.observations)
    sentence = with_option(outcome.sentence, outcome.missing_option)
    if outcome.verdict is CallOutcome.ALLOWED:
        sentence = ""
    return " ".join([shown(sentence), *(f"[{code}]" for code in codes)]).strip()
