"""The content of *Ask the live server*: a verdict with its exchanges, or one row per path."""

import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.ask_server.forms import MAX_SECONDS, AskForm
from corsadmin.admin.call_fields import METHODS
from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import MAX_VALUE, Outcome, ProbeError, probe
from corsadmin.diagnose.probe.address import read_url
from corsadmin.diagnose.probe.survey import SurveyRow, survey
from corsadmin.engine.headers import ORIGIN
from corsadmin.messages import shown
from corsadmin.models.probe_runs import NoPlaceError, place_for_run

logger = logging.getLogger("corsadmin")

MARKS: Final[dict[CallOutcome, tuple[str, Promise, str]]] = {
    CallOutcome.ALLOWED: ("✓", _("Allowed"), "yes"),
    CallOutcome.BLOCKED: ("✗", _("Blocked"), "no"),
    CallOutcome.UNDECIDED: ("?", _("Undecided"), "maybe"),
}
KINDS: Final = {
    "preflight": _("Preflight"),
    "request": _("Request"),
    "comparison": _("Comparison"),
}
# What a person can do to see more, by the option of the probe that is missing.
OPTIONS: Final[dict[str, str | Promise]] = {
    "": "",
    "allow_private": _(
        "This page contacts only public addresses unless PROBE_PRIVATE_ADDRESSES is set."
    ),
    "send": _("Select “Send the call itself” to see the response."),
}


class VerdictInWords(NamedTuple):
    """The result of a call, in words."""

    mark: str
    word: str | Promise
    style: str
    sentence: str
    more: str | Promise


class Step(NamedTuple):
    """One request that was sent, and its response."""

    kind: str | Promise
    method: str
    url: str
    origin: str
    status: int
    headers: dict[str, str]


def ask_page(request: HttpRequest) -> dict[str, object]:
    """Return the page's context. Only a submitted form makes it contact a server."""
    if request.method != "POST":
        given = {name: request.GET[name] for name in AskForm.base_fields if name in request.GET}
        return {"form": AskForm(initial=given), "methods": METHODS}
    form = AskForm(request.POST)
    context: dict[str, object] = {"form": form, "methods": METHODS}
    if not form.is_valid():
        return context
    try:
        with place_for_run(request.user.pk, MAX_SECONDS):
            target = read_url(form.question.url)
            logger.info("User %s asks the live server %s", request.user.pk, target.origin)
            return {**context, **_asked(form)}
    except NoPlaceError as error:
        form.add_error("url", str(error))
    except ProbeError as error:
        form.add_error("url", f"{error} {OPTIONS[error.option]}".strip())
    return context


def _asked(form: AskForm) -> dict[str, object]:
    """Ask the server, and return the result. Raise ProbeError if it cannot be asked."""
    calls = form.cleaned_data["calls"]
    if not calls:
        return _call_seen(probe(form.question))
    return _paths_seen(list(survey(form.question, calls, seconds=MAX_SECONDS)))


def _call_seen(outcome: Outcome) -> dict[str, object]:
    return {
        "outcome": outcome,
        "verdict": _verdict(outcome),
        "console": shown(outcome.console, MAX_VALUE),
        "steps": [
            Step(
                KINDS[exchange.kind],
                exchange.method,
                shown(exchange.url, MAX_VALUE),
                f"{ORIGIN}: {exchange.origin}" if exchange.origin else "",
                exchange.status,
                exchange.headers,
            )
            for exchange in [*outcome.exchanges, *outcome.comparisons]
        ],
    }


def _paths_seen(rows: Sequence[SurveyRow]) -> dict[str, object]:
    counts = [
        (mark, word, sum(row.outcome.verdict is key for row in rows))
        for key, (mark, word, _style) in MARKS.items()
    ]
    return {
        "rows": [
            (
                _verdict(outcome),
                call,
                " ".join(str(exchange.status) for exchange in outcome.exchanges),
                list(dict.fromkeys(found.sentence for found in outcome.observations)),
            )
            for call, outcome in rows
        ],
        "counts": counts,
    }


def _verdict(outcome: Outcome) -> VerdictInWords:
    mark, word, style = MARKS[outcome.verdict]
    sentence = shown(outcome.sentence, MAX_VALUE)
    return VerdictInWords(mark, word, style, sentence, OPTIONS[outcome.missing_option])
