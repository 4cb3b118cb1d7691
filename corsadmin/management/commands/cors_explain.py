"""Show how the stored policies answer a cross-origin request, and why."""

import sys
from argparse import ArgumentParser, BooleanOptionalAction, RawDescriptionHelpFormatter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from corsadmin.diagnose.conditions import Condition
from corsadmin.diagnose.console import MAX_TEXT, Reading, read
from corsadmin.diagnose.explain import Answer, Explanation, Question
from corsadmin.diagnose.verdict import NOTHING_READ, CallOutcome, Verdict, verdict_on_call
from corsadmin.diagnose.verdict.calls import ANY_VALUE, Address, GivenCall, question_from, split_url
from corsadmin.management.arguments import Options, refuse_invalid, refuse_unreadable
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.messages import shown

EXAMPLES: Final = """examples:
  manage.py cors_explain --host acme.localhost --path /greet --origin https://app.acme.example
  manage.py cors_explain --host acme.localhost --path /greet --origin https://app.acme.example \\
      --method POST --header 'Content-Type: application/json' --credentials --format json
  manage.py cors_explain --paste < console.txt
  manage.py cors_explain --paste --method PUT --no-header --no-credentials < console.txt

exit status: 0 the browser lets the page read the response, 1 it does not, 2 undecided
"""
_WORDS: Final = {
    CallOutcome.ALLOWED: "allowed",
    CallOutcome.BLOCKED: "blocked",
    CallOutcome.UNDECIDED: "cannot tell yet",
}
_MARKS: Final = {True: "ok", False: "failed", None: "-"}
_CONDITION_MARKS: Final = {True: "ok", False: "failed", None: "?"}


class Command(BaseCommand):
    help = "Show how the stored policies answer a cross-origin request, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "--paste",
            action="store_true",
            help="read a console error, a HAR or a copied request from standard input, and take "
            "from it what the options leave open",
        )
        parser.add_argument("--host", help="the host that the request goes to")
        parser.add_argument("--path", help="the path of the request, as a browser shows it")
        parser.add_argument(
            "--script-prefix",
            default="",
            metavar="PREFIX",
            help="where the server mounts the project, as in /app; FORCE_SCRIPT_NAME wins",
        )
        parser.add_argument("--origin", help="the origin of the page that sends the request")
        parser.add_argument("--method", help="default: GET; with --paste: what the text says")
        parser.add_argument(
            "--header",
            action="append",
            metavar="'NAME: VALUE'",
            help="a request header that the page sets, or the gateway's header that names the tenant",
        )
        parser.add_argument(
            "--no-header",
            action="store_const",
            const=(),  # not an empty list, which argparse makes of `--header=--`
            dest="header",
            help="with --paste: the page sets no request header",
        )
        parser.add_argument("--scheme", choices=["https", "http"], help="default: https")
        parser.add_argument(
            "--credentials",
            action=BooleanOptionalAction,
            help="the page sends cookies; default: it does not; with --paste: what the text says",
        )
        parser.add_argument(
            "--tenant",
            default="",
            metavar="SLUG",
            help="the tenant to assume for a host that has none, to judge the later steps",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_args: object, **options: object) -> None:
        with printed(self.stdout, 2):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        reading = read(pasted_text()) if options["paste"] else NOTHING_READ
        question, unknown = question_from(given_call(options, reading.url), reading)
        if not options["paste"]:
            unknown = tuple(name for name in unknown if name in ("page", "url"))
            if unknown:
                message = "Give --host, --path and --origin, or --paste."
                raise CommandError(message, returncode=2)
        if question is not None:
            refuse_invalid(question.invalid_part())
            question = replace(
                question, script_prefix=options["script_prefix"], tenant=options["tenant"]
            )
        try:
            verdict = verdict_on_call(question, unknown=unknown, reading=reading)
        except (DatabaseError, ImproperlyConfigured) as error:
            message = f"The policies cannot be read: {error}"
            raise CommandError(message, returncode=2) from error
        if options["format"] == "json":
            self.stdout.write(to_json(verdict.as_dict()))
        else:
            self.stdout.write("\n".join(verdict_lines(verdict)))
        if verdict.outcome is not CallOutcome.ALLOWED:
            raise SystemExit(1 if verdict.outcome is CallOutcome.BLOCKED else 2)


