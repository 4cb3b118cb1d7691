"""Import policies from a file: plan, show, apply."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corsadmin.convert.documents import convert, document_of
from corsadmin.convert.registry import SOURCES
from corsadmin.management.acting_user import add_acting_user, find_user
from corsadmin.management.arguments import Options, refuse_unreadable
from corsadmin.management.exit_codes import in_sentences, printed
from corsadmin.management.report import Progress, Screen, carry_out
from corsadmin.management.table_arguments import (
    add_table_choices,
    open_named_table,
    table_choices,
)
from corsadmin.transfer.formats.document import walk
from corsadmin.transfer.formats.document_source import BrokenTextError, LoadedSource
from corsadmin.transfer.formats.input_file import STANDARD_INPUT, open_input
from corsadmin.transfer.formats.output_file import save
from corsadmin.transfer.formats.registry import FORMATS, format_for
from corsadmin.transfer.formats.tables import TABLES
from corsadmin.transfer.importing import (
    Choices,
    Import,
    plan_entries,
    plan_import,
    plan_table,
    plan_text,
)
from corsadmin.transfer.plan.apply import Signature
from corsadmin.transfer.records.record_types import KINDS

TEXT = "text"
EXAMPLES = """
examples:
  manage.py cors_import policies.json --dry-run      show what would change
  manage.py cors_import policies.json --reason OPS-12
  manage.py cors_import policies.json --prune        also remove what its lists lack
  manage.py cors_import origins.csv --fix            accept the suggested fixes
  manage.py cors_import kunden.xlsx --column "Adresse=pattern" --dry-run
  manage.py cors_import mail.txt --into acme --dry-run   read the origins from an e-mail
  manage.py cors_import --from django-cors-headers --into platform --dry-run
  manage.py cors_import --from s3 bucket.json --into acme --convert acme.json
  manage.py cors_import --from nginx site.conf --into acme --dry-run
  ssh other manage.py cors_export | manage.py cors_import -

