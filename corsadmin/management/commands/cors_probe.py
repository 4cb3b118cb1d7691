"""Ask a live server as a browser would."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import MAX_VALUE, ProbeError, ProbeRequest, probe
from corsadmin.diagnose.probe.survey import SurveyRow, read_calls, survey, worst
from corsadmin.management.arguments import refuse_invalid, refuse_unreadable
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.management.probe_report import outcome_lines, survey_lines, with_option
from corsadmin.messages import shown
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import open_input, read_pieces

EXAMPLES: Final = """
examples:
  manage.py cors_probe https://api.example.com/orders --origin https://app.example.com
  manage.py cors_probe https://api.example.com/orders --origin https://app.example.com \\
      --method PUT --header authorization --credentials
  manage.py cors_probe https://api.example.com --origin https://app.example.com \\
      --all-paths paths.txt
  manage.py cors_probe http://acme.localhost:8000/greet --origin https://app.acme.example \\
      --allow-private

It follows redirects as browsers do. It looks every name up once and connects to that address. It
sends no cookies and no Authorization, and reads no body. It sends a preflight where a browser does.
It sends the call itself if that is a GET or HEAD, any other only with --send. It repeats a GET or HEAD
twice, with another Origin and without one, to see what depends on the Origin.

exit status: 0 the call was sent, and a browser lets the page read the response; 1 a browser does not;
2 undecided, because the call was not sent or there was no response; of several calls: 1 if one is
blocked, otherwise 2 if one is undecided
"""
MAX_TEXT: Final = 65_536
_MAX_SECONDS: Final = 60.0
_MAX_TOTAL_SECONDS: Final = 3600.0


class Command(BaseCommand):
    help = "Ask a live server as a browser would, and judge its response as a browser does."
    # It asks another server, so faults of this site do not matter.
    requires_system_checks = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("url", metavar="URL")
        parser.add_argument(
            "--origin", required=True, help="the origin of the page that sends the request"
        )
        parser.add_argument("--method", default="GET", help="default: %(default)s")
        parser.add_argument(
            "--header",
            action="append",
            metavar="'NAME: VALUE'",
            help="a request header that the page sets",
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
            "--all-paths",
            metavar="FILE",
            help="probe each path of a file, - for standard input: a path on each line, or a method "
            "and a path; URL is the site",
        )
        parser.add_argument(
            "--no-compare",
            action="store_false",
            dest="compare",
            help="do not repeat a GET or HEAD with another Origin and without one",
        )
        parser.add_argument(
            "--allow-private",
            action="store_true",
            help="connect to private, loopback and link-local addresses too",
        )
        parser.add_argument(
            "--timeout",
            type=seconds_up_to(_MAX_SECONDS),
            default=10.0,
            metavar="SECONDS",
            help=f"for one call, at most {_MAX_SECONDS:g} (default: %(default)g)",
        )
        parser.add_argument(
            "--total-timeout",
            type=seconds_up_to(_MAX_TOTAL_SECONDS),
            default=600.0,
            metavar="SECONDS",
            help="for all calls of --all-paths together, at most "
            f"{_MAX_TOTAL_SECONDS:g} (default: %(default)g)",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_args: object, **options: Any) -> None:
        with printed(self.stdout, 2):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do the work of `handle`."""
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
            if options["all_paths"] is None:
                verdict = self.probe_one(question, options["format"])
            else:
                verdict = self.probe_all(question, **options)
        except ProbeError as error:
            message = shown(with_option(str(error), error.option), MAX_VALUE)
            raise CommandError(message, returncode=2) from error
        if verdict is not CallOutcome.ALLOWED:
            raise SystemExit(1 if verdict is CallOutcome.BLOCKED else 2)

    def probe_one(self, question: ProbeRequest, output: str) -> CallOutcome:
        """Probe one call, print the result, and return the verdict."""
        outcome = probe(question)
        if output == "json":
            self.stdout.write(to_json(outcome.as_dict()))
        else:
            self.stdout.write("\n".join(outcome_lines(outcome)))
        return outcome.verdict

    def probe_all(self, question: ProbeRequest, **options: Any) -> CallOutcome:
        """Probe the calls that a file lists, print the results, and return the worst verdict."""
        calls = read_calls(text_of(options["all_paths"]), question.method)
        rows: list[SurveyRow] = []

        def noted() -> Iterator[SurveyRow]:
            for row in survey(question, calls, seconds=options["total_timeout"]):
                rows.append(row)
                yield row

        if options["format"] == "json":
            seen = [{**row.call._asdict(), **row.outcome.as_dict()} for row in noted()]
            self.stdout.write(to_json({"url": question.url, "verdict": worst(rows), "calls": seen}))
        else:
            for line in survey_lines(question.url, question.origin, calls, noted()):
                self.stdout.write(line)
                self.stdout.flush()
        return worst(rows)


def text_of(file: str) -> str:
    """Return the text of a file, - for standard input. Raises CommandError if it is unreadable."""
    text = ""
    try:
        with open_input(file) as opened:
            for piece in read_pieces(opened):
                text += piece
                if len(text) > MAX_TEXT:
                    raise BrokenTextError("", f"it has more than {MAX_TEXT} characters")
    except BrokenTextError as error:
        message = f"{shown(file)} cannot be read: {error.reason}."
        raise CommandError(message, returncode=2) from None
    return text


def seconds_up_to(most: float) -> Callable[[str], float]:
    """Return a function for argparse that reads a number of seconds, at most `most`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value <= most:
            message = f"write a number of seconds, at most {most:g}"
            raise ArgumentTypeError(message)
        return value

    return read


def parse_header(text: str) -> tuple[str, str]:
    """Return name and value of a header."""
    name, _, value = text.partition(":")
    return name.strip(), value.strip()
