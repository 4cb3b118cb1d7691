"""Write the stored policies to a file that cors_import reads."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corsadmin.transfer.exporting import unknown_slugs
from corsadmin.transfer.formats import FORMATS
from corsadmin.transfer.saving import save

EXAMPLES = """
examples:
  manage.py cors_export > policies.json
  manage.py cors_export --output policies.json --force
  manage.py cors_export --format csv --output origins.csv
  manage.py cors_export --tenant acme --tenant globex

exit status: 0 done, 1 refused, 2 wrong usage
"""


class Command(BaseCommand):
    help = "Write the stored policies, sorted, to standard output or to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "--tenant",
            action="append",
            metavar="SLUG",
            help="only this tenant; may be repeated (default: all tenants)",
        )
        parser.add_argument(
            "--format", choices=FORMATS, default="json", help="format of the file (default: json)"
        )
        parser.add_argument(
            "--output",
            default="-",
            metavar="FILE",
            help="write to this file, which only its owner may read (default: standard output)",
        )
        parser.add_argument("--force", action="store_true", help="replace a file that exists")

    def handle(self, *_args: Any, **options: Any) -> None:
        slugs = options["tenant"]
        unknown = unknown_slugs(slugs) if slugs else []
        if unknown:
            message = f"There is no tenant {', '.join(unknown)}."
            raise CommandError(message)
        pieces = FORMATS[options["format"]].write(slugs)
        if options["output"] == "-":
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        path = Path(options["output"])
        try:
            save(path, pieces, force=options["force"])
        except FileExistsError:
            message = f"{path} exists. Choose another name, or --force to replace it."
            raise CommandError(message) from None
        except OSError as error:
            message = f"{path} cannot be written: {error.strerror}."
            raise CommandError(message) from None
        if options["verbosity"]:
            self.stderr.write(f"Wrote {path}.")
