"""Import policies from a file: plan, show, apply."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corsadmin.management.people import find_user
from corsadmin.management.screen import Progress, Screen, carry_out, in_sentences
from corsadmin.transfer.applying import Signature
from corsadmin.transfer.formats import FORMATS, format_for
from corsadmin.transfer.importing import Choices, Import, plan_import
from corsadmin.transfer.json_stream import BrokenTextError
from corsadmin.transfer.opening import STANDARD_INPUT, open_input
from corsadmin.transfer.saving import save

EXAMPLES = """
examples:
  manage.py cors_import policies.json --dry-run      show what would change
  manage.py cors_import policies.json --reason OPS-12
  manage.py cors_import policies.json --prune        also remove what the file lacks
  manage.py cors_import origins.csv --fix            accept what the problems suggest
  ssh other manage.py cors_export | manage.py cors_import -

exit status: 0 done, 1 refused or problems found (nothing was written), 2 wrong usage
"""


class Command(BaseCommand):
    help = "Import policies from a file, all of it or nothing. A second import changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument(
            "--input-format",
            choices=FORMATS,
            help="format of the file (default: what its name ends in, otherwise json)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the plan and write nothing"
        )
        parser.add_argument(
            "--only-tenant",
            action="append",
            metavar="SLUG",
            help="pass over the file's other tenants; may be repeated",
        )
        parser.add_argument(
            "--expect-generation",
            type=int,
            metavar="N",
            help="refuse when the database has moved since a dry run that showed generation N",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the history")
        parser.add_argument(
            "--user",
            metavar="NAME",
            help="act as this user: kept in the history as the author, and refused what the admin "
            "would refuse them (default: no author, and everything is allowed)",
        )
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            default="text",
            help="format of this command's report (default: text)",
        )
        self.add_choices(parser)

    def add_choices(self, parser: ArgumentParser) -> None:
        """Add what shall be done about problems and about rows that the file lacks."""
        parser.add_argument(
            "--fix", action="store_true", help="accept what the problems suggest, and list it"
        )
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "--prune",
            action="store_true",
            help="remove rows of the file's tenants that the file lacks; no other tenant's, and "
            "no tenant",
        )
        either.add_argument(
            "--skip-invalid",
            action="store_true",
            help="import the rest and write the rejected rows, with reasons, to a file",
        )
        parser.add_argument(
            "--rejects",
            metavar="FILE",
            help="where the rejected rows go (default: NAME.rejects.SUFFIX beside the file)",
        )
        parser.add_argument(
            "--force", action="store_true", help="replace a file of rejected rows that exists"
        )

    def handle(self, *_args: Any, file: str, **options: Any) -> None:
        user, access = find_user(options["user"])
        choices = Choices(
            format=options["input_format"] or format_for(file),
            prune=options["prune"],
            only=frozenset(options["only_tenant"]) if options["only_tenant"] else None,
            expected=options["expect_generation"],
            fix=options["fix"],
            skip_invalid=options["skip_invalid"],
            access=access,
        )
        signature = None if options["dry_run"] else Signature(options["reason"], user)
        screen = Screen(
            self.stdout, self.stderr, options["verbosity"], as_json=options["format"] == "json"
        )
        try:
            with in_sentences(screen), open_input(file) as opened:
                progress = Progress(self.stderr, opened)
                with plan_import(opened, choices, watch=progress) as made:
                    screen.show(made)
                    if signature:
                        self.save_rejects(file, made, choices.format, options)
                    screen.close(made.plan, carry_out(made, choices, signature, screen))
        except BrokenTextError as error:
            message = f"{file} cannot be read: {error.reason}."
            raise CommandError(message) from None

    def save_rejects(
        self, file: str, made: Import, format_name: str, options: dict[str, Any]
    ) -> None:
        """Write the rejected rows, if any, before anything else is written."""
        if not made.rejects.entries:
            return
        path = Path(options["rejects"] or _rejects_beside(file, format_name))
        try:
            pieces = FORMATS[format_name].write_rejects(made.rejects)
            save(path, pieces, force=options["force"])
        except FileExistsError:
            message = f"{path} exists. Name another file with --rejects, or --force to replace it."
            raise CommandError(message) from None
        except OSError as error:
            message = f"{path} cannot be written: {error.strerror}. Nothing was imported."
            raise CommandError(message) from None
        if options["verbosity"]:
            self.stderr.write(f"Wrote {len(made.rejects.entries):,} rejected rows to {path}.")


def _rejects_beside(file: str, format_name: str) -> Path:
    if file == STANDARD_INPUT:
        return Path(f"rejects.{format_name}")
    path = Path(file)
    return path.with_name(f"{path.stem}.rejects{path.suffix or f'.{format_name}'}")