exit status: 0 done, 1 refused or problems found (nothing was written), 2 wrong usage
"""


class Command(BaseCommand):
    help = (
        "Import policies from a file, all or nothing. Fields of an existing row that the file "
        "does not name stay unchanged. A second import changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "file", nargs="?", metavar="FILE", help="the file, or - for standard input"
        )
        parser.add_argument(
            "--from",
            dest="source",
            choices=SOURCES,
            help="convert another program's policies; for django-cors-headers, FILE is a settings "
            "module (default: this project's settings)",
        )
        parser.add_argument(
            "--into",
            metavar="SLUG",
            help="with --from, a text, or a table without a column for tenants: the tenant that "
            "gets the policies",
        )
        parser.add_argument(
            "--convert",
            metavar="FILE",
            help="with --from: write the converted policies to this file, and import nothing",
        )
        parser.add_argument(
            "--input-format",
            choices=[*FORMATS, TEXT],
            help="format of the file; text is any text, such as an e-mail, from which the origins "
            "are imported (default: by the suffix of its name, otherwise json)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the plan and write nothing"
        )
        parser.add_argument(
            "--only-tenant",
            action="append",
            metavar="SLUG",
            help="ignore the file's other tenants; may be repeated",
        )
        parser.add_argument(
            "--expect-generation",
            type=int,
            metavar="N",
            help="refuse if the policies have changed since a dry run that showed generation N",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the history")
        add_acting_user(parser)
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            default="text",
            help="format of this command's report (default: text)",
        )
        add_table_choices(parser)
        self.add_choices(parser)

    def add_choices(self, parser: ArgumentParser) -> None:
        """Add the options for problems, and for rows that the file lacks."""
        parser.add_argument(
            "--fix", action="store_true", help="accept the suggested fixes, and list them"
        )
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "--prune",
            action="store_true",
            help="remove rows that the file's lists lack, except from lists and tenants that the "
            "file does not have; never removes a tenant",
        )
        either.add_argument(
            "--skip-invalid",
            action="store_true",
            help="skip invalid rows, and write them with reasons to a file",
        )
        parser.add_argument(
            "--rejects",
            metavar="FILE",
            help="the file for the rejected rows (default: NAME.rejects.SUFFIX beside the input)",
        )
        parser.add_argument("--force", action="store_true", help="replace a file that exists")

    def handle(self, *_args: object, file: str | None, **options: object) -> None:
        with printed(self.stdout):
            self.run(file=file, **options)

    def run(self, *, file: str | None, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        _check_usage(file, options)
        user, access = find_user(options["user"])
        choices = Choices(
            format=_format_of(file, options),
            prune=options["prune"],
            only=frozenset(options["only_tenant"]) if options["only_tenant"] else None,
            expected=options["expect_generation"],
            fix=options["fix"],
            skip_invalid=options["skip_invalid"],
            access=access,
        )
        signature = (
            None
            if options["dry_run"]
            else Signature(options["reason"], user, must_say_why=access is not None, access=access)
        )
        screen = Screen(
            self.stdout, self.stderr, options["verbosity"], as_json=options["format"] == "json"
        )
        screen.access = access
        screen.offers_fix = not options["fix"]
        try:
            if options["convert"]:
                self.convert(file, screen, options)
                return
            with in_sentences(screen, self.stdout):
                with self.read(file, choices, screen, options) as made:
                    screen.show(made)
                    if signature:
                        self.save_rejects(file or options["source"], made, choices.format, options)
                    after = carry_out(made, choices, signature, screen)
                # Not before the transaction is committed.
                value = made.plan.generation
                hint = (
                    "To apply exactly this plan, use "
                    f"--expect-generation {value} instead of --dry-run."
                )
                screen.close(made.plan, after, hint)
        except BrokenTextError as error:
            message = f"{file} cannot be read: {error.reason}."
            raise CommandError(message) from None

    @contextmanager
    def read(
        self, file: str | None, choices: Choices, screen: Screen, options: Options
    ) -> Iterator[Import]:
        """Yield the import of a file or of another program's policies."""
        if options["source"]:
            document = self.converted(file, screen, options)
            entries = walk(LoadedSource(document), choices.only)
            with plan_entries(KINDS, entries, choices) as made:
                yield made
            return
        with open_input(file or STANDARD_INPUT) as opened:
            progress = Progress(self.stderr, opened)
            if choices.format in TABLES:
                table = open_named_table(opened, choices, table_choices(options))
                screen.show_columns(table)
                with plan_table(table, choices, watch=progress) as made:
                    screen.show_encoding(table)
                    yield made
                return
            if choices.format == TEXT:
                with plan_text(opened, options["into"], choices, watch=progress) as made:
                    yield made
                return
            with plan_import(opened, choices, watch=progress) as made:
                yield made

    def converted(self, file: str | None, screen: Screen, options: Options) -> dict[str, Any]:
        """Return another program's policies as a document, and show what they lack."""
        conversion = convert(options["source"], file, options["into"])
        screen.show_remarks(conversion.remarks)
        return document_of(options["into"], conversion)

    def convert(self, file: str | None, screen: Screen, options: Options) -> None:
        """Write another program's policies to a file."""
        document = self.converted(file, screen, options)
        path = Path(options["convert"])
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        self.save(path, [text], options, "Choose another name")
        if options["verbosity"]:
            self.stderr.write(f"Wrote {path}. Nothing was imported.")

    def save_rejects(self, file: str, made: Import, format_name: str, options: Options) -> None:
        """Write the rejected rows, if any, before anything else is written."""
        if not made.rejects.entries:
            return
        path = Path(options["rejects"] or _rejects_beside(file, format_name))
        pieces = FORMATS[_rejects_format(format_name)].write_rejects(made.rejects)
        self.save(path, pieces, options, "Name another file with --rejects")
        if options["verbosity"]:
            count = len(made.rejects.entries)
            rows = "1 rejected row" if count == 1 else f"{count:,} rejected rows"
            self.stderr.write(f"Wrote {rows} to {path}.")

    def save(self, path: Path, pieces: Iterable[str], options: Options, way_out: str) -> None:
        """Write a file, or raise CommandError that names the way out."""
        try:
            save(path, pieces, force=options["force"])
        except FileExistsError:
            message = f"{path} exists. {way_out}, or --force to replace it."
            raise CommandError(message) from None
        except OSError as error:
            message = f"{path} cannot be written: {error.strerror}. Nothing was imported."
            raise CommandError(message) from None


def _check_usage(file: str | None, options: dict[str, object]) -> None:
    message = ""
    if not (file or options["source"]):
        message = "Name a file, or - for standard input."
    elif options["source"] and not options["into"]:
        message = (
            "Use --into SLUG to name the tenant that gets the policies (platform for all tenants)."
        )
    elif options["convert"] and not options["source"]:
        message = "--convert needs --from."
    elif not options["source"] and _format_of(file, options) == TEXT:
        if not options["into"]:
            message = "Use --into SLUG to name the tenant that gets the origins of the text."
        elif options["prune"]:
            message = "--prune needs a file that lists everything, which a text does not."
    if message:
        raise CommandError(message, returncode=2)


def _format_of(file: str | None, options: Options) -> str:
    name = file or ""
    by_name = TEXT if name.lower().endswith(".txt") else format_for(name)
    return options["input_format"] or by_name


def _rejects_format(format_name: str) -> str:
    return "csv" if format_name in ("xlsx", TEXT) else format_name


def _rejects_beside(file: str, format_name: str) -> Path:
    suffix = f".{_rejects_format(format_name)}"
    if file == STANDARD_INPUT:
        return Path(f"rejects{suffix}")
    path = Path(file)
    return path.with_name(f"{path.stem}.rejects{suffix}")
