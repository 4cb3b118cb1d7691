"""Allow one origin for a pipeline, or renew the entry of that pipeline."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from corsadmin.management.arguments import USAGE, Options
from corsadmin.management.end_option import read_end
from corsadmin.management.entry_command import EntryCommand
from corsadmin.models.pipeline_entries import (
    ADDED,
    RENEWED,
    UNCHANGED,
    EntryKey,
    EntryOutcome,
    EntryTerms,
    Pipeline,
    allow_origin,
    read_pattern,
)

MAX_DAYS: Final = 3_650


class Command(EntryCommand):
    help = (
        "For pipelines: allow one origin, with or without an end. Called again, it moves the end to a "
        "later time. It touches only entries that a pipeline of the same name made: it never "
        "enables, widens or shortens another."
    )
    examples = """
examples:
  manage.py cors_allow --tenant acme --days 14 --user acme-ci -- "$PREVIEW_ORIGIN"
  manage.py cors_allow --tenant acme --days 14 --user acme-ci \\
      --within 'https://*.acme.dev' --reason "$COMMIT_URL" -- "$PREVIEW_ORIGIN"
  manage.py cors_allow https://app.acme.example --tenant acme --no-end --as release
  manage.py cors_allow https://demo.acme.dev --tenant acme --until 2027-01-31T00:00:00Z \\
      --scope /api/public/ --format json

exit status: 0 allowed, 1 refused (nothing was written), 2 wrong usage
"""
    sentences: ClassVar = {
        ADDED: "Allowed %(origin)s in %(tenant)s %(end)s.",
        RENEWED: "Renewed %(origin)s in %(tenant)s %(end)s.",
        UNCHANGED: "Nothing to do: %(origin)s in %(tenant)s is allowed %(end)s.",
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        end = parser.add_mutually_exclusive_group(required=True)
        end.add_argument(
            "--days",
            type=int,
            metavar="N",
            help=f"end the entry after N days, at most {MAX_DAYS:,}",
        )
        end.add_argument(
            "--until",
            metavar="TIME",
            help="end the entry at this time, such as 2027-01-31T00:00:00Z",
        )
        end.add_argument("--no-end", action="store_true", help="keep the entry until it is revoked")
        parser.add_argument(
            "--credentials", action="store_true", help="let browsers send cookies from this origin"
        )
        parser.add_argument(
            "--within",
            metavar="PATTERN",
            help="refuse an origin that this pattern does not cover, such as https://*.acme.dev",
        )

    def read(self, options: Options) -> EntryTerms:
        try:
            within = None if options["within"] is None else read_pattern(options["within"])
        except ValidationError as error:
            message = f"--within: {' '.join(error.messages)}"
            raise CommandError(message, returncode=USAGE) from None
        return EntryTerms(
            until=None if options["no_end"] else _end(options["days"], options["until"]),
            credentials=options["credentials"],
            within=within,
        )

    def carry_out(self, key: EntryKey, asked: EntryTerms, pipeline: Pipeline) -> EntryOutcome:
        return allow_origin(key, asked, pipeline)


def _end(days: int | None, until: str | None) -> datetime:
    now = timezone.now().replace(microsecond=0)
    if until is None:
        if days is None or not 1 <= days <= MAX_DAYS:
            message = f"--days: write a number from 1 to {MAX_DAYS:,}."
            raise CommandError(message, returncode=USAGE)
        return now + timedelta(days=days)
    moment = read_end(until)
    if moment is None or moment <= now:
        message = "--until: this time has passed."
        raise CommandError(message, returncode=USAGE)
    return moment