def pasted_text() -> str:
    """Return the beginning of standard input, at most as much as a reading uses."""
    # A character takes at most four bytes.
    return sys.stdin.buffer.read(4 * MAX_TEXT).decode("utf-8", errors="replace")


def given_call(options: Options, url: str | None) -> GivenCall:
    """Return the call that the options give, with `url` for the parts of the address they lack."""
    pasted = split_url(url or "")
    host = options["host"] if options["host"] is not None else pasted and pasted.host
    path = options["path"] if options["path"] is not None else pasted and pasted.path
    scheme = options["scheme"] or (pasted.scheme if pasted else "https")
    headers = options["header"]
    return GivenCall(
        page=options["origin"],
        address=None if host is None or path is None else Address(scheme, host, path),
        method=options["method"],
        headers=None if headers is None else dict(map(parse_header_or_name, headers)),
        credentials=options["credentials"],
    )


def parse_header_or_name(text: str) -> tuple[str, str]:
    """Return name and value of a header; a name alone gets a value too long to be safelisted."""
    name, colon, value = text.partition(":")
    return name.strip(), value.strip() if colon else ANY_VALUE


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Yield the verdict as lines for people."""
    found = verdict.explanation
    word = _WORDS[verdict.outcome]
    if found is None:
        yield f"{word}: {verdict.sentence}"
    else:
        yield _headline(found.question, verdict)
        if verdict.outcome is CallOutcome.UNDECIDED:
            yield f"{word}: {verdict.sentence}"
        else:
            yield f"{word}: {found.summary} ({found.decision.reason})"
    if verdict.reading is NOTHING_READ and found is not None:
        scheme = found.question.scheme
        yield f"assumed: the page calls {scheme}, and Django sees {scheme} (--scheme)"
    yield from _list("The text says", reading_lines(verdict.reading))
    if found is not None:
        yield from _explanation_lines(found, verdict)
    if verdict.outcome is CallOutcome.ALLOWED and verdict.sentence:
        yield from _list("But", [verdict.sentence, *verdict.advice])


def condition_line(condition: Condition) -> str:
    """Return a condition as a line for people."""
    return f"     {condition.code:<19} {_CONDITION_MARKS[condition.met]:<7} {condition.sentence}"


def reading_lines(reading: Reading) -> list[str]:
    """Return what was read from a text, a line for each field, and what is missing."""
    if reading is NOTHING_READ:
        return []
    said = {
        "detail": reading.detail,
        "it names": reading.subject,
        "page": reading.page,
        "URL": reading.url,
        "redirected from": reading.redirected_from,
        "method": reading.method,
        "refused header": reading.header,
        "status": reading.status,
        "cookies": reading.credentials,
        "preflight failed": reading.proves_preflight,
    }
    lines = [f"kind: {reading.kind}"]
    lines += [f"{name}: {shown(str(value))}" for name, value in said.items() if value is not None]
    return [*lines, f"not said: {', '.join(reading.missing) or 'nothing'}"]


def _headline(question: Question, verdict: Verdict) -> str:
    method = "?" if "method" in verdict.unknown else question.method
    return f"{method} {shown(question.url)} from {shown(question.origin)}"


def _explanation_lines(found: Explanation, verdict: Verdict) -> Iterator[str]:
    yield ""
    for number, step in enumerate(verdict.steps, 1):
        yield f"  {number}. {step.name:<12} {_MARKS[step.ok]:<7} {step.sentence}"
    if verdict.conditions:
        yield "  What else must be true:"
        yield from map(condition_line, verdict.conditions)
    if verdict.is_exact:
        if found.preflight is not None:
            yield from _answer_lines("Preflight", found.preflight)
        yield from _answer_lines("Request", found.actual)
    yield from _list("Near misses", [near.sentence for near in found.near_misses])
    if verdict.is_exact:
        yield from _list("Chromium's console", [found.console] if found.console else [])
    yield from _list("What to change", found.changes)
    if found.changes and verdict.wants:
        yield f"There may be more to change: {verdict.next_question}"
    elif found.changes and not found.mending.is_sufficient:
        yield "There may be more to change after that."


def _answer_lines(name: str, answer: Answer) -> Iterator[str]:
    status = str(answer.status) if answer.status else "answered by the view"
    yield ""
    yield f"{name}: {status}"
    if not answer.headers:
        yield "  no CORS headers"
    for header, value in answer.headers.items():
        yield f"  {header}: {value}"


def _list(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield ""
        yield f"{title}:"
        yield from (f"  {item}" for item in items)
