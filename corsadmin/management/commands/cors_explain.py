"""Say what a cross-origin request would be answered, and why."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from corsadmin.diagnose.explain import Answer, Explanation, Question, explain
from corsadmin.management.arguments import refuse_bytes, refuse_invalid
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.messages import shown

EXAMPLES: Final = """examples:
  manage.py cors_explain --host acme.localhost --path /greet --origin https://app.acme.example
  manage.py cors_explain --host acme.localhost --path /greet --origin https://app.acme.example \\
      --method POST --header 'Content-Type: application/json' --credentials --format json

exit status: 0 the browser lets the page read the answer, 1 it does not, 2 it cannot be told
"""
_MARKS: Final = {True: "ok", False: "failed", None: "-"}


class Command(BaseCommand):
    help = "Say what a cross-origin request would be answered by the stored policies, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("--host", required=True, help="the host that is asked")
        parser.add_argument("--path", required=True, help="the path that is asked")
        parser.add_argument("--origin", required=True, help="the origin of the page that asks")
        parser.add_argument("--method", default="GET", help="default: %(default)s")
        parser.add_argument(
            "--header",
            action="append",
            default=[],
            metavar="'NAME: VALUE'",
            help="a request header the page sets, or the gateway's that names the tenant",
        )
        parser.add_argument(
            "--scheme", choices=["https", "http"], default="https", help="default: %(default)s"
        )
        parser.add_argument("--credentials", action="store_true", help="the page asks with cookies")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_args: object, **options: Any) -> None:
        with printed(self.stdout, 2):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do what `handle` is asked for."""
        refuse_bytes(options)
        question = Question(
            host=options["host"],
            path=options["path"],
            origin=options["origin"],
            method=options["method"],
            headers=dict(map(parse_header_or_name, options["header"])),
            scheme=options["scheme"],
            credentials=options["credentials"],
        )
        refuse_invalid(question.invalid_part())
        try:
            explanation = explain(question)
        except (DatabaseError, ImproperlyConfigured) as error:
            message = f"The policies cannot be read: {error}"
            raise CommandError(message, returncode=2) from error
        if options["format"] == "json":
            self.stdout.write(to_json(explanation.as_dict()))
        else:
            self.stdout.write("\n".join(explanation_lines(explanation)))
        if not explanation.allowed:
            raise SystemExit(1)


def parse_header_or_name(text: str) -> tuple[str, str]:
    """Return name and value of a header; a name alone has a value too long to be safelisted."""
    name, colon, value = text.partition(":")
    return name.strip(), value.strip() if colon else "x" * 129


def explanation_lines(found: Explanation) -> Iterator[str]:
    """Yield the explanation for people."""
    question = found.question
    verdict = "allowed" if found.allowed else "blocked"
    yield f"{question.method} {shown(question.url)} from {shown(question.origin)}"
    yield f"{verdict}: {found.summary} ({found.decision.reason})"
    yield f"assumed: the page calls {question.scheme}, and Django sees {question.scheme} (--scheme)"
    yield ""
    for number, step in enumerate(found.steps, 1):
        yield f"  {number}. {step.name:<12} {_MARKS[step.ok]:<7} {step.sentence}"
    if found.preflight is not None:
        yield from _answer_lines("Preflight", found.preflight)
    yield from _answer_lines("Request", found.actual)
    yield from _list("Near misses", [near.sentence for near in found.near_misses])
    yield from _list("Chromium's console", [found.console] if found.console else [])
    yield from _list("What to change", found.changes)


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
