"""Make the stored policies of the tenants in some files match these files."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corsadmin.management.acting_user import add_acting_user, find_user
from corsadmin.management.arguments import refuse_unreadable
from corsadmin.management.exit_codes import in_sentences, printed
from corsadmin.management.report import Progress, Screen, carry_out
from corsadmin.transfer.formats.input_files import kinds_of, list_files, read_files
from corsadmin.transfer.importing import Choices, plan_entries
from corsadmin.transfer.plan.apply import Signature

EXAMPLES = """
examples:
  manage.py cors_sync policies/ --dry-run            for a review: what would change?
  manage.py cors_sync policies/ --check              in CI: does the database differ?
  manage.py cors_sync policies/ --reason "$COMMIT"   make the database match the files
  manage.py cors_sync acme.yaml globex.json

exit status: 0 done, 1 refused, problems found, or with --check a difference, 2 wrong usage
"""


class Command(BaseCommand):
    help = (
        "Make the tenants that the files name match the files exactly: rows that the files lack are "
        "removed, and a missing key gets its default. No other tenant is touched, and no tenant is "
        "removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="a file, or a folder: all .json, .yaml, .yml, .csv, .tsv and .xlsx files in it and in its subfolders are read as one input",
        )
        only = parser.add_mutually_exclusive_group()
        only.add_argument(
            "--dry-run", action="store_true", help="show the difference and write nothing"
        )
        only.add_argument(
            "--check",
            action="store_true",
            help="like --dry-run, with exit status 1 if there is a difference",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the history")
        add_acting_user(parser)
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            default="text",
            help="format of this command's report (default: text)",
        )

    def handle(self, *_args: object, files: list[str], check: bool, **options: object) -> None:
        with printed(self.stdout):
            self.run(files=files, check=check, **options)

    def run(self, *, files: list[str], check: bool, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        names = list_files(files)
        kinds = kinds_of(names)
        if kinds is None:
            message = (
                "There is no file in the folder."
                if not names
                else (
                    "Tables have only origins, and documents have whole tenants: give files of "
                    "one sort only."
                )
            )
            raise CommandError(message)
        user, access = find_user(options["user"])
        choices = Choices(prune=True, whole=True, access=access)
        signature = (
            None
            if check or options["dry_run"]
            else Signature(options["reason"], user, must_say_why=access is not None, access=access)
        )
        screen = Screen(
            self.stdout, self.stderr, options["verbosity"], as_json=options["format"] == "json"
        )
        screen.access = access
        entries = Progress(self.stderr)(read_files(names, access))
        with in_sentences(screen, self.stdout):
            with plan_entries(kinds, entries, choices) as made:
                screen.show(made)
                after = carry_out(made, choices, signature, screen)
            # Not before the transaction is committed.
            screen.close(made.plan, after)
            if check and not made.plan.is_empty:
                message = "The database differs from the files."
                raise CommandError(message)
