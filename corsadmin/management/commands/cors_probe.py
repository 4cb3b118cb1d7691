"""Ask a live server as a browser would."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import MAX_VALUE, Exchange, Outcome, ProbeError, ProbeRequest, probe
from corsadmin.management.arguments import refuse_invalid, refuse_unreadable
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.messages import shown

EXAMPLES: Final = """
examples:
  manage.py cors_probe https://api.example.com/orders --origin https://app.example.com
  manage.py cors_probe https://api.example.com/orders --origin https://app.example.com \\
      --method PUT --header authorization --credentials
  manage.py cors_probe http://acme.localhost:8000/greet --origin https://app.acme.example \\
      --allow-private

It follows redirects as browsers do. It looks every name up once and connects to that address. It
sends no cookies and no Authorization, and reads no body. It sends a preflight where a browser does. It sends the call itself
if that is a GET or HEAD, any other only with --send. It makes a GET or HEAD twice more, with another
Origin and without one, to find what depends on it (--no-compare leaves that out).

exit status: 0 the call was sent, and a browser lets the page read the answer; 1 a browser does not;
2 it cannot be told, because the call was not sent or there was no answer
"""
_MAX_SECONDS: Final = 60.0
WORDS: Final = {
    CallOutcome.ALLOWED: "allowed",
    CallOutcome.BLOCKED: "blocked",
    CallOutcome.UNDECIDED: "cannot be told",
}


class Command(BaseCommand):
    help = "Ask a live server as a browser would, and judge its answer as a browser does."
    # It asks another server: what is wrong with this site does not matter.
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--origin", required=True, help="the origin of the page that asks")
        parser.add_argument("--method", default="GET", help="default: %(default)s")
        parser.add_argument(
            "--header",
            action="append",
            metavar="'NAME: VALUE'",
            help="a request header the page sets",
        )
        parser.add_argument(
            "--credentials", action="store_true", help="judge as for a call with cookies"
        )
        parser.add_argument(
            "--send",
            action="store_true",
            help="send the call itself, without a body, whatever its method",
        )
        parser.add_argument(
            "--no-compare",
            action="store_false",
            dest="compare",
            help="do not make a GET or HEAD again with another Origin and without one",
        )
        parser.add_argument(
            "--allow-private",
            action="store_true",
            help="connect to private, loopback and link-local addresses too",
        )
        parser.add_argument(
            "--timeout",
            type=seconds,
            default=10.0,
            metavar="SECONDS",
            help=f"for all of it, at most {_MAX_SECONDS:g} (default: %(default)g)",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_args: object, **options: Any) -> None:
        with printed(self.stdout, 2):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do what `handle` is asked for."""
        refuse_unreadable(options)
        question = ProbeRequest(
            url=options["url"],
            origin=options["origin"],
            method=options["method"],
            headers=dict(map(parse_header, options["header"] or ())),
            credentials=options["credentials"],
            send=options["send"],
            compare=options["compare"],
            allow_private=options["allow_private"],
            seconds=options["timeout"],
        )
        refuse_invalid(question.invalid_part())
        try:
            outcome = probe(question)
        except ProbeError as error:
            raise CommandError(shown(str(error)), returncode=2) from error
        if options["format"] == "json":
            self.stdout.write(to_json(outcome.as_dict()))
        else:
            self.stdout.write("\n".join(outcome_lines(outcome)))
        if outcome.verdict is not CallOutcome.ALLOWED:
            raise SystemExit(1 if outcome.verdict is CallOutcome.BLOCKED else 2)


def seconds(text: str) -> float:
    """Return a number of seconds within bounds; for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= _MAX_SECONDS:
        message = f"write a number of seconds, at most {_MAX_SECONDS:g}"
        raise ArgumentTypeError(message)
    return value


def parse_header(text: str) -> tuple[str, str]:
    """Return name and value of a header."""
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield the outcome for people."""
    yield f"{outcome.url} at {outcome.address}"
    for exchange in [*outcome.exchanges, *outcome.comparisons]:
        yield from _exchange_lines(exchange, outcome.url)
    yield ""
    yield f"{WORDS[outcome.verdict]}: {outcome.sentence}"
    if outcome.left_out:
        names = " and ".join(outcome.left_out)
        yield f"  It was sent without {names}; the answer to the page's own call may differ."
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
